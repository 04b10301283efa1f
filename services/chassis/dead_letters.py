"""Messages that could not be handled: kept with their error until an operator retries or drops them."""

import json

from asyncpg import Connection

from services.chassis import bus, metrics
from services.chassis.bus import Message

PASS = """
insert into inbox (aggregate, version) values ($1, $2)
on conflict (aggregate) do update set version = greatest(inbox.version, excluded.version)
"""
PARK = """
insert into dead_letter (id, type, aggregate, sequence, subject, body, error, trace)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (id) do update set error = excluded.error, retry = false
"""


async def park(db: Connection, service: str, message: Message, error: str) -> None:
    """Keep what could not be handled, counted, until an operator retries or drops it."""
    texts = [bus.storable(text) for text in (*message[:3], message.subject, error, message.trace)]
    await db.execute(PARK, *texts[:3], message.sequence, texts[3], message.body, *texts[4:])
    metrics.MESSAGES.labels(service, message.kind, "parked").inc()
    metrics.DEAD.labels(service, message.kind).inc()


async def drop(db: Connection, id: str) -> bool:
    """Give a dead letter up; the mark moves past it, so that a second delivery is not handled either."""
    async with db.transaction():
        row = await db.fetchrow("delete from dead_letter where id = $1 returning aggregate, body", id)
        if row and row["aggregate"] and (version := version_in(row["body"])):
            await db.execute(PASS, row["aggregate"], version)
        return row is not None


def version_in(body: bytes) -> int | None:
    """The version a letter gives itself; None where there is none that a mark could move past."""
    try:
        version = json.loads(body)["version"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return version if type(version) is int and 0 < version < 2**31 else None
