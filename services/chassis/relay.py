"""The one relay of a service: publishes what waits in its outbox, what people do before what an import says."""

import asyncio

from asyncpg import Connection
from nats.aio.client import Client

from services.chassis import bus, metrics, outbox, places
from services.chassis.backlog import Backlog, backlog_of
from services.chassis.completeness import same_stream
from services.chassis.pacing import PAUSE, Pace
from services.chassis.places import FAR, OUTBOX, Place
from services.chassis.publishing import line, publish
from services.chassis.refill import agree
from services.chassis.service import Service

PROBE = 1
"""Events of the bulk lane that go out unasked: they show that more wait."""
LOOK = 2.0
"""Seconds between two looks whether the stream is still the same."""


async def lead(connection: Connection, service: Service) -> None:
    """Make log and stream agree; then publish what waits, tick it off after the stream has it, sleep until poked."""
    await bus.ensure(service)  # also after a reconnection: the server may have come back empty
    backlog, pace = await backlog_of(connection), Pace(service)
    clock = asyncio.get_running_loop().time
    async with await line(service) as nc, outbox.poked(service) as awake:
        backlog.place = await agree(connection, service, nc)
        looked = clock()
        while True:
            awake.clear()
            if clock() - looked >= LOOK:
                backlog.place = await look(connection, service, backlog.place)
                looked = clock()
            allowance = await pace.allowance() if backlog.bulk_waits else PROBE
            if not await publish_next(service, nc, backlog, allowance):
                await outbox.sleep(awake, PAUSE if backlog.bulk_waits else service.settings.poll)


async def look(connection: Connection, service: Service, place: Place) -> Place:
    """The stream still has the place; it is moved to the end where others published much, so that a start is short."""
    stream = await same_stream(service, place)
    if stream.last < place.seq + FAR or not (message := await bus.message_at(service, stream.last)):
        return place
    place = place._replace(seq=stream.last, id=message.id, sent_at=message.sent_at)
    await places.keep(connection, OUTBOX, place)
    return place


async def publish_next(service: Service, nc: Client, backlog: Backlog, allowance: int) -> int:
    """One batch from what waits, at most `allowance` of it from the bulk lane; returns how many."""
    rows = await backlog.take(service.settings.batch, allowance)
    last = await publish(service, nc, rows)
    await backlog.done(rows, last)
    metrics.PUBLISHED.labels(service.name).inc(len(rows))
    return len(rows)
