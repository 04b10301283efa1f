"""The one who makes the streams, renews our credentials, and tells a bus that lost something everything again."""

import asyncio

import structlog
from nats.errors import Error

from services.nodes.bus import Bus, Refused, connected
from services.nodes.registrar import Registrar
from services.nodes.settings import Settings

logger = structlog.get_logger(__name__)

PAUSE = 2.0
"""Seconds between two looks at the bus."""
DAY = 86_400


async def keep(settings: Settings) -> None:
    """For ever: after each connection, and whenever a stream is gone or was made anew."""
    registrar = Registrar(settings)
    while True:
        try:
            async with connected(settings, registrar.authority, DAY) as bus:
                await resync(registrar, bus)
        except (Error, OSError, Refused) as error:
            logger.warning("the bus is looked for again", error=str(error))
        await asyncio.sleep(PAUSE)


async def resync(registrar: Registrar, bus: Bus) -> None:
    """Until the connection ends. Raises what the bus raises."""
    before = ["", ""]
    while True:
        if not all(before) or await bus.streams_created() != before:
            count = await registrar.push(bus)
            before = await bus.streams_created()
            logger.info("the bus has its streams and knows every node", nodes=count, streams=before)
        registrar.renew()
        await asyncio.sleep(PAUSE)
