"""What must not stop a service: hostile commands, oversize events, a lost stream, dead letters sent back late."""

import asyncio
from pathlib import Path

import nats
import pytest

from contracts.envelope import COMMAND_STREAM, EVENT_STREAM
from contracts.refusals import Refused
from services.chassis import audit, outbox
from services.chassis.app import opened, patiently
from services.chassis.handlers import gather
from services.chassis.service import Service
from services.nodes.bus import prepare
from tests.chassis import toy
from tests.chassis.conftest import add, exists, handled, has_handled, parked, until, working
from tests.chassis.test_walk import healed

MIGRATIONS = Path(toy.__file__).parent / "migrations"


async def test_what_the_stream_would_never_take_is_refused(writer, monkeypatch):
    monkeypatch.setattr(outbox, "LARGEST", 100)
    answer = await add(writer)
    assert isinstance(answer, Refused) and answer.code == "too_large"
    assert not await exists(writer, "select 1 from outbox")


async def test_a_dead_letter_sent_back_goes_before_newer_ones(writer, reader, monkeypatch):
    async with working(writer, reader):
        for _ in range(3):
            await add(writer, "poison")
        await until(lambda: parked(reader, 2))
    async with working(writer):
        await add(writer, "poison")
        await until(lambda: exists(writer, "select 1 where not exists (select from pending)"))
    handler = next(iter(reader.handlers.events.values()))
    monkeypatch.setattr(type(handler), "call", property(lambda _: healed), raising=False)
    await reader.pool.execute("update dead_letter set retry = true")
    async with working(reader):
        await until(lambda: has_handled(reader, 4))
    assert await handled(reader) == [("poison", 1), ("poison", 2), ("poison", 3), ("poison", 4)]


async def test_a_dead_letter_sent_back_that_fails_again_still_holds_those_behind_it(writer, reader, monkeypatch):
    async def fails_once(event, db):
        if event.version == 2:
            raise ValueError("still")
        await healed(event, db)

    async with working(writer, reader):
        for _ in range(3):
            await add(writer, "poison")
        await until(lambda: parked(reader, 2))
    handler = next(iter(reader.handlers.events.values()))
    monkeypatch.setattr(type(handler), "call", property(lambda _: fails_once), raising=False)
    await reader.pool.execute("update dead_letter set retry = true")
    async with working(reader):
        await until(lambda: exists(reader, "select 1 where not exists (select from dead_letter where retry)"))
    assert await handled(reader) == [("poison", 1)] and await parked(reader, 2)


async def test_a_server_that_came_back_empty_is_waited_for_until_it_has_its_streams_again(writer, reader):
    async with working(writer, reader):
        await add(writer)
        await until(lambda: has_handled(reader, 1))
        for stream in (EVENT_STREAM, COMMAND_STREAM):
            await writer.nc.jetstream().delete_stream(stream)
        await add(writer)
        await prepare(writer.settings)
        await until(lambda: has_handled(reader, 2))
    assert await handled(reader) == [("a", 1), ("a", 2)]


async def test_a_service_makes_no_stream_and_waits_at_its_start_for_who_makes_them(house):
    service = Service("toy", house.settings.model_copy(update={"standby": 0.05}), gather(toy))
    nc = await nats.connect(**house.settings.bus())
    for stream in (EVENT_STREAM, COMMAND_STREAM):
        await nc.jetstream().delete_stream(stream)
    with pytest.raises(ConnectionError, match="`duban node keep` makes it"):
        await opened(service, MIGRATIONS)
    starting = asyncio.ensure_future(patiently(service, lambda: opened(service, MIGRATIONS)))
    await asyncio.wait([starting], timeout=0.3)
    assert not starting.done() and await nc.jetstream().streams_info() == []
    await prepare(house.settings)
    await starting
    service.pool.terminate()
    await service.broker.stop()
    await nc.close()


async def test_two_who_write_at_once_do_not_break_the_audit_chain_of_their_unit(writer):
    written = "insert into audit (unit, entry) values ('14.10.02.000.gov', $1)"
    async with writer.pool.acquire() as slow, writer.pool.acquire() as quick:
        transaction = slow.transaction()
        await transaction.start()
        await slow.execute(written, "first")
        await quick.execute(written, "second")
        assert await audit.seal_new(quick) == 1
        await transaction.commit()
        assert await audit.seal_new(quick) == 1
        assert await audit.verify(quick) == []
