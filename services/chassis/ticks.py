"""Where time itself acts: by the database's clock, in the one place that holds the lock."""

import asyncio
from functools import partial

from asyncpg import Connection

from services.chassis import log, outbox
from services.chassis.db import lead
from services.chassis.handlers import Marked
from services.chassis.service import Service


async def run(db: Connection, service: Service, marked: Marked) -> None:
    """Tick; again at once while something was said, else after `tick` seconds; rest while the mark `paused` stands."""
    while True:
        log.trace()
        async with db.transaction():
            now = await db.fetchval("select now() where not exists (select from mark where name = 'paused')")
            said = await marked.call(db, now, **marked.given(service)) if now else ()
            await outbox.emit(db, service.handlers, said)
        if said:
            await outbox.poke(service)
        else:
            await asyncio.sleep(service.settings.tick)


def jobs(service: Service) -> dict[str, partial]:
    """Each clock of the service as a job that leads under its own name."""
    return {
        marked.call.__name__: partial(lead, service, f"clock.{marked.call.__name__}", partial(_run, service, marked))
        for marked in service.handlers.clocks
    }


async def _run(service: Service, marked: Marked, db: Connection) -> None:
    await run(db, service, marked)
