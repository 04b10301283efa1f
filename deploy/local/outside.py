"""Servers somebody else runs (DUBAN_PG_DSN, DUBAN_NATS_URL): reachable, and new enough?"""

import asyncio
import json
import socket
from urllib.parse import urlsplit

import asyncpg

from deploy.local import nats, postgres
from deploy.local.settings import Trouble


def check_postgres(dsn: str) -> None:
    """Trouble unless the server answers and is new enough."""

    async def major() -> int:
        connection = await asyncpg.connect(dsn, timeout=5)
        try:
            return connection.get_server_version().major
        finally:
            await connection.close()

    try:
        version = asyncio.run(major())
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as problem:
        raise Trouble(f"连不上 DUBAN_PG_DSN 所指的 PostgreSQL（{problem}）：请检查地址、用户与口令") from None
    postgres.check_version(version)


def check_nats(url: str) -> None:
    """Trouble unless the server answers and is new enough; the first line it sends names its version."""
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 4222), timeout=5) as connection:
            greeting = connection.makefile("rb").readline()
        word, _, body = greeting.partition(b" ")
        version = json.loads(body)["version"] if word == b"INFO" else None
    except (OSError, ValueError, KeyError) as problem:
        raise Trouble(f"连不上 DUBAN_NATS_URL 所指的 NATS（{problem}）：请检查地址") from None
    if version is None:
        raise Trouble(f"DUBAN_NATS_URL 所指的 {parts.hostname}:{parts.port} 不是 NATS 服务器：请检查地址")
    nats.check_version(version)
