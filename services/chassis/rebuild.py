"""Empty a service's state and make it anew from the log: what others said, then what it said itself."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

from asyncpg import Connection

from contracts.envelope import Event
from services.chassis import bus, db, outbox
from services.chassis.handlers import member, of
from services.chassis.inbox import ADVANCE
from services.chassis.service import Service

CHASSIS = ("outbox", "command", "audit", "audit_head", "dead_letter", "mark", "migration")
TABLES = """
select table_name from information_schema.tables
where table_schema = current_schema and table_type = 'BASE TABLE' and table_name not like 'outbox%' order by 1
"""
OWN = "select seq, type, body from outbox where seq > $1 order by seq limit 1000"
JOBS = ("relay", "mailbox")


class Running(RuntimeError):
    """The service still runs: stop it first."""


async def rebuild(service: Service, keeps: tuple[str, ...], renew: Callable[[Service], None] | None = None) -> dict[str, int]:
    """One transaction over the emptied tables; how many events were heard and how many recalled.

    `renew` empties what a service keeps elsewhere; like the tables, only once nobody works on it.
    """
    async with db.connected(service) as connection:
        for job in JOBS:
            if not await db.held(connection, f"{service.name}.{job}"):
                raise Running(f"{service.name} is running; stop it first")
        if renew:
            renew(service)
        async with connection.transaction():
            for row in await connection.fetch(TABLES):
                if row["table_name"] not in (*CHASSIS, *keeps):
                    await connection.execute(f'truncate "{row["table_name"]}" restart identity cascade')
            return {"heard": await hear(service, connection), "recalled": await recall(service, connection)}


async def hear(service: Service, connection: Connection) -> int:
    """Every event of the stream that this service hears, in order; what it would say was said already."""
    ears = {event.type: (event, marked) for event, marked in service.handlers.ears.items()}
    marks: dict[str, int] = {}
    async for letter in history(service, [event.filters() for event in service.handlers.ears]):
        heard, marked = of(letter.kind, ears)
        event = (heard if heard.type == letter.kind else member(heard, letter.kind)).model_validate_json(letter.body)
        if event.version > marks.get(event.aggregate, 0):
            await marked.call([event] if marked.together else event, connection, **marked.given(service))
            marks[event.aggregate] = event.version
    await connection.execute(ADVANCE, list(marks), list(marks.values()))
    return len(marks)


async def history(service: Service, subjects: list[str]) -> AsyncIterator[bus.Letter]:
    """The letters of the stream so far, from the first."""
    if not subjects:
        return
    durable = f"{service.name}-rebuild-{datetime.now(UTC):%H%M%S%f}"
    await bus.rewind(service, service.settings.stream, durable, subjects)
    js = service.nc.jetstream()
    try:
        info = await js.consumer_info(service.settings.stream, durable)
        waiting = (info.num_pending or 0) + (info.num_ack_pending or 0)
        async with bus.reading(service, service.settings.stream, durable) as fetch:
            while waiting > 0:
                letters = await fetch()
                for letter in letters:
                    yield letter
                waiting -= len(letters)
                if letters:
                    await letters[-1].acknowledge()  # type: ignore[misc]
    finally:
        await js.delete_consumer(service.settings.stream, durable)


async def recall(service: Service, connection: Connection) -> int:
    """Every event this service said that changes its own state, in the order it was said."""
    words: dict[str, type[Event]] = {event.type: event for event in service.handlers.appliers}
    last, count = 0, 0
    while rows := await connection.fetch(OWN, last):
        own = [(of(row["type"], words), row) for row in rows]
        events = [
            (word if word.type == row["type"] else member(word, row["type"])).model_validate_json(row["body"])
            for word, row in own if word
        ]
        await outbox.apply(connection, service.handlers, events)
        last, count = rows[-1]["seq"], count + len(events)
    return count
