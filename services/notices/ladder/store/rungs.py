"""The rungs of each assignment, as this service's own documents and deliveries leave them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from asyncpg import Connection, Record

from contracts.delivery import Delivery
from contracts.notice import Notice, NoticeItem
from contracts.terms import NoticeCause, NoticeKind, NoticeState
from services.notices.ladder.domain.escalation import End, Rung

DROPPED = """
update rung set ended = 'withdrawn' where notice_id = $1 and assignment_id <> all($2) and ended is null
returning assignment_id
"""
RAISED = """
insert into rung (assignment_id, kind, cause, occurrence, notice_id, unit, raised_at)
values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing
"""
FOLLOW = """
update rung set number = new.number, signed_at = new.signed_at, reply_by = new.reply_by, ended = new.ended
from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::text[])
     as new (notice_id, number, signed_at, reply_by, ended)
where rung.notice_id = new.notice_id and rung.ended is null
  and (rung.signed_at is distinct from new.signed_at or new.ended is not null)
returning assignment_id
"""
RECEIVED = """
update rung set received_at = new.received_at
from unnest($1::uuid[], $2::text[], $3::timestamptz[]) as new (notice_id, unit, received_at)
where rung.notice_id = new.notice_id and rung.unit = new.unit and rung.received_at is distinct from new.received_at
returning assignment_id
"""
RUNGS = """
select * from rung where assignment_id = any($1)
order by raised_at, signed_at nulls last, kind, cause, occurrence
"""
CITED = """
select distinct on (assignment_id) number from rung
where assignment_id = any($1) and notice_id <> $2 and kind <> 'supervision' and number <> '' and ended is null
order by assignment_id, signed_at desc
"""


class DraftedItems(NamedTuple):
    """The matters a draft speaks of, and since when."""

    notice: Notice
    items: Sequence[NoticeItem]
    at: datetime


async def save_drafts(db: Connection, drafts: Sequence[DraftedItems]) -> set[UUID]:
    """Raise a rung for each matter; what a draft no longer holds is withdrawn. Returns the assignments concerned."""
    touched: set[UUID] = set()
    for notice, items, at in drafts:
        ids = [item.assignment_id for item in items]
        dropped = await db.fetch(DROPPED, notice.notice_id, ids)
        touched.update(ids, (row["assignment_id"] for row in dropped))
        await db.executemany(RAISED, [_raised(notice, item, at) for item in items])
    return touched


def _raised(notice: Notice, item: NoticeItem, at: datetime) -> tuple[object, ...]:
    cause = item.cause or notice.cause
    return item.assignment_id, notice.kind, cause, item.occurrence, notice.notice_id, item.unit, at


async def follow(db: Connection, notices: Sequence[Notice]) -> set[UUID]:
    """Number, reply clock and end of their rungs; returns the assignments for which something changed."""
    columns = [
        [n.notice_id for n in notices],
        [n.number for n in notices],
        [n.signed_at for n in notices],
        [n.reply_by for n in notices],
        [_end(n) for n in notices],
    ]
    return {row["assignment_id"] for row in await db.fetch(FOLLOW, *columns)}


def _end(notice: Notice) -> End | None:
    """What the ladder took back itself may be raised again; what a person ended may not."""
    if notice.state not in (NoticeState.WITHDRAWN, NoticeState.VOID):
        return None
    return End.VOID if notice.voided_by else End.WITHDRAWN


async def receive(db: Connection, deliveries: Iterable[Delivery]) -> set[UUID]:
    """The units have the documents; returns the assignments for which that is new."""
    rows = [(each.notice_id, each.unit, each.received_at) for each in deliveries if each.received_at]
    columns = [[row[n] for row in rows] for n in range(3)]
    return {row["assignment_id"] for row in await db.fetch(RECEIVED, *columns)}


async def of_assignments(db: Connection, ids: Sequence[UUID]) -> list[tuple[UUID, Rung]]:
    """Every rung of these assignments, oldest first."""
    return [(row["assignment_id"], _rung(row)) for row in await db.fetch(RUNGS, ids)]


async def cited(db: Connection, notice_id: UUID, ids: Sequence[UUID]) -> list[str]:
    """The numbers a document follows: of each assignment the last one signed before it."""
    return list(dict.fromkeys(row["number"] for row in await db.fetch(CITED, ids, notice_id)))


def _rung(row: Record) -> Rung:
    return Rung(
        notice_id=row["notice_id"],
        kind=NoticeKind(row["kind"]),
        cause=NoticeCause(row["cause"]),
        occurrence=row["occurrence"],
        raised_at=row["raised_at"],
        number=row["number"],
        signed_at=row["signed_at"],
        reply_by=row["reply_by"],
        received_at=row["received_at"],
        ended=End(row["ended"]) if row["ended"] else None,
    )
