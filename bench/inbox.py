"""The ordered inbox with its marks in PostgreSQL, against raw nats-py `fetch(100)` with pydantic.

The events are assignment events as tasks emits them, under the filter that every service has. End to end: each event
looked up, kept, and answered by one that is published.
"""

import asyncio
from collections.abc import Sequence

from asyncpg import Connection
from nats.js.api import AckPolicy, ConsumerConfig

from bench._lab import ROUNDS, Contest, run, service
from bench.relay import reports
from contracts.envelope import EVENT_STREAM, EVENTS, Event
from contracts.events.assignment import AssignmentEvent, AssignmentReported
from contracts.events.task import TaskEvent
from services.chassis import outbox, places, relay
from services.chassis.backlog import Backlog
from services.chassis.db import connected
from services.chassis.handlers import Handler, Handlers
from services.chassis.inbox import Inbox
from services.chassis.leading import end
from services.chassis.service import Service

COUNT = 20_000
RAW, OURS = "raw fetch(100), pydantic, AckAll", "inbox, marks in PostgreSQL"
WHOLE = "end to end: look up, keep, emit, publish"
FILTER = f"{EVENTS}.>"
TABLE = "create table kept (aggregate text primary key, title text not null)"
TITLES = "select aggregate, title from kept where aggregate = any($1)"
KEEP = """
insert into kept select * from unnest($1::text[], $2::text[])
on conflict (aggregate) do update set title = excluded.title
"""


async def contest(lab: Contest) -> None:
    """The same 20,000 events, taken both ways, from the first."""
    counter, book = Counter(), Book()
    async with service(lab.servers, "inbox", handlers=handlers(counter.count_one)) as here:
        async with here.pool.acquire() as db:
            await db.execute(TABLE)
            await outbox.put(db, reports(COUNT))
            backlog = Backlog(db)
            while await relay.publish_next(here, here.nc, backlog, allowance=0):
                pass
        for _ in range(ROUNDS):
            await lab.round(RAW, lambda: raw(here))
            await lab.round(OURS, lambda: ours(here, counter))
        here.handlers = handlers(book.copy, batch=True)
        for _ in range(ROUNDS):
            await lab.round(WHOLE, lambda: ours(here, book))
    ratio = lab.rate(OURS) / lab.rate(RAW)
    lab.report(
        {"events a second, ours / raw": (ratio, "≥ 1.0"), "events a second, end to end": (lab.rate(WHOLE), "≥ 2500")}
    )


def handlers(call: object, batch: bool = False) -> Handlers:
    """Two families under one filter, and every other kind dropped on arrival: as the services have it."""
    families = (TaskEvent, AssignmentEvent)
    handler = Handler("event", families, call, batch=batch)  # type: ignore[arg-type]
    return Handlers(events=dict.fromkeys(families, handler))


class Copied(Event):
    """What is emitted for every event handled."""

    type = "copy.made"
    title: str


class Counter:
    """A handler that only counts."""

    def __init__(self) -> None:
        self.count = 0

    async def count_one(self, event: AssignmentEvent, db: object) -> None:
        self.count += 1


class Book:
    """A handler that looks up, keeps and answers, run by run."""

    def __init__(self) -> None:
        self.count = 0

    async def copy(self, events: Sequence[AssignmentEvent], db: Connection) -> list[Copied]:
        """One statement each to read and to keep; one event emitted for every one handled."""
        self.count += len(events)
        keys = [event.aggregate for event in events]
        before = dict(await db.fetch(TITLES, keys))
        await db.execute(KEEP, keys, [event.assignment.title for event in events])
        return [
            Copied(
                time=event.time,
                aggregate=f"copy/{event.id}",
                version=1,
                owner=event.owner,
                address=event.address,
                title=before.get(event.aggregate, ""),
            )
            for event in events
        ]


async def raw(here: Service) -> int:
    """As nats-py's documentation has it."""
    js = here.nc.jetstream()
    config = ConsumerConfig(durable_name="raw", filter_subject=FILTER, ack_policy=AckPolicy.ALL, max_ack_pending=20_000)
    await js.add_consumer(EVENT_STREAM, config)
    subscription = await js.pull_subscribe_bind(durable="raw", stream=EVENT_STREAM)
    count = 0
    while count < COUNT:
        messages = await subscription.fetch(100, timeout=2)
        for message in messages:
            AssignmentReported.model_validate_json(message.data)
        await messages[-1].ack()
        count += len(messages)
    await subscription.unsubscribe()
    await js.delete_consumer(EVENT_STREAM, "raw")
    return count


async def ours(here: Service, handler: Counter | Book) -> int:
    """The real reader, from an empty inbox that has never read the stream, until it has all."""
    handler.count = 0
    async with connected(here) as db, connected(here) as own:
        await db.execute("truncate inbox")
        await db.execute("delete from place where job = $1", places.INBOX)
        jobs = [asyncio.ensure_future(Inbox(here).lead(db)), asyncio.ensure_future(relay.lead(own, here))]
        while handler.count < COUNT or await here.pool.fetchval("select exists (select from pending)"):
            await asyncio.sleep(0.002)
        await end(jobs)
    await here.nc.jetstream().delete_consumer(EVENT_STREAM, here.name)
    return handler.count


if __name__ == "__main__":
    run("inbox", contest)
