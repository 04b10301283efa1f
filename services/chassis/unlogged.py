"""Events of this service that the stream has and its log has not: the database was brought back from an older copy.

What was published has happened: others have acted on it, and to go on would give its versions out a second time. So the
log is closed until an operator decides: to bring back the rest of the database from its archived log, which alone has
the audit rows and the answers too, or to take the events back from the stream (`duban adopt`).
"""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, NamedTuple

import structlog
from asyncpg import Connection

from contracts.envelope import AuditAnchored, CommandAnswered
from services.chassis import bus, places, trouble
from services.chassis.bus import Message
from services.chassis.completeness import stream_of
from services.chassis.places import INBOX, OUTBOX, Place
from services.chassis.service import Service

logger = structlog.get_logger(__name__)

PAGE = 100
"""Messages asked for at once."""
PAUSE = 5.0
"""Seconds between two looks at a log that is closed."""
TROUBLE = "unlogged"
LOGGED = "select id::text from outbox where seq = any($1) and id = any($2::uuid[])"
LOGGED_AGAIN = "select id::text from outbox where id = any($1::uuid[])"
IS_CLOSED = "select exists (select from pg_constraint where conrelid = 'outbox'::regclass and conname = $1)"
CLOSE = f"alter table outbox add constraint {trouble.LOG_CLOSED} check (false) not valid"
OPEN = f"alter table outbox drop constraint if exists {trouble.LOG_CLOSED}"
TAKE_BACK = """
insert into outbox (id, type, aggregate, order_key, version, subject, body, time, trace, at)
values ($1::text::uuid, $2, $3, $3, $4, $5, $6, $7, $8, $9)
"""
VOID = """
with void as (
    delete from outbox using pending, unnest($1::text[], $2::int[]) published (aggregate, version)
    where outbox.seq = pending.seq and outbox.aggregate = published.aggregate and outbox.version >= published.version
    returning outbox.seq, outbox.type, outbox.aggregate, outbox.version
), waiting as (delete from pending using void where pending.seq = void.seq)
select type || ' ' || aggregate || ' ' || version from void order by seq
"""
ANCHORED = """
insert into audit_head (unit, entries, hash, anchors, anchored_at) values ($1, 0, '', $2, now())
on conflict (unit) do update set anchors = greatest(audit_head.anchors, excluded.anchors)
"""
ANSWERED = """
insert into command_answered (sender, id, address, version, sent_at) values ($1, $2::text::uuid, $3, $4, $5)
on conflict (sender, id) do update set version = greatest(command_answered.version, excluded.version)
"""


class Adopted(NamedTuple):
    """How many events were taken back; which were void; whether the state has to be rebuilt from the log."""

    events: int
    void: list[str]
    closed: bool


async def check(held: Connection, service: Service, place: Place) -> None:
    """Close the log where it lacks events of its own that stand after `place`. Raises ConnectionError where it is."""
    closed = await held.fetchval(IS_CLOSED, trouble.LOG_CLOSED)
    async for missing in unlogged(held, service, place.seq):
        logger.critical("the stream has events that the log has not", first=missing[0].sequence, id=missing[0].id)
        if not closed:
            await held.execute(CLOSE)
        closed = True
        break
    if closed:
        service.report_trouble(TROUBLE, trouble.LOG_BEHIND)
        await asyncio.sleep(PAUSE)
        raise ConnectionError("the log is behind the stream")
    service.clear_trouble(TROUBLE)


async def reopen(db: Connection) -> None:
    """The state is made anew from the log: from this commit on there may be new events."""
    if await db.fetchval(IS_CLOSED, trouble.LOG_CLOSED):
        await db.execute(OPEN)


async def unlogged(db: Connection, service: Service, after: int) -> AsyncIterator[list[Message]]:
    """What this service published beyond that place and does not know, a page at a time, in order."""
    stream = await stream_of(service)
    for start in range(max(after + 1, stream.first), stream.last + 1, PAGE):
        seqs = range(start, min(start + PAGE, stream.last + 1))
        messages = await asyncio.gather(*(bus.message_at(service, seq) for seq in seqs))
        own = [message for message in messages if message and message.origin.startswith(f"{service.name}/")]
        if own and (missing := await without_logged(db, own)):
            yield missing


async def without_logged(db: Connection, messages: list[Message]) -> list[Message]:
    """Looked for at the number of the log that each names; one that was taken back has another by now."""
    numbers, ids = [int(message.origin.rpartition("/")[2]) for message in messages], {m.id for m in messages}
    ids -= {row["id"] for row in await db.fetch(LOGGED, numbers, list(ids))}
    ids -= {row["id"] for row in await db.fetch(LOGGED_AGAIN, list(ids))} if ids else set()
    return [message for message in messages if message.id in ids]


async def adopt(db: Connection, service: Service) -> Adopted:
    """Take the events back into the log, which stays closed until the state is rebuilt.

    What was written since and never published is void: it was decided on a state that was not true. What the service
    had read when it last published counts as read. The caller holds the jobs of the service.
    """
    count, void, last = 0, list[str](), 0
    created = (await stream_of(service)).created
    published = await places.standing(service, await places.kept(db, OUTBOX, created)) or Place(created)
    read = await places.standing(service, await places.kept(db, INBOX, created)) or Place(created)
    async with db.transaction():
        closed = await db.fetchval(IS_CLOSED, trouble.LOG_CLOSED)
        await db.execute(OPEN)
        async for missing in unlogged(db, service, published.seq):
            void += await taken_back(db, service, missing)
            count, last = count + len(missing), missing[-1].sequence
            place = Place(created, last, missing[-1].id, published.low, missing[-1].sent_at)
            await places.keep(db, OUTBOX, place)
            if last > read.seq:
                await places.keep(db, INBOX, place)
        if count or closed:
            await db.execute(CLOSE)
    return Adopted(count, void, bool(count or closed))


async def taken_back(db: Connection, service: Service, messages: list[Message]) -> list[str]:
    """Write them into the log, and the versions that the chassis itself counts; returns what is void by them."""
    rows = [row_of(message) for message in messages]
    void = [row[0] for row in await db.fetch(VOID, [row[2] for row in rows], [row[3] for row in rows])]
    await db.executemany(TAKE_BACK, rows)
    for message, row in zip(messages, rows, strict=True):
        of = message.aggregate.partition(f"/{service.name}.")[2]
        if message.kind == AuditAnchored.type:
            await db.execute(ANCHORED, of, row[3])
        elif message.kind == CommandAnswered.type:
            node, _, id = of.rpartition(".")
            await db.execute(ANSWERED, node, id, json.loads(message.body)["address"], row[3], message.sent_at)
    return void


def row_of(message: Message) -> tuple[Any, ...]:
    """As the log had it; `at` is when the stream took it, so that none is filled in before its cause."""
    event = json.loads(message.body)
    time = datetime.fromisoformat(event["time"])
    head = (message.id, message.kind, message.aggregate, event["version"], message.subject)
    return *head, message.body, time, message.trace, message.sent_at
