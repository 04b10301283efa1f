"""Documents and their deliveries, as the ledger keeps them."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from asyncpg import Connection, Record

from contracts.events.delivery import DeliveryReceived, DeliverySent, DeliveryWithdrawn
from contracts.events.notice import NoticeAmended, NoticeDrafted, NoticeRendered, NoticeSent, NoticeSigned, NoticeVoided
from services.portal.ledger.filters import moment, opened, sealed
from services.portal.identity.reader import Reader
from services.portal.store import rows, visible
from services.portal.ledger.queries import Page, places

DRAFTED = """
insert into notice (notice_id, kind, state, issuer, issuer_name, recipients, copies, title, items, paragraphs, cause,
    cites, reply_by, send_at, drafted_at, drafted_by)
select n.notice_id, n.kind, 'draft', n.issuer, n.issuer_name, n.recipients, n.copies, n.title, n.items,
    coalesce(n.paragraphs, '{}'), n.cause, n.cites, n.reply_by, n.send_at, (said ->> 'time')::timestamptz,
    said ->> 'actor'
from jsonb_array_elements($1::jsonb) said, jsonb_populate_record(null::notice, said) n
on conflict (notice_id) do nothing
"""
ABOUT = """
insert into notice_task (notice_id, task_id)
select distinct (said ->> 'notice_id')::uuid, (item ->> 'task_id')::uuid
from jsonb_array_elements($1::jsonb) said, jsonb_array_elements(said -> 'items') item
on conflict do nothing
"""
AMENDED = """
update notice set title = $2, items = $3::jsonb, paragraphs = $4, recipients = coalesce($5::jsonb, recipients)
where notice_id = $1
"""
SIGNED = """
update notice set state = 'signed', number = $2, digest = $3, title = $4, signed_at = $5, signed_by = $6,
    reply_by = coalesce($7, reply_by) where notice_id = $1
"""
RENDERED = "update notice set pdf = $2, pages = $3, notes = $4 where notice_id = $1"
SENT = "update notice set state = 'sent', sent_at = $2 where notice_id = $1 and state <> 'received'"
VOIDED = """
update notice set state = case when number = '' then 'withdrawn' else 'void' end, void_reason = $2 where notice_id = $1
"""
DELIVERED = """
insert into delivery (delivery_id, notice_id, unit, unit_name, copy_only, reply_by, sent_at)
select d.delivery_id, d.notice_id, d.unit, d.unit_name, d.copy_only, d.reply_by, (said ->> 'time')::timestamptz
from jsonb_array_elements($1::jsonb) said, jsonb_populate_record(null::delivery, said) d
on conflict (delivery_id) do nothing
"""
RECEIVED = "update delivery set received_at = $2, received_by = $3 where delivery_id = $1"
WITHDRAWN = "update delivery set withdrawn = true where delivery_id = $1"
ALL_RECEIVED = """
update notice set state = 'received' where notice_id = $1 and state = 'sent'
and not exists (select from delivery where notice_id = $1 and received_at is null and not copy_only)
"""
SEEN_BY = """
insert into notice_audience (notice_id, place) select distinct * from unnest($1::uuid[], $2::text[])
on conflict do nothing
"""
PAGE = """
select notice.*, (select count(*) from delivery d where d.notice_id = notice.notice_id) as deliveries,
    (select count(*) from delivery d where d.notice_id = notice.notice_id and received_at is not null) as received
from notice where {} order by drafted_at desc, notice_id desc limit {}
"""
UNRECEIVED = """
exists (select from delivery d
    where d.notice_id = notice.notice_id and d.unit = {} and received_at is null and not withdrawn)
"""
CUBE = "select kind, state, count(*) as n from notice where {} group by kind, state"
DELIVERIES = "select * from delivery where notice_id = $1 order by copy_only, unit"
WAITING = "select count(*) from delivery where unit = $1 and received_at is null and not withdrawn"


async def drafted(db: Connection, events: Sequence[NoticeDrafted]) -> None:
    """New drafts, and what they are about."""
    said = rows(events)
    await db.execute(DRAFTED, said)
    await db.execute(ABOUT, said)


async def amended(db: Connection, event: NoticeAmended) -> None:
    """A draft says something else."""
    items = json.dumps([item.model_dump(mode="json") for item in event.items])
    to = json.dumps([each.model_dump(mode="json") for each in event.recipients]) if event.recipients else None
    await db.execute(AMENDED, event.notice_id, event.title, items, list(event.paragraphs), to)
    await db.execute(ABOUT, rows([event]))


async def signed(db: Connection, event: NoticeSigned) -> None:
    """The number is taken."""
    told = (event.number, event.digest, event.title, event.time, event.actor, event.reply_by)
    await db.execute(SIGNED, event.notice_id, *told)


async def rendered(db: Connection, event: NoticeRendered) -> None:
    """The PDF is there."""
    await db.execute(RENDERED, event.notice_id, event.pdf, event.pages, list(event.notes))


async def sent(db: Connection, event: NoticeSent) -> None:
    """It went out."""
    await db.execute(SENT, event.notice_id, event.time)


async def voided(db: Connection, event: NoticeVoided) -> None:
    """A draft withdrawn, or a number void on record."""
    await db.execute(VOIDED, event.notice_id, event.reason)


async def delivered(db: Connection, events: Sequence[DeliverySent]) -> None:
    """Units have documents to receive."""
    await db.execute(DELIVERED, rows(events))


async def received(db: Connection, event: DeliveryReceived) -> None:
    """A unit signed for it; when all have, the document counts as received."""
    await db.execute(RECEIVED, event.delivery_id, event.time, event.actor)
    await db.execute(ALL_RECEIVED, event.notice_id)


async def withdrawn(db: Connection, event: DeliveryWithdrawn) -> None:
    """Nobody need receive it any more."""
    await db.execute(WITHDRAWN, event.delivery_id)


async def seen_by(db: Connection, events: Sequence[Any]) -> None:
    """Whoever may see an event about a document may see the document."""
    pairs = {(event.notice_id, place) for event in events for place in places(event)}
    await db.execute(SEEN_BY, *map(list, zip(*pairs, strict=True)))


async def page(
    db: Connection,
    reader: Reader,
    kind: str = "",
    state: str = "",
    waiting: bool = False,
    limit: int = 50,
    cursor: str = "",
) -> Page:
    """One page of documents, latest first; `waiting`: those the reader's unit has yet to receive."""
    asked = visible(reader, "notice")
    if kind:
        asked.add("kind = {}", kind)
    if state:
        asked.add("state = {}", state)
    if waiting:
        asked.add(UNRECEIVED, reader.unit)
    if cursor:
        asked.add("(drafted_at, notice_id) < ({}, {})", *opened(cursor, moment, UUID))
    found = await db.fetch(PAGE.format(asked.sql, limit + 1), *asked.parameters)
    if len(found) <= limit:
        return Page(found)
    row = found[limit - 1]
    return Page(found[:limit], sealed(row["drafted_at"].isoformat(), row["notice_id"]))


async def counts(db: Connection, reader: Reader) -> dict[str, Counter[str]]:
    """How many documents of each kind, and in each state, a reader sees."""
    asked = visible(reader, "notice")
    counted: dict[str, Counter[str]] = {"kind": Counter(), "state": Counter()}
    for row in await db.fetch(CUBE.format(asked.sql), *asked.parameters):
        counted["kind"][row["kind"]] += row["n"]
        counted["state"][row["state"]] += row["n"]
    return counted


async def seen(db: Connection, reader: Reader, notice_id: UUID) -> Record | None:
    """One document, if the reader may see it."""
    asked = visible(reader, "notice")
    asked.add("notice_id = {}", notice_id)
    return await db.fetchrow(f"select * from notice where {asked.sql}", *asked.parameters)


async def of_task(db: Connection, reader: Reader, task_id: UUID) -> list[Record]:
    """The documents about a task that the reader may see, latest first."""
    asked = visible(reader, "notice")
    asked.add("notice_id in (select notice_id from notice_task where task_id = {})", task_id)
    statement = f"select * from notice where {asked.sql} order by drafted_at desc"
    return await db.fetch(statement, *asked.parameters)


async def deliveries(db: Connection, notice_id: UUID) -> list[Record]:
    """Who has it, and since when."""
    return await db.fetch(DELIVERIES, notice_id)


async def waiting(db: Connection, unit: str) -> int:
    """How many documents a unit has yet to receive."""
    return await db.fetchval(WAITING, unit)
