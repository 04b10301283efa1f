"""What a service does as time passes: by the database's clock, in the one place that holds the lock."""

import asyncio
from functools import partial

from asyncpg import Connection

from services.chassis import log, outbox
from services.chassis.handlers import Handler
from services.chassis.leading import Work
from services.chassis.service import Service


async def run(service: Service, handler: Handler, db: Connection) -> None:
    """Tick; again at once while it emits, else after `tick` seconds; not while the mark `paused` stands."""
    while True:
        log.trace()
        async with db.transaction():
            now = await db.fetchval("select now() where not exists (select from mark where name = 'paused')")
            events = await handler.call(db, now, **handler.arguments(service)) if now else ()
            await outbox.emit(db, service.handlers, events)
        if events:
            await outbox.poke(service)
        else:
            await asyncio.sleep(service.settings.tick)


def jobs(service: Service) -> dict[str, Work]:
    """Each tick handler as a job that leads under its own name."""
    return {f"tick.{handler.call.__name__}": partial(run, service, handler) for handler in service.handlers.ticks}
