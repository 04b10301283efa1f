"""What a service does as time passes: by the database's clock, in the one place that holds the lock."""

import asyncio

import structlog
from asyncpg import Connection

from services.chassis import outbox, tracing
from services.chassis.handlers import Handler
from services.chassis.service import Service

logger = structlog.get_logger(__name__)


async def lead(db: Connection, service: Service) -> None:
    """Tick in turn; again at once while one of them emits, else after `tick` seconds."""
    while True:
        emitted = [await tick(db, service, handler) for handler in service.handlers.ticks]
        if not any(emitted):
            await asyncio.sleep(service.settings.tick)


async def tick(db: Connection, service: Service, handler: Handler) -> int:
    """What time brought, as so many events; nothing while the mark `paused` stands."""
    with tracing.Work(f"{service.name}.{handler.call.__name__}") as work:
        async with db.transaction():
            now = await db.fetchval("select now() where not exists (select from mark where name = 'paused')")
            events = await handler.call(db, now, **handler.arguments(service)) if now else ()
            await outbox.emit(db, service.handlers, events)
    if events:
        work.report(logger, "ticked")
        await outbox.poke(service)
    return len(events)
