"""What a service emits: applied to its own state, written with it, and published after it by the relay."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import groupby
from typing import Any, TypeVar

from asyncpg import Connection
from nats.errors import Error

from contracts.envelope import Event
from services.chassis import tracing
from services.chassis.handlers import Handlers
from services.chassis.lanes import LANE, Lane
from services.chassis.service import Service

SLICE = 2_000
"""Events that one statement applies or writes: between two of them all else has its turn, and a message holds 1 GB."""
LARGEST = 256_000
"""Bytes of one event; the stream takes 262,144 with the headers."""
T = TypeVar("T")
WRITE = """
emitted as (
    insert into outbox (id, type, aggregate, order_key, version, subject, body, time, trace)
    select id, type, aggregate, order_key, version, subject, body, time, trace
    from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::int[], $6::text[], $7::bytea[], $8::timestamptz[],
            $9::text[])
        with ordinality as e (id, type, aggregate, order_key, version, subject, body, time, trace, n)
    order by n
    returning seq, order_key, at
), waiting as (
    insert into pending (seq, lane, order_key, at) select seq, $10::smallint, order_key, at from emitted
)
"""
"""What every statement that emits begins with: the log and what waits of it are written at once, or not at all."""
PUT = f"with {WRITE} select"
AGES = """
select lane, coalesce((
    select extract(epoch from now() - at) from pending where pending.lane = each.lane order by seq limit 1
), 0)::float8 as age
from unnest($1::smallint[]) as each (lane)
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
    work = tracing.now()
    for part in slices(events):
        await db.execute(PUT, *columns([(event, work.write(event)) for event in part], LANE.get()))


def slices(events: Sequence[T]) -> list[Sequence[T]]:
    """The same in their order, as many at a time as one statement takes."""
    return [events[start : start + SLICE] for start in range(0, len(events), SLICE)]


def columns(events: Sequence[tuple[Event, str]], lane: Lane) -> list[Any]:
    """The ten arguments of `PUT`, for events and the traces they belong to. Raises TooLarge."""
    rows = [
        (e.id, e.type, e.aggregate, e.order_key, e.version, e.subject(), e.model_dump_json().encode(), e.time, trace)
        for e, trace in events
    ]
    for row in rows:
        if len(row[6]) > LARGEST:
            raise TooLarge(f"{row[1]} of {row[2]} takes {len(row[6])} bytes")
    return [*transposed(rows, width=9), lane]


def transposed(rows: Sequence[Sequence[Any]], width: int) -> list[list[Any]]:
    """Rows as columns, for `unnest`."""
    return [list(column) for column in zip(*rows, strict=True)] or [[]] * width


def by_entity(events: Sequence[Event]) -> list[Event]:
    """The same events, those of one entity side by side; every aggregate keeps its order."""
    return sorted(events, key=lambda event: event.aggregate.partition("/")[0])


async def poke(service: Service) -> None:
    """Wake the relay, wherever it runs; a lost poke costs one poll."""
    await signal(service, "poke")


async def signal(service: Service, what: str) -> None:
    """A hint on the bus to others of this service; what was done is committed, so a bus that is away is no error."""
    with suppress(Error):
        await service.nc.publish(f"duban.{what}.{service.name}")


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


async def ages(connection: Connection) -> dict[Lane, float]:
    """Seconds the oldest unpublished event of each lane has waited."""
    return {Lane(row["lane"]): row["age"] for row in await connection.fetch(AGES, list(Lane))}
