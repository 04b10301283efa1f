"""Places in the stream, kept in the database: it alone says how far a service has read and published."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from asyncpg import Connection

from services.chassis import bus
from services.chassis.service import Service

INBOX, OUTBOX = "inbox", "outbox"
FAR = 1_000
"""Events that may pass by a place before it is moved for their sake: so many are passed again at a start."""
KEEP = """
insert into place (job, hour, created, seq, id, low, sent_at)
values ($1, date_trunc('hour', now()), $2, $3, $4, $5, $6)
on conflict (job, hour) do update
set created = excluded.created, seq = excluded.seq, id = excluded.id, low = excluded.low, sent_at = excluded.sent_at
"""
KEPT = "select created, seq, id, low, sent_at from place where job = $1 and created = $2 order by seq desc"
FORGET = "delete from place where job = $1 and created = $2 and seq > $3"


class Place(NamedTuple):
    """The message `id` stands at `seq` of the stream made at `created`; 0: before the first.

    low: where an outbox had published so far, every event of its log with a smaller number had been published.
    sent_at: when the stream took that message. Published again, it may come to the same place with others before it;
    None where it is one's own, which nobody else publishes.
    """

    created: datetime
    seq: int = 0
    id: str = ""
    low: int = 0
    sent_at: datetime | None = None


NOWHERE = Place(bus.EPOCH)
"""In no stream that there is."""


async def keep(db: Connection, job: str, place: Place) -> None:
    """The last of each hour stays: a stream brought back from a copy is taken up where the copy was made."""
    await db.execute(KEEP, job, *place)


async def kept(db: Connection, job: str, created: datetime) -> list[Place]:
    """Those of the stream made then, the last first."""
    return [Place(*row) for row in await db.fetch(KEPT, job, created)]


async def standing(service: Service, places: Sequence[Place]) -> Place | None:
    """The first of them where the stream still has that very message; what came after it was lost from its end."""
    for place in places:
        if not place.seq or await stands(service, place):
            return place
    return None


async def stands(service: Service, place: Place) -> bool:
    """Whether that very message is there, taken at that very moment."""
    message = await bus.message_at(service, place.seq)
    return message is not None and message.id == place.id and place.sent_at in (None, message.sent_at)


async def forget(db: Connection, job: str, after: Place) -> None:
    """The places later than this one are in a part of the stream that is lost."""
    await db.execute(FORGET, job, after.created, after.seq)
