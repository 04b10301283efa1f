"""All SQL that writes documents and deliveries: the last state of each, by one statement a batch."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from asyncpg import Connection
from pydantic import TypeAdapter

from contracts.events.delivery import DeliveryEvent
from contracts.events.notice import NoticeAmended, NoticeDrafted, NoticeEvent
from contracts.notice import NoticeItem, Recipient
from services.chassis.outbox import transposed
from services.portal.identity.audience import audience_of

NOTICES = """
insert into notice (notice_id, kind, state, drafted_at, body)
select notice_id, kind, state, drafted_at, body -> 'notice'
from unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::json[])
    as n (notice_id, kind, state, drafted_at, body)
on conflict (notice_id) do update set state = excluded.state, body = excluded.body
"""
CONTENT = """
update notice set recipients = $2, copies = $3, items = $4, paragraphs = $5 where notice_id = $1
"""
ABOUT = """
insert into notice_task (notice_id, task_id) select distinct $1::uuid, unnest($2::uuid[]) on conflict do nothing
"""
AUDIENCE = """
insert into notice_audience (notice_id, place) select * from unnest($1::uuid[], $2::text[]) on conflict do nothing
"""
DELIVERIES = """
insert into delivery (delivery_id, notice_id, unit, state, sent_at, audience, body)
select delivery_id, notice_id, unit, state, sent_at, string_to_array(audience, ' '), body -> 'delivery'
from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::json[])
    as d (delivery_id, notice_id, unit, state, sent_at, audience, body)
on conflict (delivery_id) do update set state = excluded.state, audience = excluded.audience, body = excluded.body
"""
RECIPIENTS: TypeAdapter[tuple[Recipient, ...]] = TypeAdapter(tuple[Recipient, ...])
ITEMS: TypeAdapter[tuple[NoticeItem, ...]] = TypeAdapter(tuple[NoticeItem, ...])


async def notices(db: Connection, events: Sequence[NoticeEvent], bodies: Sequence[bytes]) -> None:
    """The last state of each document; its content stands in the two events that set it, which are named here."""
    last = {event.notice.notice_id: (event.notice, body) for event, body in zip(events, bodies, strict=True)}
    rows = [(n.notice_id, n.kind, n.state, n.drafted_at, body.decode()) for n, body in last.values()]
    await db.execute(NOTICES, *transposed(rows, 5))
    for event in events:
        if isinstance(event, NoticeDrafted | NoticeAmended):
            await _content(db, event)


async def _content(db: Connection, event: NoticeDrafted | NoticeAmended) -> None:
    units = [RECIPIENTS.dump_json(each).decode() for each in (event.recipients, event.copies)]
    items = ITEMS.dump_json(event.items).decode()
    await db.execute(CONTENT, event.notice.notice_id, *units, items, list(event.paragraphs))
    await db.execute(ABOUT, event.notice.notice_id, [item.task_id for item in event.items])


async def audience(db: Connection, meant: Iterable[tuple[UUID, str]]) -> None:
    """For whom documents are meant, as pairs of document and place; whoever saw one goes on seeing it."""
    await db.execute(AUDIENCE, *transposed(list(meant), 2))


async def deliveries(db: Connection, events: Sequence[DeliveryEvent], bodies: Sequence[bytes]) -> None:
    """The last state of each delivery."""
    last = {event.delivery.delivery_id: pair for pair in zip(events, bodies, strict=True) for event in pair[:1]}
    rows = [
        (d.delivery_id, d.notice_id, d.unit, d.state, d.sent_at, " ".join(audience_of(event)), body.decode())
        for event, body in last.values() for d in (event.delivery,)
    ]  # fmt: skip
    await db.execute(DELIVERIES, *transposed(rows, 7))
