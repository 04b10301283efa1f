"""The credentials by which a process comes onto the bus: renewed ones are used at once, and their end is told."""

import asyncio
import base64
import json
import math
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import structlog

from services.chassis.service import Service

logger = structlog.get_logger(__name__)

LOOK = 5.0
"""Seconds between two looks at the file."""
TROUBLE = "credentials"
REMEDY = "请保持 duban node keep 运行，或执行 duban node push"


class Validity(NamedTuple):
    """From when until when credentials work, in Unix time; without an end it is infinite."""

    issued: float
    expires: float

    @property
    def day(self) -> str:
        return f"{datetime.fromtimestamp(self.expires, UTC):%Y-%m-%d %H:%M} UTC"


def validity(file: Path) -> Validity:
    """What the JWT in a credentials file says of itself. Raises OSError, or ValueError for any other file."""
    try:
        body = file.read_text().split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return Validity(claims["iat"], claims.get("exp", math.inf))
    except LookupError:
        raise ValueError(f"{file} holds no credentials") from None


async def connect(service: Service) -> None:
    """Onto the bus, which would refuse credentials that have ended again and again without a word of why."""
    if file := service.credentials:
        try:
            present = validity(file)
        except (OSError, ValueError) as error:
            raise SystemExit(f"读不到总线凭据（{error}）：请用 duban node setup 写出，并让本服务的用户能读") from None
        if present.expires <= time.time():
            raise SystemExit(f"总线凭据 {file} 已于 {present.day} 到期：{REMEDY}")
        service.admitted_until = present.expires
    await service.broker.connect()


async def watch(service: Service, file: Path) -> None:
    """For as long as the process: come anew with what was renewed; nobody is put out who does so before the end."""
    while True:
        await asyncio.sleep(LOOK)
        try:
            present = validity(file)
        except (OSError, ValueError) as error:
            service.report_trouble(TROUBLE, f"读不到总线凭据：{error}")
            continue
        if present.expires != service.admitted_until:
            logger.info("comes anew with renewed credentials", until=present.day)
            service.admitted_until = present.expires
            await service.nc.force_reconnect()
        if present.expires - time.time() < (present.expires - present.issued) / 4:
            service.report_trouble(TROUBLE, f"总线凭据将于 {present.day} 到期，还没有换新：{REMEDY}")
        else:
            service.clear_trouble(TROUBLE)
