"""What people do overtakes what an import says, on the real stream, and each aggregate keeps its order."""

import asyncio
import json

import pytest
from nats.js.api import AckPolicy, ConsumerConfig

from contracts.envelope import EVENT_STREAM
from services.chassis import bus, outbox, pacing, relay
from services.chassis.bus import Message
from services.chassis.db import connected
from services.chassis.health import Progress, health
from services.chassis.inbox import Inbox
from services.chassis.lanes import HEADER, Lane
from services.chassis.service import Service
from tests.chassis import diary
from tests.chassis.conftest import add, exists, has_handled, in_stream, load, publishing, until, working
from tests.chassis.diary import BookOpened

MANY = [f"t{n}" for n in range(3_000)]


@pytest.fixture
async def loaded(writer: Service) -> Service:
    """Many events of a bulk command wait."""
    for some in range(0, len(MANY), 500):
        await load(writer, *MANY[some : some + 500])
    return writer


async def durable(service: Service, name: str) -> None:
    """A durable that marks itself as a reader of this node."""
    await bus.rewind(service, EVENT_STREAM, name, "duban.evt.v1.>", reader=True)


async def count(service: Service) -> int:
    return (await service.nc.jetstream().stream_info(EVENT_STREAM)).state.messages


async def nothing_waits(service: Service) -> bool:
    return not await exists(service, "select 1 from pending limit 1")


async def test_an_urgent_event_overtakes_the_bulk_that_waits_for_a_slow_reader(loaded):
    await durable(loaded, "slow")
    async with publishing(loaded), bus.reading(loaded, EVENT_STREAM, "slow") as fetch:
        await until(lambda: at_least(loaded, pacing.AHEAD // 2))
        await add(loaded, MANY[-1])
        await until(lambda: exists(loaded, "select 1 where not exists (select from pending where lane = 0)"))
        assert await count(loaded) <= 2 * pacing.AHEAD
        read: list[Message] = []
        while len(read) <= len(MANY):
            read += (messages := await fetch())
            if messages:
                await messages[-1].acknowledge()
    versions: dict[str, list[int]] = {}
    for message in read:
        versions.setdefault(message.aggregate, []).append(json.loads(message.body)["version"])
    assert versions == {f"thing/{thing}": [1, 2] if thing == MANY[-1] else [1] for thing in MANY}


async def at_least(service: Service, messages: int) -> bool:
    return await count(service) >= messages


async def test_a_reader_that_stands_still_does_not_stop_the_bulk_for_ever(loaded, monkeypatch):
    monkeypatch.setattr(pacing, "STALLED", 0.3)
    await durable(loaded, "dead")
    async with publishing(loaded):
        await until(lambda: nothing_waits(loaded))
    assert await count(loaded) == len(MANY)


async def test_the_bulk_waits_for_no_durable_of_others(loaded, monkeypatch):
    monkeypatch.setattr(pacing, "STALLED", 1_000)
    js = loaded.nc.jetstream()
    await js.add_consumer(EVENT_STREAM, ConsumerConfig(durable_name="county", ack_policy=AckPolicy.ALL))
    async with publishing(loaded):
        await until(lambda: nothing_waits(loaded))


async def test_where_the_server_says_nothing_of_its_readers_the_bulk_goes_out_all_the_same(loaded, monkeypatch):
    ask, asked = bus.ask, []

    async def silent(nc, subject, *arguments, **options):
        if ".CONSUMER." in subject:
            asked.append(subject.split(".")[3])
            if "LIST" not in subject or len(asked) > 1:
                raise TimeoutError
        return await ask(nc, subject, *arguments, **options)

    monkeypatch.setattr(bus, "ask", silent)
    monkeypatch.setattr(pacing, "STALLED", 0.1)
    await loaded.nc.jetstream().add_consumer(
        EVENT_STREAM, ConsumerConfig(durable_name="mute", metadata={bus.READER: "mute"})
    )
    async with publishing(loaded):
        await until(lambda: nothing_waits(loaded))
    assert set(asked) == {"LIST", "INFO"} and asked.count("LIST") > 1


async def test_more_than_the_stream_takes_at_once_may_be_pulled_along(writer, monkeypatch):
    monkeypatch.setattr(relay, "PROBE", 0)
    await load(writer, *["a"] * 1_100)
    async with publishing(writer):
        await add(writer, "a")
        await until(lambda: nothing_waits(writer))
    assert await count(writer) == 1_101
    last = await writer.nc.jetstream().get_last_msg(EVENT_STREAM, "duban.evt.v1.>")
    assert json.loads(last.data)["version"] == 1_101


async def test_what_follows_from_a_bulk_event_is_bulk_in_the_next_service_too(writer, reader):
    await load(writer, "a", "b")
    await add(writer, "b")
    async with working(writer, reader):
        await until(lambda: has_handled(reader, 3))
        await until(lambda: nothing_waits(reader))
    echoes = [message for message in await in_stream(reader) if ".echo.made." in message.subject]
    lanes = {(m.headers["ce-subject"], json.loads(m.data)["version"]): m.headers.get(HEADER) for m in echoes}
    assert lanes == {("echo/a", 1): "bulk", ("echo/b", 1): "bulk", ("echo/b", 2): None}


async def test_no_run_mixes_lanes_so_each_event_emitted_has_that_of_its_cause(house):
    keeper = await house.service("diary", diary)
    lanes = [Lane.BULK, Lane.BULK, Lane.URGENT, Lane.BULK]
    async with connected(keeper) as db:
        await Inbox(keeper).deliver(db, [opened(str(n), lane) for n, lane in enumerate(lanes)])
        assert [row["lane"] for row in await db.fetch("select lane from pending order by seq")] == lanes
        runs = await db.fetch("select types from diary where handler = 'book' order by seq")
    assert [len(run["types"].split()) for run in runs] == [2, 1, 1]


def opened(name: str, lane: Lane) -> Message:
    """A book that makes the diary write a page."""
    event = BookOpened(
        time="2026-11-23T10:00:00+08:00", aggregate=f"book/{name}", version=1, owner="14.00.00",
        address="14.00.00.000.gov", title="page",
    )  # fmt: skip
    return Message(
        str(event.id), event.type, event.aggregate, event.subject(), event.model_dump_json().encode(), lane=lane
    )


async def test_an_import_may_take_longer_than_an_urgent_event_before_health_is_red(loaded):
    late = "update pending set at = now() - interval '10 minutes'"
    await loaded.pool.execute(late)
    ok, state = await health(loaded, Progress())
    assert ok and state["bulk_age"] > loaded.settings.outbox_limit and state["outbox_age"] == 0
    await add(loaded)
    await loaded.pool.execute(late)
    assert not (await health(loaded, Progress()))[0]
    assert set(await outbox.ages(loaded.pool)) == set(Lane)


async def test_the_events_of_a_bulk_command_alone_are_bulk(writer):
    await asyncio.gather(add(writer), load(writer, "b"))
    rows = await writer.pool.fetch("select aggregate, lane from pending join outbox using (seq) order by aggregate")
    assert [tuple(row) for row in rows] == [("thing/a", Lane.URGENT), ("thing/b", Lane.BULK)]
