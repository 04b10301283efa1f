"""The one relay of a service: publishes what waits in its outbox, what people do before what an import says."""

import asyncio

from asyncpg import Connection

from services.chassis import bus, metrics, outbox, places
from services.chassis.backlog import Backlog, backlog_of
from services.chassis.completeness import same_stream
from services.chassis.pacing import PAUSE, Pace
from services.chassis.places import FAR, OUTBOX, Place
from services.chassis.publishing import publish
from services.chassis.refill import agree
from services.chassis.service import Service

PROBE = 1
"""Events of the bulk lane that go out unasked: they show that more wait."""
LOOK = 2.0
"""Seconds between two looks whether the stream is still the same."""


async def lead(connection: Connection, service: Service) -> None:
    """Make log and stream agree; then publish what waits, tick it off after the stream has it, sleep until poked."""
    connected = bus.connection_of(service)
    await bus.ensure(service)  # also after a reconnection: the server may have come back empty
    backlog, pace = await backlog_of(connection), Pace(service)
    backlog.place = await agree(connection, service)
    clock = asyncio.get_running_loop().time
    looked = clock()
    async with outbox.poked(service) as awake:
        while True:
            awake.clear()
            if clock() - looked >= LOOK:
                backlog.place = await look(connection, service, backlog.place)
                looked = clock()
            allowance = await pace.allowance() if backlog.bulk_waits else PROBE
            if not await publish_next(service, backlog, allowance, connected):
                await outbox.sleep(awake, PAUSE if backlog.bulk_waits else service.settings.poll)


async def look(connection: Connection, service: Service, place: Place) -> Place:
    """The stream still has the place; it is moved to the end where others published much, so that a start is short."""
    stream = await same_stream(service, place)
    if stream.last < place.seq + FAR or not (message := await bus.message_at(service, stream.last)):
        return place
    place = place._replace(seq=stream.last, id=message.id, sent_at=message.sent_at)
    await places.keep(connection, OUTBOX, place)
    return place


async def publish_next(service: Service, backlog: Backlog, allowance: int, connected: int | None = None) -> int:
    """One batch from what waits, at most `allowance` of it from the bulk lane; returns how many.

    Raises ConnectionError where the connection to the bus is not the one of before, `connected`: lead anew.
    """
    rows = await backlog.take(service.settings.batch, allowance)
    last = await publish(service, rows)
    if connected is not None and connected != bus.connection_of(service):
        raise ConnectionError("the bus was away")
    await backlog.done(rows, last)
    metrics.PUBLISHED.labels(service.name).inc(len(rows))
    return len(rows)
