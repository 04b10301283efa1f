"""What waits for its PDF, and what went to whom."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from asyncpg import Connection, Record

from contracts.events.delivery import DeliveryReceived, DeliverySent, DeliveryWithdrawn
from services.notices.domain.delivery import Delivery
from services.notices.domain.notice import Notice
from services.notices.store.notices import COLUMNS, notice_from

LONGEST_PAUSE = 300

SENT = """
insert into delivery (delivery_id, notice_id, version, number, issuer, owner, unit, unit_name)
values ($1, $2, $3, $4, $5, $6, $7, $8)
"""
RECEIVED = "update delivery set version = $2, received_at = $3, received_by = $4 where delivery_id = $1"
WITHDRAWN = "update delivery set version = $2, withdrawn = true where delivery_id = $1"
UNRENDERED = f"""
select {COLUMNS}, content, signed_at from notice
where notice_id in (select notice_id from rendering where at <= now()) and state = 'signed'
order by signed_at, notice_id limit 1 for update skip locked
"""
FAILED = f"""
update rendering set tries = tries + 1, error = $2,
    at = now() + make_interval(secs => least(power(2, tries), {LONGEST_PAUSE}))
where notice_id = $1
"""


class Unrendered(NamedTuple):
    """A signed document with its frozen content, and when it was signed."""

    notice: Notice
    content: str
    signed_at: datetime


async def enter(db: Connection, events: Sequence[DeliverySent]) -> None:
    """Units have documents to receive."""
    rows = ((e.delivery_id, e.notice_id, e.version, e.number, e.issuer, e.owner, e.unit, e.unit_name) for e in events)
    await db.executemany(SENT, rows)


async def receive(db: Connection, event: DeliveryReceived) -> None:
    """A unit signed for it."""
    await db.execute(RECEIVED, event.delivery_id, event.version, event.time, event.actor)


async def withdraw(db: Connection, event: DeliveryWithdrawn) -> None:
    """It is void."""
    await db.execute(WITHDRAWN, event.delivery_id, event.version)


async def delivery(db: Connection, delivery_id: UUID) -> Delivery | None:
    """One delivery, locked."""
    row = await db.fetchrow("select * from delivery where delivery_id = $1 for update", delivery_id)
    return _delivery(row) if row else None


async def deliveries_of(db: Connection, notice_id: UUID) -> list[Delivery]:
    """Every delivery of a document, locked."""
    rows = await db.fetch("select * from delivery where notice_id = $1 order by delivery_id for update", notice_id)
    return [_delivery(row) for row in rows]


async def unrendered(db: Connection) -> Unrendered | None:
    """The signed document that has waited longest for its PDF and that nobody else works on, locked."""
    row = await db.fetchrow(UNRENDERED)
    if row is None:
        return None
    rest = {name: value for name, value in row.items() if name not in ("content", "signed_at")}
    return Unrendered(notice_from(rest), row["content"], row["signed_at"])


async def fail(db: Connection, notice_id: UUID, error: str) -> None:
    """It could not be rendered: again after 1, 2, 4 … seconds."""
    await db.execute(FAILED, notice_id, error)


def _delivery(row: Record) -> Delivery:
    return Delivery(**row)
