"""Where time itself acts: by the database's clock, in the one place that holds the lock."""

import asyncio
from functools import partial

from asyncpg import Connection

from services.chassis import log, outbox
from services.chassis.db import lead
from services.chassis.marks import Marked
from services.chassis.room import Room


async def run(db: Connection, room: Room, marked: Marked) -> None:
    """Tick; again at once while something was said, else after `tick` seconds; rest while the mark `paused` stands."""
    while True:
        log.trace()
        async with db.transaction():
            now = await db.fetchval("select now() where not exists (select from mark where name = 'paused')")
            said = await marked.call(db, now, **marked.given(room)) if now else ()
            await outbox.say(db, room.handlers, said)
        if said:
            await outbox.poke(room)
        else:
            await asyncio.sleep(room.settings.tick)


def jobs(room: Room) -> dict[str, partial]:
    """Each clock of the service as a job that leads under its own name."""
    return {
        marked.call.__name__: partial(lead, room, f"clock.{marked.call.__name__}", partial(_run, room, marked))
        for marked in room.handlers.clocks
    }


async def _run(room: Room, marked: Marked, db: Connection) -> None:
    await run(db, room, marked)
