"""Servers somebody else runs (DUBAN_PG_DSN, DUBAN_NATS_URL): reachable, and new enough?"""

import asyncio
import json
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
from nats.errors import Error

from deploy.local import nats, postgres
from deploy.local.settings import Trouble
from services.chassis.settings import Settings
from services.nodes.bus import prepare


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


def prepare_nats(urls: str, credentials: Path | None, ca: Path | None) -> None:
    """Check the bus, then make the streams where they are missing. Trouble with what is wrong."""
    check_nats(urls, credentials)
    try:
        asyncio.run(prepare(Settings(nats_url=urls, nats_credentials=credentials, nats_ca=ca)))
    except (Error, OSError) as problem:
        raise Trouble(
            f"DUBAN_NATS_URL 所指的 NATS 没有建好事件流（{problem}）：请检查凭据，以及它是否启用了 JetStream"
        ) from None


def check_nats(urls: str, credentials: Path | None) -> None:
    """Trouble unless every server answers and is new enough; its first line says what it is and wants."""
    for url in urls.split(","):
        parts = urlsplit(url)
        info = greeting(parts.hostname or "", parts.port or 4222)
        nats.check_version(info["version"])
        if info.get("auth_required") and not (credentials or parts.username):
            raise Trouble(
                f"DUBAN_NATS_URL 所指的 {parts.hostname}:{parts.port} 要求凭据：请设 DUBAN_NATS_CREDENTIALS，"
                "指向 duban node setup 写出的 creds 目录"
            )


def greeting(host: str, port: int) -> dict[str, Any]:
    """What a server says before anything else. Trouble where nobody answers, or somebody else."""
    try:
        with socket.create_connection((host, port), timeout=5) as connection:
            line = connection.makefile("rb").readline()
        word, _, body = line.partition(b" ")
        info = json.loads(body) if word == b"INFO" else {}
    except (OSError, ValueError) as problem:
        raise Trouble(f"连不上 DUBAN_NATS_URL 所指的 NATS（{problem}）：请检查地址") from None
    if "version" not in info:
        raise Trouble(f"DUBAN_NATS_URL 所指的 {host}:{port} 不是 NATS 服务器：请检查地址")
    return info
