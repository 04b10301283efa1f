"""A bus that lost its accounts or its streams is told everything again, as soon as it is back."""

import asyncio

import structlog
from nats.errors import Error

from services.nodes.bus import Bus, Refused, connected
from services.nodes.registrar import Registrar
from services.nodes.settings import Settings

logger = structlog.get_logger(__name__)

PAUSE = 2.0
"""Seconds between two looks at the bus."""


async def keep(settings: Settings) -> None:
    """For ever: after each connection, and whenever the stream of events was made anew."""
    registrar = Registrar(settings)
    while True:
        try:
            async with connected(settings, registrar.authority) as bus:
                await resync(registrar, bus)
        except (Error, OSError, Refused) as error:
            logger.warning("the bus is looked for again", error=str(error))
        await asyncio.sleep(PAUSE)


async def resync(registrar: Registrar, bus: Bus) -> None:
    """Until the connection ends. Raises what the bus raises."""
    known_stream = ""
    while True:
        if (created := await bus.stream_created()) and created != known_stream:
            count = await registrar.push(bus)
            known_stream = created
            logger.info("the bus knows every node", nodes=count, stream=created)
        await asyncio.sleep(PAUSE)
