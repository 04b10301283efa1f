"""A database or a bus that is brought back from an older copy: nothing is missed, and no version is given out twice."""

import asyncio
import json
import shutil
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from contracts.refusals import Kind, Refused
from deploy.local import nats as server
from deploy.local import process
from deploy.local.backing import Backing, await_ready
from deploy.local.settings import free_ports
from services.chassis import rebuild, refill, relay, trouble, unlogged
from services.chassis.bus import message_at
from services.chassis.completeness import stream_of
from services.chassis.health import Progress, health
from services.chassis.leading import campaign, end
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.nodes.authority import Authority
from services.nodes.bus import prepare
from tests.chassis import echo, toy
from tests.chassis.conftest import (
    CLERK,
    add,
    all_published,
    handled,
    has_handled,
    until,
    whole,
    working,
    written,
)
from tests.conftest import House, database

OTHER = "duban.evt.v1.other.made.14.10.02.000.gov"
Pair = tuple[Service, Service]


@pytest.fixture(autouse=True)
def prompt(monkeypatch):
    """A test need not wait as long as a province."""
    monkeypatch.setattr(relay, "LOOK", 0.1)
    monkeypatch.setattr(refill, "GRACE", 0.3)
    monkeypatch.setattr(refill, "SILENCE", 3.0)
    monkeypatch.setattr(refill, "LATE", 0.5)
    monkeypatch.setattr(unlogged, "PAUSE", 0.1)


@asynccontextmanager
async def copied(backing: Backing, house: House, *services: Service) -> AsyncIterator[House]:
    """The database as it is now, for later: a house over the copy, on the same bus; `services` have let go of it."""
    for service in services:
        service.pool.terminate()
    name = urlsplit(house.settings.pg_dsn).path[1:]
    admin = await asyncpg.connect(backing.pg_dsn)
    sessions = "select count(*) from pg_stat_activity where datname = $1"
    while await admin.fetchval(sessions, name):
        await asyncio.sleep(0.02)
    await admin.close()
    async with database(backing, name) as dsn, AsyncExitStack() as running:
        yield House(house.settings.model_copy(update={"pg_dsn": dsn}), running)


async def opened(house: House) -> Pair:
    return await house.service("toy", toy), await house.service("echo", echo)


async def after_ten_events(house: House) -> Pair:
    """All was read and published."""
    writer, reader = await opened(house)
    async with working(writer, reader):
        await written(writer, 10)
        await until(lambda: has_handled(reader, 10))
        await all_published(reader)
    return writer, reader


async def events(service: Service) -> list[tuple[str, int, str]]:
    """Aggregate, version and id of every event in the stream, in order."""
    last = (await stream_of(service)).last
    stored = [await message_at(service, seq) for seq in range(1, last + 1)]
    return [(m.aggregate, json.loads(m.body)["version"], m.id) for m in stored if m]


async def versions_given_out_twice(service: Service) -> list[tuple[str, int]]:
    """Under different ids."""
    counts = Counter((aggregate, version) for aggregate, version, _ in set(await events(service)))
    return [each for each, count in counts.items() if count > 1]


async def test_a_database_from_an_older_copy_reads_on_from_where_it_was(backing, house: House):
    """The durable at the server is ahead of it."""
    writer, reader = await after_ten_events(house)
    async with copied(backing, house, writer, reader) as older:
        writer, reader = await opened(house)
        async with working(writer):
            await written(writer, 10)
        reading = asyncio.ensure_future(campaign(reader, {"inbox": reader.reader.lead}))  # and publishes nothing
        await until(lambda: has_handled(reader, 20))
        await until(lambda: nothing_waits_for(reader))
        await end([reading])
        reader = await older.service("echo", echo)
        async with working(reader):
            await until(lambda: has_handled(reader, 20))
        assert await handled(reader) == [("a", n) for n in range(1, 21)]


async def nothing_waits_for(service: Service) -> bool:
    return not (await service.reader.lag()).events


async def test_where_nothing_is_missing_nothing_is_taken_back_and_the_log_stays_open(writer, reader):
    async with working(writer, reader):
        await written(writer, 3)
        await until(lambda: has_handled(reader, 3))
    assert await rebuild.adopt(writer) == (0, [], False)
    async with working(writer):
        await written(writer, 1)


@asynccontextmanager
async def brought_back(backing: Backing, house: House) -> AsyncIterator[Pair]:
    """Ten events, a copy, five more and what others made of them; then the services over the copy."""
    house.settings = house.settings.model_copy(update={"anchor": 0})
    writer, reader = await after_ten_events(house)
    async with copied(backing, house, writer, reader) as older:
        writer, reader = await opened(house)
        async with working(writer, reader):
            await written(writer, 5)
            await until(lambda: has_handled(reader, 15))
            await all_published(reader)
        yield await opened(older)


async def test_a_log_that_is_older_than_the_stream_is_closed_and_health_says_what_to_do(backing, house: House):
    async with brought_back(backing, house) as (writer, reader):
        before = await events(writer)
        async with working(writer, reader):
            await until(lambda: is_closed(writer))
            answer = await add(writer)
            assert isinstance(answer, Refused) and (answer.kind, "数据库" in answer.message) == (Kind.UNAVAILABLE, True)
            ok, state = await health(writer, Progress())
        assert not ok and trouble.LOG_BEHIND in state["trouble"] and "duban adopt" in trouble.LOG_BEHIND
        assert await events(writer) == before


async def is_closed(service: Service) -> bool:
    return await service.pool.fetchval(unlogged.IS_CLOSED, trouble.LOG_CLOSED) and bool(service.current_troubles)


async def test_what_was_published_is_taken_back_and_all_goes_on_from_there(backing, house: House):
    async with brought_back(backing, house) as (writer, reader):
        await add(writer)  # before anybody noticed: version 11, which the stream has
        for service in (writer, reader):
            adopted = await rebuild.adopt(service)
            assert adopted.closed and adopted.events >= 5
            assert adopted.void == (["thing.added thing/a 11"] if service is writer else [])
        for service in (writer, reader):
            await rebuild.rebuild(service, ())
        assert await writer.pool.fetchval("select (total, version) from thing") == (15, 15)
        async with working(writer, reader):
            await written(writer, 3)
            await until(lambda: has_handled(reader, 18))
            await all_published(reader)
        assert await handled(reader) == [("a", n) for n in range(1, 19)]
        assert await versions_given_out_twice(writer) == []


class Copied:
    """A bus of its own whose store may be copied and brought back."""

    def __init__(self, place: Path, pg_dsn: str) -> None:
        self.place, self.ports = place, free_ports(2)
        self.authority = Authority(place / "keys")
        self.authority.write_users(place / "creds")
        self.settings = Settings(
            pg_dsn=pg_dsn,
            nats_url=f"nats://127.0.0.1:{self.ports[0]}",
            nats_credentials=place / "creds/operator.creds",
            var=place,
            patience=(0,),
            idle=0.2,
        )
        self.start()

    def start(self) -> None:
        log = self.place / "nats.log"
        self.child = server.child(self.place / "nats", server.Listen(*self.ports), self.authority, log, durable=False)
        self.child.start()
        await_ready([self.child])

    def stop(self) -> None:
        self.child.send(signal.SIGTERM)
        process.wait([self.child], 20)

    def copy(self) -> None:
        self.stop()
        shutil.copytree(self.place / "nats/jetstream", self.place / "copy")
        self.start()

    def bring_back(self) -> None:
        self.stop()
        shutil.rmtree(self.place / "nats/jetstream")
        shutil.copytree(self.place / "copy", self.place / "nats/jetstream")
        self.start()


@pytest.fixture
async def copy(place: Path, dsn: str) -> AsyncIterator[tuple[Copied, House]]:
    bus = Copied(place, dsn)
    await prepare(bus.settings)
    async with AsyncExitStack() as running:
        yield bus, House(bus.settings, running)
    bus.stop()


async def test_a_bus_from_an_older_copy_gets_its_end_back_and_nobody_misses_anything(copy, monkeypatch):
    bus, house = copy
    reported: list[str] = []
    report_trouble = Service.report_trouble

    def reporting(service: Service, trouble: str, words: str) -> None:
        report_trouble(service, trouble, words)
        reported.append(words)

    monkeypatch.setattr(Service, "report_trouble", reporting)
    writer, reader = await opened(house)
    async with working(writer):
        await written(writer, 10)
    bus.copy()
    await until(lambda: again_connected(writer, reader))
    async with working(writer):
        await written(writer, 10)
    bus.bring_back()
    await until(lambda: again_connected(writer, reader))
    for n in range(30):  # events of others enough to make up the number
        heading = {"Nats-Msg-Id": f"{n}", "ce-subject": f"other/{n}"}
        await writer.nc.jetstream().publish(OTHER, b'{"version": 1}', headers=heading)
    assert not await whole(writer), "its end is missing"
    async with working(reader):  # another service publishes first, onto the places that were the writer's
        await until(lambda: has_handled(reader, 10))
        await all_published(reader)
    async with working(writer, reader):
        await until(lambda: has_handled(reader, 20))
        await add(writer)
        await until(lambda: has_handled(reader, 21))
        await until(lambda: whole(writer))
    assert await handled(reader) == [("a", n) for n in range(1, 22)]
    assert any("事件流丢了末尾" in words for words in reported)
    assert await versions_given_out_twice(writer) == []


async def test_a_reader_follows_a_bus_from_an_older_copy(copy):
    """It had read what the stream lost, and what stands at those places now is something else."""
    bus, house = copy
    writer, reader = await after_ten_events(house)
    bus.copy()
    await until(lambda: again_connected(writer, reader))
    async with working(writer, reader):
        await written(writer, 10)
        await until(lambda: has_handled(reader, 20))
        await all_published(reader)
    bus.bring_back()
    await until(lambda: again_connected(writer, reader))
    _, (event,) = toy.decide(toy.Add(actor=CLERK, thing="b"), 0, 0, datetime.now(UTC))
    await writer.nc.jetstream().publish(event.subject(), event.model_dump_json().encode(), headers=event.headers())
    async with working(writer):
        await written(writer, 10)
    async with working(writer, reader):
        await until(lambda: has_handled(reader, 31))
    assert Counter(await handled(reader)) == Counter([("a", n) for n in range(1, 31)] + [("b", 1)])


async def test_an_event_is_not_missed_because_a_later_one_came_back_to_its_old_place(copy):
    """The last event it had read stands where it stood, published again, and another one before it."""
    bus, house = copy
    writer, reader = await after_ten_events(house)
    bus.copy()
    await until(lambda: again_connected(writer, reader))
    heading = {"Nats-Msg-Id": "other", "ce-subject": "other/1"}
    await writer.nc.jetstream().publish(OTHER, b'{"version": 1}', headers=heading)
    async with working(writer):
        await written(writer, 10)
    async with working(reader):
        await until(lambda: has_handled(reader, 20))
        await all_published(reader)
    place = await stands_at(writer, ("thing/a", 20))
    bus.bring_back()
    await until(lambda: again_connected(writer, reader))
    _, (event,) = toy.decide(toy.Add(actor=CLERK, thing="b"), 0, 0, datetime.now(UTC))
    await writer.nc.jetstream().publish(event.subject(), event.model_dump_json().encode(), headers=event.headers())
    async with working(writer):
        await until(lambda: stands_at(writer, ("thing/a", 20)))
    assert await stands_at(writer, ("thing/a", 20)) == place
    async with working(writer, reader):
        await until(lambda: has_handled(reader, 21))
    assert Counter(await handled(reader)) == Counter([("a", n) for n in range(1, 21)] + [("b", 1)])


async def stands_at(service: Service, event: tuple[str, int]) -> int:
    """The place of this version of an aggregate; 0 where the stream has it not."""
    versions = [each[:2] for each in await events(service)]
    return 1 + versions.index(event) if event in versions else 0


async def again_connected(*services: Service) -> bool:
    with suppress(Exception):
        async with asyncio.timeout(0.5):  # what was asked over the old connection is never answered
            for service in services:
                await stream_of(service)
        return True
    return False
