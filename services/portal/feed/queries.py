"""Everything that was said, in the order it was heard: the timeline of a task, the ticker, the feed of a county."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from asyncpg import Connection, Record

from contracts.envelope import Event
from services.portal.ledger.filters import opened, ordinal, sealed
from services.portal.identity.reader import Reader
from services.portal.ledger.queries import places

EPOCH = "insert into feed_epoch select gen_random_uuid() where not exists (select from feed_epoch)"
PUT = """
with said as (
    insert into feed (event_id, type, aggregate, version, owner, time, task_id, notice_id, body)
    select (body ->> 'id')::uuid, type, body ->> 'aggregate', (body ->> 'version')::int, body ->> 'owner',
        (body ->> 'time')::timestamptz,
        (coalesce(body ->> 'task_id', body #>> '{assignment,task_id}'))::uuid, (body ->> 'notice_id')::uuid, body
    from unnest($1::text[], $2::jsonb[]) with ordinality as e (type, body, n) order by n
    returning seq, event_id)
insert into feed_audience select place, seq from unnest($3::uuid[], $4::text[]) as seen (event_id, place)
join said using (event_id)
"""
TOLD = (
    "task.registered", "assignment.acknowledged", "assignment.reported", "assignment.submitted",
    "assignment.verified", "assignment.reworked", "assignment.closed", "assignment.due_changed",
    "assignment.suspended", "assignment.resumed", "assignment.cancelled", "light.changed",
    "clock.missed", "notice.signed", "notice.sent", "notice.voided", "delivery.received",
)  # fmt: skip
"""What a timeline tells; the rest follows from it, or comes before it is released."""
NEWS = tuple(kind for kind in TOLD if kind != "notice.voided")
"""What a ticker tells: a draft taken back is no news."""
WORTH = """
(type <> 'light.changed' or body ->> 'assignment_id' is not null) and (body ->> 'role' = 'lead'
    or type not in ('assignment.suspended', 'assignment.resumed', 'assignment.cancelled')
    and body ->> 'cause' is distinct from 'suspension')
"""
"""Of a light, the parts'; of what befalls a whole task, the lead's part stands for all."""
NAMED = """
(select short from unit where unit.unit = body ->> 'unit') as unit_name,
(select number from notice n where n.notice_id = feed.notice_id) as number,
(select title from notice n where n.notice_id = feed.notice_id) as paper
"""
TIMELINE = f"""
select seq, type, time, body, {NAMED} from feed
where (task_id = $1 or notice_id in (select notice_id from notice_task where task_id = $1))
and type = any($2) and {WORTH} order by time desc, seq desc limit $3
"""
OF_NOTICE = (
    f"select seq, type, time, body, {NAMED} from feed where notice_id = $1 order by time desc, seq desc limit 100"
)
TICKER = f"""
with recent as (select coalesce(max(seq), 0) - 20000 as start from feed)
select seq, type, time, body, {NAMED} from feed, recent
where seq > start and type = any($5) and {WORTH} and ($1 or seq in (
    select a.seq from feed_audience a where a.seq > start and (place = any($2) or place >= $3 and place < $4)))
order by seq desc limit $6
"""
AFTER = """
select seq, event_id, type, aggregate, owner, time, body from feed where seq in (
    select found.seq from unnest($2::text[]) wanted (place), lateral (
        select seq from feed_audience a where a.place = wanted.place and seq > $5 order by seq limit $6) found)
and ($1 or $3 < $4) order by seq limit $6
"""
AFTER_IN_REGION = """
select seq, event_id, type, aggregate, owner, time, body from feed
where seq > $5 and ($1 or seq in (select seq from feed_audience
    where seq > $5 and (place = any($2) or place >= $3 and place < $4)))
order by seq limit $6
"""


@dataclass(frozen=True)
class Pulled:
    """Some events, and the cursor to go on from."""

    events: list[Record]
    next: str


async def put(db: Connection, events: Sequence[Event]) -> None:
    """Write down what was heard, and where it is seen."""
    seen = [(event.id, place) for event in events for place in places(event)]
    said = [(event.type, event.model_dump_json()) for event in events]
    await db.execute(EPOCH)
    await db.execute(PUT, *map(list, zip(*said, strict=True)), *map(list, zip(*seen, strict=True)))


async def timeline(db: Connection, task_id: UUID, limit: int = 200) -> list[Record]:
    """What happened to a task, latest first."""
    return await db.fetch(TIMELINE, task_id, TOLD, limit)


async def of_notice(db: Connection, notice_id: UUID) -> list[Record]:
    """What happened to a document, latest first."""
    return await db.fetch(OF_NOTICE, notice_id)


async def ticker(db: Connection, reader: Reader, limit: int = 6) -> list[Record]:
    """The latest happenings in what a reader sees."""
    return await db.fetch(TICKER, *reader.sight, NEWS, limit)


async def after(db: Connection, reader: Reader, cursor: str, limit: int) -> Pulled:
    """The events a unit may see, in order; a cursor of another epoch starts over. Raises CursorInvalid."""
    epoch = str(await db.fetchval("select epoch from feed_epoch") or "")
    told, last = opened(cursor, str, ordinal) if cursor else (epoch, 0)
    start = last if told == epoch else 0
    found = await db.fetch(AFTER_IN_REGION if reader.region else AFTER, *reader.sight, start, limit)
    return Pulled(found, sealed(epoch, found[-1]["seq"] if found else start))


def said(row: Record) -> dict[str, Any]:
    """The event of a row, as it was said; in a timeline with the unit's and the document's names beside it."""
    beside = {name: row[name] for name in ("unit_name", "number", "paper") if row.get(name)}
    return {**beside, **json.loads(row["body"])}
