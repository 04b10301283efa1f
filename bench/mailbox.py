"""The ordered mailbox with its inbox in PostgreSQL, against raw nats-py `fetch(100)` with pydantic.

And end to end: each event looked up, kept, and answered by one that is published.
"""

import asyncio

from asyncpg import Connection
from nats.js.api import AckPolicy, ConsumerConfig

from bench._lab import ROUNDS, Contest, run, service
from bench.relay import Said, events
from contracts.envelope import Event
from services.chassis import outbox
from services.chassis.db import connected
from services.chassis.handlers import Handlers, Marked
from services.chassis.inbox import Inbox
from services.chassis.service import Service

COUNT = 20_000
WHOLE = "end to end: look up, keep, say, publish"
TABLE = "create table kept (aggregate text primary key, text text not null)"
KNOWN = "select aggregate, text from kept where aggregate = any($1)"
KEEP = """
insert into kept select * from unnest($1::text[], $2::text[])
on conflict (aggregate) do update set text = excluded.text
"""


async def contest(lab: Contest) -> None:
    """The same 20,000 events, taken both ways, from the first."""
    heard, book = Counter(), Book()
    ears = Handlers(ears={Said: Marked("hears", (Said,), heard.hear)})
    async with room(lab.servers, "mailbox", handlers=ears) as here:
        async with here.pool.acquire() as db:
            await db.execute(TABLE)
            await outbox.put(db, events(COUNT))
            while rows := await db.fetch(outbox.WAITING, 500):
                await outbox.publish(here, rows)
                await db.execute(outbox.MARK, [row["seq"] for row in rows])
        for _ in range(ROUNDS):
            await lab.round("raw fetch(100), pydantic, AckAll", lambda: raw(here))
            await lab.round("mailbox, inbox in PostgreSQL", lambda: ours(here, heard))
        here.handlers = Handlers(ears={Said: Marked("hears", (Said,), book.hear, together=True)})
        for _ in range(ROUNDS):
            await lab.round(WHOLE, lambda: ours(here, book))
    ratio = lab.rate("mailbox, inbox in PostgreSQL") / lab.rate("raw fetch(100), pydantic, AckAll")
    lab.report(
        {"events a second, ours / raw": (ratio, "≥ 1.0"), "events a second, end to end": (lab.rate(WHOLE), "≥ 2500")}
    )


class Echo(Event):
    """What is said of every event heard."""

    type = "echo.said"
    text: str


class Counter:
    """An ear that only counts."""

    def __init__(self) -> None:
        self.count = 0

    async def hear(self, event: Said, db: object) -> None:
        """One more."""
        self.count += 1


class Book:
    """An ear that looks up, keeps and answers, run by run."""

    def __init__(self) -> None:
        self.count = 0

    async def hear(self, events: list[Said], db: Connection) -> list[Echo]:
        """One statement each to read and to keep; an event said for every one heard."""
        self.count += len(events)
        keys = [event.aggregate for event in events]
        known = dict(await db.fetch(KNOWN, keys))
        await db.execute(KEEP, keys, [event.text for event in events])
        return [
            Echo(
                time=event.time,
                aggregate=f"echo/{event.id}",
                version=1,
                owner=event.owner,
                address=event.address,
                text=known.get(event.aggregate, ""),
            )
            for event in events
        ]


async def raw(here: Service) -> int:
    """As nats-py's documentation has it."""
    js = here.nc.jetstream()
    config = ConsumerConfig(
        durable_name="raw", filter_subject=Said.filters(), ack_policy=AckPolicy.ALL, max_ack_pending=20_000
    )
    await js.add_consumer(here.settings.stream, config)
    subscription = await js.pull_subscribe_bind(durable="raw", stream=here.settings.stream)
    count = 0
    while count < COUNT:
        messages = await subscription.fetch(100, timeout=2)
        for message in messages:
            Said.model_validate_json(message.data)
        await messages[-1].ack()
        count += len(messages)
    await subscription.unsubscribe()
    await js.delete_consumer(here.settings.stream, "raw")
    return count


async def ours(here: Service, heard: Counter | Book) -> int:
    """The real reader, from an empty inbox, until it has all."""
    heard.count = 0
    async with connected(here) as db, connected(here) as own:
        await db.execute("truncate inbox")
        jobs = [asyncio.ensure_future(Inbox(here).lead(db)), asyncio.ensure_future(outbox.relay(own, here))]
        while heard.count < COUNT or await here.pool.fetchval(
            "select exists (select from outbox where published_at is null)"
        ):
            await asyncio.sleep(0.002)
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)
    await here.nc.jetstream().delete_consumer(here.settings.stream, here.service)
    return heard.count


if __name__ == "__main__":
    run("mailbox", contest)
