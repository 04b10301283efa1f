"""The one relay of a service: publishes what waits in its outbox, what people do before what an import says."""

import asyncio

from asyncpg import Connection

from services.chassis import bus, metrics, outbox
from services.chassis.backlog import Backlog, backlog_of
from services.chassis.completeness import same_stream
from services.chassis.pacing import PAUSE, Pace
from services.chassis.publishing import publish
from services.chassis.refill import refill_if_new
from services.chassis.service import Service

PROBE = 1
"""Events of the bulk lane that go out unasked: they show that more wait."""
LOOK = 2.0
"""Seconds between two looks whether the stream is still the same; it is also looked at after each reconnection."""


async def lead(connection: Connection, service: Service) -> None:
    """Fill a stream made anew; then publish what waits, tick it off after the stream has it, sleep until poked."""
    await bus.ensure(service)  # also after a reconnection: the server may have come back empty
    backlog, pace = await backlog_of(connection), Pace(service)
    created, clock = await refill_if_new(connection, service), asyncio.get_running_loop().time
    looked, reconnects = clock(), service.nc.stats["reconnects"]
    async with outbox.poked(service) as awake:
        while True:
            awake.clear()
            if clock() - looked >= LOOK or service.nc.stats["reconnects"] != reconnects:
                await same_stream(service, created)
                looked, reconnects = clock(), service.nc.stats["reconnects"]
            allowance = await pace.allowance() if backlog.bulk_waits else PROBE
            if not await publish_next(service, backlog, allowance):
                await outbox.sleep(awake, PAUSE if backlog.bulk_waits else service.settings.poll)


async def publish_next(service: Service, backlog: Backlog, allowance: int) -> int:
    """One batch from what waits, at most `allowance` of it from the bulk lane; returns how many."""
    rows = await backlog.take(service.settings.batch, allowance)
    await publish(service, rows)
    await backlog.done(rows)
    metrics.PUBLISHED.labels(service.name).inc(len(rows))
    return len(rows)
