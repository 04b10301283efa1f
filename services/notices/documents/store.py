"""Documents: the last state of each, what it says, and what waits for its PDF."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Connection, Record
from pydantic import TypeAdapter

from contracts.events.notice import NoticeAmended, NoticeDrafted, NoticeEvent, NoticeSigned
from contracts.notice import Notice, NoticeItem, Recipient
from contracts.register import Unit
from services.chassis import tracing
from services.notices.documents.domain.lists import ListStanding
from services.notices.documents.domain.notice import FullNotice

ITEMS = TypeAdapter(tuple[NoticeItem, ...])
UNITS = TypeAdapter(tuple[Recipient, ...])
PARAGRAPHS = TypeAdapter(tuple[str, ...])
LONGEST_PAUSE = 300

SAVE = """
insert into notice (notice_id, state, issuer, number, list_key, send_at, signed_at, changed_at, notice)
select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[],
    $8::timestamptz[], $9::json[])
on conflict (notice_id) do update set state = excluded.state, number = excluded.number, send_at = excluded.send_at,
    signed_at = excluded.signed_at, changed_at = excluded.changed_at, notice = excluded.notice
"""
SAVE_WORDS = """
update notice set items = $2, recipients = $3, copies = $4, paragraphs = $5, trace = $6 where notice_id = $1
"""
SAVE_CONTENT = "update notice set content = $2, trace = $3 where notice_id = $1"
COLUMNS = "notice::text, items::text, recipients::text, copies::text, paragraphs::text, trace"
ONE = f"select {COLUMNS} from notice where notice_id = $1 for update"
SOME = f"""
select {COLUMNS} from notice
where notice_id = any($1) or list_key = any($2) and state = 'draft' and (notice->>'items')::int < $3
order by notice_id for update
"""
LISTS = """
select list_key, count(*) as documents, bool_or(number <> '') as numbered
from notice where list_key = any($1) group by list_key
"""
AUTOMATIC = f"""
select {COLUMNS} from notice
where state = 'draft' and send_at is not null and greatest(send_at, changed_at + make_interval(secs => $2)) <= $1
and not exists (select from held where held.notice_id = notice.notice_id and until > $1)
order by send_at, notice_id limit 1 for update skip locked
"""
HOLD = """
insert into held (notice_id, until, reason) values ($1, $2, $3)
on conflict (notice_id) do update set until = excluded.until, reason = excluded.reason
"""
UNRENDERED = f"""
select {COLUMNS}, content from notice
where state = 'signed'
and not exists (select from render_failure f where f.notice_id = notice.notice_id and f.again_at > now())
order by signed_at, notice_id limit 1 for update skip locked
"""
FAILED = f"""
insert into render_failure (notice_id, error) values ($1, $2)
on conflict (notice_id) do update set tries = render_failure.tries + 1, error = excluded.error,
    again_at = now() + make_interval(secs => least(power(2, render_failure.tries), {LONGEST_PAUSE}))
"""
UNIT = """
insert into unit (address, supervises, unit) select * from unnest($1::text[], $2::text[], $3::json[])
on conflict (address) do update set supervises = excluded.supervises, unit = excluded.unit
"""
UNITS_AND_PARENTS = """
with recursive chosen (address) as (
    select unnest($1::text[])
    union select unit->>'parent' from unit join chosen using (address)
)
select unit::text from unit join chosen using (address)
"""


async def save(db: Connection, events: Sequence[NoticeEvent]) -> list[Notice]:
    """The last states; returns them."""
    last = {event.notice.notice_id: event for event in events}
    rows = [_row(event.notice, event.time) for event in last.values()]
    await db.execute(SAVE, *(list(column) for column in zip(*rows, strict=True)))
    return [event.notice for event in last.values()]


def _row(notice: Notice, changed_at: datetime) -> tuple[object, ...]:
    columns = (notice.notice_id, notice.state, notice.issuer, notice.number, notice.list_key, notice.send_at)
    return *columns, notice.signed_at, changed_at, notice.model_dump_json()


async def save_words(db: Connection, events: Sequence[NoticeDrafted | NoticeAmended]) -> None:
    """The words of drafts, which only these events carry."""
    await db.executemany(SAVE_WORDS, [_words(event) for event in events])


def _words(event: NoticeDrafted | NoticeAmended) -> tuple[object, ...]:
    words = (
        ITEMS.dump_json(event.items),
        UNITS.dump_json(event.recipients),
        UNITS.dump_json(event.copies),
        PARAGRAPHS.dump_json(event.paragraphs),
    )
    return event.notice.notice_id, *(text.decode() for text in words), tracing.now().span_of(event).traceparent


async def save_content(db: Connection, event: NoticeSigned) -> None:
    """What was signed, as it will be rendered."""
    await db.execute(SAVE_CONTENT, event.notice.notice_id, event.content, tracing.now().span_of(event).traceparent)


async def notice(db: Connection, notice_id: UUID) -> FullNotice | None:
    """One document, locked."""
    row = await db.fetchrow(ONE, notice_id)
    return _full(row) if row else None


async def notices(db: Connection, ids: Sequence[UUID], lists: Sequence[str], limit: int) -> dict[UUID, FullNotice]:
    """These documents, and the drafts of these lists that hold fewer than `limit` matters, locked."""
    each = [_full(row) for row in await db.fetch(SOME, ids, lists, limit)]
    return {full.notice.notice_id: full for full in each}


async def lists(db: Connection, keys: Sequence[str]) -> dict[str, ListStanding]:
    """How these lists stand, those there are."""
    rows = await db.fetch(LISTS, keys)
    return {row["list_key"]: ListStanding(row["documents"], row["numbered"]) for row in rows}


async def next_automatic(db: Connection, now: datetime, quiet: int) -> FullNotice | None:
    """The next draft that goes out by itself, quiet for `quiet` seconds and worked on by nobody else; locked."""
    row = await db.fetchrow(AUTOMATIC, now, quiet)
    return _full(row) if row else None


async def hold(db: Connection, notice_id: UUID, until: datetime, reason: str) -> None:
    """It cannot go out by itself for now."""
    await db.execute(HOLD, notice_id, until, reason)


async def unrendered(db: Connection) -> tuple[FullNotice, str] | None:
    """The document signed longest ago that has no PDF and that nobody else works on, locked; and its content."""
    row = await db.fetchrow(UNRENDERED)
    return (_full(row), row["content"]) if row else None


async def render_failed(db: Connection, notice_id: UUID, error: str) -> None:
    """It could not be rendered: again after 1, 2, 4 … seconds."""
    await db.execute(FAILED, notice_id, error)


async def save_units(db: Connection, units: Sequence[Unit]) -> None:
    """Units as the register has them; of two entries for one unit the later holds."""
    last = {unit.address: unit for unit in units}
    rows = [(unit.address, unit.supervises, unit.model_dump_json()) for unit in last.values()]
    await db.execute(UNIT, *map(list, zip(*rows, strict=True)))


async def units(db: Connection, addresses: Sequence[str]) -> dict[str, Unit]:
    """Those of these units that are on the register, and the units that they belong to."""
    rows = await db.fetch(UNITS_AND_PARENTS, addresses)
    each = [Unit.model_validate_json(row["unit"]) for row in rows]
    return {unit.address: unit for unit in each}


async def is_demo(db: Connection) -> bool:
    """The demo mark stands in this database."""
    return await db.fetchval("select exists (select from mark where name = 'demo')")


def _full(row: Record) -> FullNotice:
    words: dict[str, Any] = {
        "items": ITEMS.validate_json(row["items"]),
        "recipients": UNITS.validate_json(row["recipients"]),
        "copies": UNITS.validate_json(row["copies"]),
        "paragraphs": PARAGRAPHS.validate_json(row["paragraphs"]),
        "trace": row["trace"],
    }
    return FullNotice(Notice.model_validate_json(row["notice"]), **words)
