"""All SQL about the feed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from asyncpg import Connection, Record

from contracts.envelope import Event
from services.chassis.outbox import transposed
from services.portal.feed.timeline import TimelineEntry, line
from services.portal.identity.reader import Reader
from services.portal.web.cursors import Page, opened, ordinal, sealed

EPOCH = "insert into feed_epoch select gen_random_uuid() where not exists (select from feed_epoch)"
ADD = """
with written as (
    insert into feed (event_id, type, aggregate, version, owner, time, task_id, notice_id, in_timeline, evidence, body)
    select id, type, aggregate, version, owner, time, task_id, notice_id, in_timeline,
        coalesce(string_to_array(nullif(evidence, ''), ' '), '{}'), body
    from unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::text[], $6::timestamptz[], $7::uuid[], $8::uuid[],
            $9::boolean[], $10::text[], $11::json[])
        with ordinality
        as entry (id, type, aggregate, version, owner, time, task_id, notice_id, in_timeline, evidence, body, n)
    order by n
    returning seq, event_id)
insert into feed_audience select place, seq from unnest($12::uuid[], $13::text[]) as meant (event_id, place)
join written using (event_id)
"""
SEEN = "exists (select from feed_audience a where a.seq = feed.seq and a.place = any($1))"
NAMED = "(select name from person where person_id = body ->> 'actor') as actor_name"
OF_TASK = f"""
select seq, type, time, body, {NAMED}, count(*) over () as total from feed join (
    select seq from feed where task_id = $2 and in_timeline
    union
    select feed.seq from notice_task join feed using (notice_id) where notice_task.task_id = $2 and in_timeline
) lines using (seq)
where {SEEN} order by time desc, seq desc limit $3
"""
OF_NOTICE = f"""
select seq, type, time, body, {NAMED} from feed where notice_id = $2 and {SEEN} order by time desc, seq desc limit 100
"""
TICKER = f"""
select seq, type, time, body, {NAMED} from feed
where seq > (select coalesce(max(seq), 0) - 20000 from feed) and in_timeline and type <> 'notice.voided' and {SEEN}
order by seq desc limit $2
"""
AFTER = """
select seq, event_id, type, aggregate, owner, time, body from feed where seq in (
    select page.seq from unnest($1::text[]) wanted (place), lateral (
        select a.seq from feed_audience a {} where a.place = wanted.place and a.seq > $2 order by a.seq limit $3) page)
order by seq limit $3
"""
EVERY = AFTER.format("")
OF_TYPES = AFTER.format("join feed f on f.seq = a.seq and (f.type = any($4) or split_part(f.type, '.', 1) = any($4))")
LAST = """
select coalesce(max(last.seq), $2) from unnest($1::text[]) wanted (place), lateral (
    select seq from feed_audience a where a.place = wanted.place and seq > $2 order by seq desc limit 1) last
"""
REPORTS = f"""
select seq, event_id, time, body from feed
where task_id = $2 and aggregate = $3 and in_timeline and type in ('assignment.reported', 'assignment.submitted')
    and {SEEN} and seq < $4 order by seq desc limit $5
"""
CITED = f"""
select body #>> '{{assignment,unit}}' from feed
where evidence <> '{{}}' and evidence @> array[$2::text] and {SEEN} order by seq desc limit 1
"""
CITED_BY = f"""
select body #>> '{{assignment,unit}}' from feed
where task_id = $2 and evidence <> '{{}}' and $3 = any(evidence) and {SEEN} order by seq desc limit 1
"""


@dataclass(frozen=True)
class Entry:
    """An event with its raw body. audience: the places it is meant for. in_timeline: a timeline shows it."""

    event: Event
    body: str
    audience: Sequence[str]
    task_id: UUID | None
    notice_id: UUID | None
    in_timeline: bool


@dataclass(frozen=True)
class Pulled:
    """Some events, and the cursor to go on from."""

    events: list[Record]
    next: str


@dataclass(frozen=True)
class Timeline:
    """The latest lines, and how many there are in all."""

    lines: list[TimelineEntry]
    total: int


async def add(db: Connection, entries: Sequence[Entry]) -> None:
    """Write down events in their order, and for whom each is meant."""
    rows = [
        (e.id, e.type, e.aggregate, e.version, e.owner, e.time, entry.task_id, entry.notice_id, entry.in_timeline,
         " ".join(getattr(e, "evidence", ())), entry.body)
        for entry in entries for e in (entry.event,)
    ]  # fmt: skip
    meant = [(entry.event.id, place) for entry in entries for place in entry.audience]
    await db.execute(EPOCH)
    await db.execute(ADD, *transposed(rows, 11), *transposed(meant, 2))


async def of_task(db: Connection, reader: Reader, task_id: UUID, most: int) -> Timeline:
    """What happened to a task and its documents, latest first."""
    rows = await db.fetch(OF_TASK, sorted(reader.places), task_id, most)
    return Timeline([_line(row) for row in rows], rows[0]["total"] if rows else 0)


async def of_notice(db: Connection, reader: Reader, notice_id: UUID) -> list[TimelineEntry]:
    """What happened to a document, latest first."""
    return [_line(row) for row in await db.fetch(OF_NOTICE, sorted(reader.places), notice_id)]


async def ticker(db: Connection, reader: Reader, most: int = 6) -> list[TimelineEntry]:
    """The latest lines."""
    return [_line(row) for row in await db.fetch(TICKER, sorted(reader.places), most)]


async def after(db: Connection, reader: Reader, cursor: str, limit: int, types: Sequence[str] = ()) -> Pulled:
    """The events a reader may see, in order; a cursor of another epoch starts over. Raises CursorInvalid.

    types: of these types and families alone; the cursor then also passes over all that is of no such type.
    """
    epoch = str(await db.fetchval("select epoch from feed_epoch") or "")
    of, last = opened(cursor, str, ordinal) if cursor else (epoch, 0)
    start = last if of == epoch else 0
    places = sorted(reader.places)
    passed = await db.fetchval(LAST, places, start) if types else start  # first: what it counts is visible below
    of_types = (OF_TYPES, places, start, limit, list(types)) if types else (EVERY, places, start, limit)
    events = await db.fetch(*of_types)
    end = events[-1]["seq"] if events else start
    return Pulled(events, sealed(epoch, end if len(events) == limit else max(end, passed)))


async def reports(db: Connection, reader: Reader, task_id: UUID, assignment_id: UUID, limit: int, cursor: str) -> Page:
    """One page of the reports and completions of an assignment, latest first. Raises CursorInvalid."""
    (before,) = opened(cursor, ordinal) if cursor else (2**62,)
    aggregate = f"assignment/{assignment_id}"
    rows = await db.fetch(REPORTS, sorted(reader.places), task_id, aggregate, before, limit + 1)
    return Page(rows[:limit], sealed(rows[limit - 1]["seq"]) if len(rows) > limit else "")


async def end(db: Connection) -> str:
    """The cursor behind the last event there is."""
    epoch = str(await db.fetchval("select epoch from feed_epoch") or "")
    return sealed(epoch, await db.fetchval("select coalesce(max(seq), 0) from feed"))


async def cited(db: Connection, reader: Reader, digest: str) -> str | None:
    """The unit that cites a file as evidence in an event the reader may see; None where none does."""
    return await db.fetchval(CITED, sorted(reader.places), digest)


async def cited_by(db: Connection, reader: Reader, task_id: UUID, digest: str) -> str | None:
    """The unit that cites a file as evidence of this task in an event the reader may see; None where none does."""
    return await db.fetchval(CITED_BY, sorted(reader.places), task_id, digest)


def _line(row: Record) -> TimelineEntry:
    return line(row["type"], row["time"], json.loads(row["body"]), row["actor_name"] or "")
