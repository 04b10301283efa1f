"""Documents, their rungs, and the last number of each series."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from asyncpg import Connection, Record
from pydantic import TypeAdapter

from contracts.events.notice import NoticeAmended, NoticeDrafted, NoticeRendered, NoticeSent, NoticeSigned, NoticeVoided
from contracts.notice import NoticeItem, Recipient
from contracts.terms import NoticeCause, NoticeKind, NoticeState
from services.notices.domain.climb import End
from services.notices.domain.notice import BY_ITSELF, Notice

ITEMS = TypeAdapter(tuple[NoticeItem, ...])
UNITS = TypeAdapter(tuple[Recipient, ...])

COLUMNS = """
notice_id, version, kind, state, issuer, issuer_name, owner, title, items::text, recipients::text, copies::text,
paragraphs, cause, occurrence, cites, list_key, send_at, number, reply_by
"""
DRAFTED = """
insert into notice (notice_id, version, kind, state, issuer, issuer_name, owner, title, items, recipients, copies,
    paragraphs, cause, occurrence, cites, list_key, send_at, changed_at)
values ($1, $2, $3, 'draft', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
"""
RUNG = """
insert into rung (assignment_id, kind, cause, occurrence, notice_id, unit, raised_at)
values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing
"""
AMENDED = """
update notice set version = $2, title = $3, items = $4, paragraphs = $5, recipients = coalesce($6, recipients),
    changed_at = $7 where notice_id = $1 returning kind, cause
"""
DROPPED = "update rung set ended = $3 where notice_id = $1 and assignment_id <> all($2) and ended is null"
SIGNED = """
update notice set version = $2, state = 'signed', number = $3, title = $4, content = $5, digest = $6, reply_by = $7,
    signed_at = $8, changed_at = $8 where notice_id = $1
"""
COUNTED = """
insert into series (issuer, series, year, last) values ($1, $2, $3, $4)
on conflict (issuer, series, year) do update set last = greatest(series.last, excluded.last)
"""
RENDERED = "update notice set version = $2, pdf = $3 where notice_id = $1"
SENT = "update notice set version = $2, state = 'sent' where notice_id = $1"
VOIDED = "update notice set version = $2, state = $3, changed_at = $4 where notice_id = $1"
OPEN_SERIES = "insert into series (issuer, series, year, last) values ($1, $2, $3, 0) on conflict do nothing"
NEXT = "select last + 1 from series where issuer = $1 and series = $2 and year = $3 for update"
ONE = f"select {COLUMNS} from notice where notice_id = $1 for update"
SOME = f"select {COLUMNS} from notice where notice_id = any($1) or list_key = any($2) order by notice_id for update"
OUTGOING = f"""
select {COLUMNS} from notice
where state = 'draft' and send_at is not null and greatest(send_at, changed_at + make_interval(secs => $2)) <= $1
and not exists (select from held where held.notice_id = notice.notice_id and until > $1)
order by send_at, notice_id limit 1 for update skip locked
"""
HOLD = """
insert into held (notice_id, until, reason) values ($1, $2, $3)
on conflict (notice_id) do update set until = excluded.until, reason = excluded.reason
"""


async def enter(db: Connection, events: Sequence[NoticeDrafted]) -> None:
    """New drafts, and the rungs they are."""
    await db.executemany(DRAFTED, [_draft(event) for event in events])
    await db.executemany(RUNG, [row for e in events for row in _rungs(e.notice_id, e.items, e.kind, e.cause, e.time)])


def _draft(e: NoticeDrafted) -> tuple[object, ...]:
    said = (e.notice_id, e.version, e.kind, e.issuer, e.issuer_name, e.owner, e.title)
    lists = (
        ITEMS.dump_json(e.items).decode(),
        UNITS.dump_json(e.recipients).decode(),
        UNITS.dump_json(e.copies).decode(),
    )
    return (*said, *lists, list(e.paragraphs), e.cause, e.occurrence, e.cites, e.list_key, e.send_at, e.time)


def _rungs(
    notice_id: UUID, items: Iterable[NoticeItem], kind: str, cause: str, at: datetime
) -> list[tuple[object, ...]]:
    return [(i.assignment_id, kind, i.cause or cause, i.occurrence, notice_id, i.unit, at) for i in items]


async def amend(db: Connection, event: NoticeAmended) -> None:
    """A draft gained or lost matters; what it lost was withdrawn."""
    units = UNITS.dump_json(event.recipients).decode() if event.recipients else None
    told = (event.title, ITEMS.dump_json(event.items).decode(), list(event.paragraphs), units, event.time)
    row = await db.fetchrow(AMENDED, event.notice_id, event.version, *told)
    await db.execute(DROPPED, event.notice_id, [item.assignment_id for item in event.items], End.WITHDRAWN)
    await db.executemany(RUNG, _rungs(event.notice_id, event.items, row["kind"], row["cause"], event.time))


async def sign(db: Connection, e: NoticeSigned) -> None:
    """The number is taken, the content frozen, and the PDF is waited for."""
    await db.execute(
        SIGNED, e.notice_id, e.version, e.number, e.title, e.content, e.digest, e.reply_by, e.time
    )  # fmt: skip
    await db.execute(COUNTED, e.address, e.series, e.year, e.sequence)
    await db.execute("insert into rendering (notice_id) values ($1)", e.notice_id)


async def keep_pdf(db: Connection, event: NoticeRendered) -> None:
    """The bytes are there; they are never made again."""
    await db.execute(RENDERED, event.notice_id, event.version, event.pdf)
    await db.execute("delete from rendering where notice_id = $1", event.notice_id)


async def send(db: Connection, event: NoticeSent) -> None:
    """It went out."""
    await db.execute(SENT, event.notice_id, event.version)


async def void(db: Connection, event: NoticeVoided) -> None:
    """A draft withdrawn, or a number void on record; what the ladder took back itself may be raised again."""
    state = NoticeState.VOID if event.number else NoticeState.WITHDRAWN
    ended = End.WITHDRAWN if event.actor == BY_ITSELF else End.VOID
    await db.execute(VOIDED, event.notice_id, event.version, state, event.time)
    await db.execute(DROPPED, event.notice_id, [], ended)
    await db.execute("delete from rendering where notice_id = $1", event.notice_id)


async def next_sequence(db: Connection, issuer: str, series: str, year: int) -> int:
    """The next number of a series; whoever asks holds it until its transaction ends, so ask last (R10)."""
    await db.execute(OPEN_SERIES, issuer, series, year)
    return await db.fetchval(NEXT, issuer, series, year)


async def notice(db: Connection, notice_id: UUID) -> Notice | None:
    """One document, locked."""
    row = await db.fetchrow(ONE, notice_id)
    return notice_from(row) if row else None


async def parts_of(db: Connection, notice_id: UUID) -> list[UUID]:
    """The parts a document is or was about."""
    return [row[0] for row in await db.fetch("select assignment_id from rung where notice_id = $1", notice_id)]


async def notices(db: Connection, ids: Sequence[UUID], lists: Sequence[str]) -> dict[UUID, Notice]:
    """These documents, and all of these lists, locked."""
    return {row["notice_id"]: notice_from(row) for row in await db.fetch(SOME, ids, lists)}


async def outgoing(db: Connection, now: datetime, settle: int) -> Notice | None:
    """The next draft that goes out by itself, quiet for `settle` seconds and worked on by nobody else; locked."""
    row = await db.fetchrow(OUTGOING, now, settle)
    return notice_from(row) if row else None


async def hold(db: Connection, notice_id: UUID, until: datetime, reason: str) -> None:
    """It cannot go out by itself for now."""
    await db.execute(HOLD, notice_id, until, reason)


def notice_from(row: Record) -> Notice:
    """A document from its row."""
    told = dict(row) | {
        "kind": NoticeKind(row["kind"]),
        "state": NoticeState(row["state"]),
        "cause": NoticeCause(row["cause"]),
        "items": ITEMS.validate_json(row["items"]),
        "recipients": UNITS.validate_json(row["recipients"]),
        "copies": UNITS.validate_json(row["copies"]),
        "paragraphs": tuple(row["paragraphs"]),
    }
    return Notice(**told)
