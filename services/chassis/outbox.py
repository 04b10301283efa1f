"""What a service emits: applied to its own state, written with it, and published after it, in order, by one relay."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import groupby
from typing import Any, TypeVar
from uuid import uuid4

from asyncpg import Connection, Record

from contracts.envelope import Event, cloudevent_headers
from services.chassis import bus, metrics
from services.chassis.handlers import Handlers
from services.chassis.log import TRACE
from services.chassis.service import Service

SLICE = 2_000
"""Events that one statement applies or writes: between two of them all else has its turn, and a message holds 1 GB."""
LARGEST = 256_000
"""Bytes of one event; the stream takes 262,144 with the headers."""
T = TypeVar("T")
REPEATED = 10201  # the batch holds a Nats-Msg-Id the stream already has
PUT = """
insert into outbox (id, type, aggregate, version, subject, body, time, trace)
select id, type, aggregate, version, subject, body, time, trace
from unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::text[], $6::bytea[], $7::timestamptz[], $8::text[])
     with ordinality as emitted (id, type, aggregate, version, subject, body, time, trace, n)
order by n
"""
WAITING = """
select seq, id::text, type, aggregate, subject, body, time, trace from outbox
where published_at is null order by seq limit $1
"""
MARK = "update outbox set published_at = now() where seq = any($1)"
AGE = """
select coalesce(extract(epoch from now() - min(at)), 0)::float8
from (select at from outbox where published_at is null order by seq limit 1) oldest
"""


class TooLarge(ValueError):
    """An event that the stream would never take."""


async def emit(db: Connection, handlers: Handlers, events: Sequence[Event]) -> None:
    """Let the service's own state follow `events`, and publish them if the transaction commits."""
    await apply(db, handlers, events)
    await put(db, events)


async def apply(db: Connection, handlers: Handlers, events: Iterable[Event]) -> None:
    """Hand each event, or each run of them, to the function that applies it."""
    for handler, run in groupby(events, handlers.applier):
        if handler and handler.batch:
            for part in slices(list(run)):
                await handler.call(part, db)
        elif handler:
            for event in run:
                await handler.call(event, db)


async def put(db: Connection, events: Sequence[Event]) -> None:
    """Write `events`, in this order, into the log."""
    for part in slices(events):
        await db.execute(PUT, *columns([(event, TRACE.get()) for event in part]))


def slices(events: Sequence[T]) -> list[Sequence[T]]:
    """The same in their order, as many at a time as one statement takes."""
    return [events[start : start + SLICE] for start in range(0, len(events), SLICE)]


def columns(events: Sequence[tuple[Event, str]]) -> list[list[Any]]:
    """The arguments of `PUT`, for events and the traces they belong to. Raises TooLarge."""
    rows = [
        (e.id, e.type, e.aggregate, e.version, e.subject(), e.model_dump_json().encode(), e.time, trace)
        for e, trace in events
    ]
    for row in rows:
        if len(row[5]) > LARGEST:
            raise TooLarge(f"{row[1]} of {row[2]} takes {len(row[5])} bytes")
    return transposed(rows, width=8)


def transposed(rows: Sequence[Sequence[Any]], width: int) -> list[list[Any]]:
    """Rows as columns, for `unnest`."""
    return [list(column) for column in zip(*rows, strict=True)] or [[]] * width


def by_entity(events: Sequence[Event]) -> list[Event]:
    """The same events, those of one entity side by side; every aggregate keeps its order."""
    return sorted(events, key=lambda event: event.aggregate.partition("/")[0])


async def poke(service: Service) -> None:
    """Wake the relay, wherever it runs; a lost poke costs one poll."""
    await service.nc.publish(f"duban.poke.{service.name}")


async def relay(connection: Connection, service: Service) -> None:
    """Publish what waits, mark it after the stream has it, sleep until poked."""
    await bus.ensure(service)  # also after a reconnection: the server may have come back empty
    async with poked(service) as awake:
        while True:
            awake.clear()
            rows = await connection.fetch(WAITING, service.settings.batch)
            if rows:
                await publish(service, rows)
                await connection.execute(MARK, [row["seq"] for row in rows])
                metrics.PUBLISHED.labels(service.name).inc(len(rows))
            else:
                await sleep(awake, service.settings.poll)


async def publish(service: Service, rows: list[Record]) -> None:
    """All or none; where the stream already has some, each alone and in order."""
    messages = [(row["subject"], row["body"], headers(row, service.settings.node)) for row in rows]
    try:
        if len(messages) > 1:
            await publish_batch(service, messages)
            return
    except bus.ApiError as error:
        if error.code != REPEATED:
            raise
    for subject, body, head in messages:
        check_stream(service, await bus.ask(service.nc, subject, body, head))


def headers(row: Record, node: str) -> dict[str, str]:
    """The headers of an event, from its row alone."""
    head = cloudevent_headers(row["id"], row["type"], node, row["aggregate"], row["time"])
    return head | {"traceparent": row["trace"]}


async def publish_batch(service: Service, messages: list[tuple[str, bytes, dict[str, str]]]) -> None:
    """One atomic batch: only the last asks for an answer."""
    batch = uuid4().hex
    for n, (subject, body, head) in enumerate(messages, 1):
        head = head | {"Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(n)}
        if n < len(messages):
            await service.nc.publish(subject, body, headers=head)
        else:
            check_stream(service, await bus.ask(service.nc, subject, body, head | {"Nats-Batch-Commit": "1"}))


def check_stream(service: Service, acknowledgement: dict[str, object]) -> None:
    """Raises ConnectionError unless the stream that is meant has acknowledged."""
    if acknowledgement.get("stream") != service.settings.stream:
        raise ConnectionError(f"published into {acknowledgement.get('stream')}, not {service.settings.stream}")


@asynccontextmanager
async def poked(service: Service) -> AsyncIterator[asyncio.Event]:
    """An event that is set whenever somebody pokes this service."""
    awake = asyncio.Event()

    async def wake(_: object) -> None:
        awake.set()

    subscription = await service.nc.subscribe(f"duban.poke.{service.name}", cb=wake)
    try:
        yield awake
    finally:
        if not service.nc.is_closed:
            await subscription.unsubscribe()


async def sleep(awake: asyncio.Event, seconds: float) -> None:
    """Until woken, `seconds` at most."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await awake.wait()


async def age(connection: Connection) -> float:
    """Seconds the oldest unpublished event has waited."""
    return await connection.fetchval(AGE)
