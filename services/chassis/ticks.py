"""What a service does as time passes: by the database's clock, in the one place that holds the lock."""

import asyncio
from collections.abc import Sequence
from functools import partial

import structlog
from asyncpg import Connection

from contracts.envelope import Event
from services import tracing
from services.chassis import outbox
from services.chassis.handlers import Handler
from services.chassis.leading import Work
from services.chassis.service import Service

logger = structlog.get_logger(__name__)


async def run(service: Service, handler: Handler, db: Connection) -> None:
    """Tick; again at once while it emits, else after `tick` seconds."""
    while True:
        with tracing.Work(f"{service.name}.{handler.call.__name__}") as work:
            events = await tick(service, handler, db)
        if events:
            work.report(logger, "ticked")
            await outbox.poke(service)
        else:
            await asyncio.sleep(service.settings.tick)


async def tick(service: Service, handler: Handler, db: Connection) -> Sequence[Event]:
    """What time brought; nothing while the mark `paused` stands."""
    async with db.transaction():
        now = await db.fetchval("select now() where not exists (select from mark where name = 'paused')")
        events: Sequence[Event] = await handler.call(db, now, **handler.arguments(service)) if now else ()
        await outbox.emit(db, service.handlers, events)
    return events


def jobs(service: Service) -> dict[str, Work]:
    """Each tick handler as a job that leads under its own name."""
    return {f"tick.{handler.call.__name__}": partial(run, service, handler) for handler in service.handlers.ticks}
