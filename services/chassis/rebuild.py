"""Empty a service's state and make it anew: from the events of others in the stream, then from its own in the log."""

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

import structlog
from asyncpg import Connection, DeadlockDetectedError, SerializationError

from contracts.envelope import EVENT_STREAM, Event
from services.chassis import bus, db, outbox, places, tracing, unlogged
from services.chassis.app import jobs_of, renewed
from services.chassis.completeness import prove_complete, stream_of
from services.chassis.dead_letters import version_in
from services.chassis.handlers import class_of, nearest
from services.chassis.inbox import Inbox
from services.chassis.leading import take_over
from services.chassis.places import INBOX
from services.chassis.service import Service

logger = structlog.get_logger(__name__)

CHASSIS = (
    "outbox", "pending", "command", "command_answered", "audit", "audit_head", "dead_letter", "mark", "place",
    "migration",
)  # fmt: skip
TABLES = """
select table_name from information_schema.tables
where table_schema = current_schema and table_type = 'BASE TABLE' and table_name not like 'outbox%' order by 1
"""
OWN = """
select type, body, trace from outbox join (
    select seq from outbox where type = any($1)
    union all
    (select distinct on (aggregate) seq from outbox where type = any($2) order by aggregate, version desc)
) chosen using (seq) order by seq
"""
PAGE = 1_000
PATIENCE = 5
"""Times a rebuild begins when PostgreSQL chose it to give way."""
GAVE_WAY = (DeadlockDetectedError, SerializationError)


class Handled(NamedTuple):
    """What the service had handled when its state was emptied: all up to place `seq`, and each aggregate to its mark.

    The rest it reads when it runs again, and then emits what follows from it.
    """

    seq: int
    versions: Mapping[str, int]

    def has(self, message: bus.Message) -> bool:
        """It was handled, and what it led to stands in the log."""
        if message.sequence <= self.seq:
            return True
        version = version_in(message.body)
        return version is not None and version <= self.versions.get(message.aggregate, 0)


async def rebuild(
    service: Service, keeps: tuple[str, ...], renew: Callable[[Service], None] | None = None
) -> dict[str, int]:
    """One transaction over the emptied tables; `aggregates` of others read, own events `applied`, letters now `parked`.

    A running service is paused meanwhile: its jobs are taken from it, commands wait for the tables; then its processes
    end and start anew, so that nothing they remembered stays. Nothing is emptied unless the stream is proved whole.
    `keeps`: tables that hold what was never an event. `renew` empties what a service keeps elsewhere.
    Raises NotComplete, StillRunning, and what PostgreSQL raises where it had to give way each time.
    """
    async with db.connected(service) as connection:
        await prove_complete(service, connection)
        await take_over(service, connection, jobs_of(service))
        if renew:
            renew(service)
        for again in reversed(range(PATIENCE)):
            try:
                done = await remake(service, connection, keeps)
                break
            except GAVE_WAY:
                if not again:
                    raise
                logger.warning("gives way to a command, and begins again", service=service.name)
        await service.nc.publish(renewed(service.name))
        await bus.flush(service.nc)
        return done


async def adopt(service: Service) -> unlogged.Adopted:
    """Take its own events back into the log of a service; one whose log was closed has to be rebuilt then."""
    async with db.connected(service) as connection:
        await take_over(service, connection, jobs_of(service))
        return await unlogged.adopt(connection, service)


async def remake(service: Service, connection: Connection, keeps: tuple[str, ...]) -> dict[str, int]:
    """The transaction of a rebuild.

    All tables are locked first, by name, then nothing more is waited for. A command in flight locks as it goes, in an
    order of its own, so the two may still wait for each other; one gives way, and it costs the rebuild nothing yet.
    """
    rows = await connection.fetch(TABLES)
    names = ", ".join(f'"{row["table_name"]}"' for row in rows if row["table_name"] not in (*CHASSIS, *keeps))
    async with connection.transaction():
        await connection.execute(f"lock table {names} in access exclusive mode")
        await unlogged.reopen(connection)
        handled = await already_handled(service, connection)
        await connection.execute(f"truncate {names} restart identity cascade")
        return {
            "aggregates": await replay(service, connection, handled),
            "applied": await recall(service, connection),
            "parked": await connection.fetchval("select count(*) from dead_letter"),
        }


async def already_handled(service: Service, connection: Connection) -> Handled:
    """As the service stands; a place in another stream says nothing about this one."""
    kept = await places.kept(connection, INBOX, (await stream_of(service)).created)
    place = await places.standing(service, kept)
    rows = await connection.fetch("select aggregate, version from inbox")
    return Handled(place.seq if place else 0, {row["aggregate"]: row["version"] for row in rows})


async def replay(service: Service, connection: Connection, handled: Handled) -> int:
    """Every event of the stream that was handled, in order; what it would emit stands in its log already.

    What cannot be handled is parked, as it would be live.
    """
    if not service.handlers.events:
        return 0
    inbox = Inbox(service, emits=False)
    async for messages in history(service, inbox.subject):
        await inbox.deliver(connection, [message for message in messages if handled.has(message)])
    return await connection.fetchval("select count(*) from inbox")


async def history(service: Service, subject: str) -> AsyncIterator[list[bus.Message]]:
    """The messages of the stream so far, from the first, a batch at a time."""
    durable = f"{service.name}-rebuild-{datetime.now(UTC):%H%M%S%f}"
    await bus.rewind(service, EVENT_STREAM, durable, subject, absence=3_600)
    js = service.nc.jetstream()
    try:
        info = await js.consumer_info(EVENT_STREAM, durable)
        waiting = (info.num_pending or 0) + (info.num_ack_pending or 0)
        async with bus.reading(service, EVENT_STREAM, durable) as fetch:
            while waiting > 0:
                messages = await fetch()
                yield messages
                waiting -= len(messages)
                if messages:
                    await messages[-1].acknowledge()
    finally:
        await js.delete_consumer(EVENT_STREAM, durable)


async def recall(service: Service, connection: Connection) -> int:
    """Apply the service's own events in the order it emitted them, a page at a time; returns how many.

    For an applier marked `latest`, only the last event of each aggregate among those it takes.
    """
    appliers, count = service.handlers.appliers, 0
    classes: dict[str, type[Event]] = {}
    every: list[str] = []
    latest: list[str] = []
    for row in await connection.fetch("select distinct type from outbox"):
        if (kind := class_of(appliers, row["type"])) and (handler := nearest(appliers, kind)):
            classes[kind.type] = kind
            (latest if handler.latest else every).append(kind.type)
    cursor = await connection.cursor(OWN, every, latest)
    while rows := await cursor.fetch(PAGE):
        events = [classes[row["type"]].model_validate_json(row["body"]) for row in rows]
        with tracing.Again("rebuild", causes={e.order_key: row["trace"] for e, row in zip(events, rows, strict=True)}):
            await outbox.apply(connection, service.handlers, events)
        count += len(events)
    return count
