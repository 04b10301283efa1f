"""The ordered mailbox with its inbox in PostgreSQL, against raw nats-py `fetch(100)` with pydantic."""

import asyncio

from nats.js.api import AckPolicy, ConsumerConfig

from bench._lab import ROUNDS, Contest, room, run
from bench.relay import Said, events
from services.chassis import outbox
from services.chassis.db import connected
from services.chassis.mailbox import Mailbox
from services.chassis.marks import Handlers, Marked
from services.chassis.room import Room

COUNT = 20_000


async def contest(lab: Contest) -> None:
    """The same 20,000 events, taken both ways, from the first."""
    heard = Counter()
    ears = Handlers(ears={Said: Marked("hears", (Said,), heard.hear)})
    async with room(lab.servers, "mailbox", handlers=ears) as here:
        async with here.pool.acquire() as db:
            await outbox.put(db, events(COUNT))
            while rows := await db.fetch(outbox.WAITING, 500):
                await outbox.publish(here, rows)
                await db.execute(outbox.MARK, [row["seq"] for row in rows])
        for _ in range(ROUNDS):
            await lab.round("raw fetch(100), pydantic, AckAll", lambda: raw(here))
            await lab.round("mailbox, inbox in PostgreSQL", lambda: ours(here, heard))
    ratio = lab.rate("mailbox, inbox in PostgreSQL") / lab.rate("raw fetch(100), pydantic, AckAll")
    lab.report({"events a second, ours / raw": (ratio, "≥ 1.0")})


class Counter:
    """An ear that only counts."""

    def __init__(self) -> None:
        self.count = 0

    async def hear(self, event: Said, db: object) -> None:
        """One more."""
        self.count += 1


async def raw(here: Room) -> int:
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


async def ours(here: Room, heard: Counter) -> int:
    """The real reader, from an empty inbox, until it has all."""
    heard.count = 0
    async with connected(here) as db:
        await db.execute("truncate inbox")
        reading = asyncio.ensure_future(Mailbox(here).lead(db))
        while heard.count < COUNT:
            await asyncio.sleep(0.002)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
    await here.nc.jetstream().delete_consumer(here.settings.stream, here.service)
    return heard.count


if __name__ == "__main__":
    run("mailbox", contest)
