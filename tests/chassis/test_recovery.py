"""The logs are the truth, the stream a copy: it may be lost, and a state may be emptied, and nothing is."""

import asyncio
import json
from collections import Counter
from contextlib import suppress

import asyncpg
import pytest

from contracts.envelope import COMMAND_STREAM, EVENT_STREAM
from services.chassis import db, refill, relay
from services.chassis import rebuild as rebuilding
from services.chassis.completeness import NotComplete, stream_of
from services.chassis.health import Progress, health
from services.chassis.leading import campaign, end, take_over
from services.chassis.rebuild import rebuild
from services.chassis.service import Service
from services.nodes.bus import prepare
from tests.chassis.conftest import (
    NOTHING_WAITS,
    add,
    all_published,
    exists,
    handled,
    has_handled,
    parked,
    until,
    whole,
    working,
    written,
)


@pytest.fixture(autouse=True)
def prompt(monkeypatch):
    """A test need not wait as long as a province."""
    monkeypatch.setattr(relay, "LOOK", 0.1)
    monkeypatch.setattr(refill, "GRACE", 0.3)
    monkeypatch.setattr(refill, "LATE", 0.5)


async def wiped(service: Service) -> None:
    """As a server that came back with an empty disk, and whose keeper has made the streams again."""
    for stream in (EVENT_STREAM, COMMAND_STREAM):
        await service.nc.jetstream().delete_stream(stream)
    await prepare(service.settings)


async def in_stream(service: Service) -> list[tuple[str, int]]:
    """What the stream holds of things and echoes: aggregate and version, in order."""
    js = service.nc.jetstream()
    last = (await js.stream_info(EVENT_STREAM)).state.last_seq
    messages = [await js.get_msg(EVENT_STREAM, seq) for seq in range(1, last + 1)]
    events = [json.loads(message.data or b"") for message in messages]
    reported = [(event["aggregate"], event["version"]) for event in events]
    return [each for each in reported if each[0].startswith(("thing/", "echo/"))]


async def test_a_stream_made_anew_is_filled_before_anything_new_and_who_was_behind_gets_all_once(writer, reader):
    async with working(writer):
        await written(writer, 40)
    async with working(reader):
        await until(lambda: has_handled(reader, 40))
    async with working(writer):
        await written(writer, 30)
        await wiped(writer)
        await add(writer)
        await until(lambda: exists(writer, NOTHING_WAITS))
    async with working(writer, reader):
        await until(lambda: has_handled(reader, 71))
    assert await handled(reader) == [("a", n) for n in range(1, 72)]
    assert [each for each in await in_stream(reader) if "thing" in each[0]] == [("thing/a", n) for n in range(1, 72)]


async def test_an_idle_relay_notices_that_the_stream_was_made_anew_by_another(writer, reader):
    async with working(writer):
        await written(writer, 5)
        await wiped(writer)
        await until(lambda: filled(writer, 5))


async def filled(service: Service, count: int) -> bool:
    try:
        return (await stream_of(service)).messages >= count
    except Exception:
        return False


async def test_while_a_stream_is_filled_health_is_red_and_says_how_far(writer, monkeypatch):
    reported = []
    report_trouble = type(writer).report_trouble

    async def seen() -> bool:
        return bool(reported)

    def telling(service: Service, trouble: str, words: str) -> None:
        report_trouble(service, trouble, words)
        reported.append(words)

    monkeypatch.setattr(type(writer), "report_trouble", telling)
    monkeypatch.setattr(type(writer), "clear_trouble", lambda *_: None)
    async with working(writer):
        await written(writer, 5)
        await wiped(writer)
        await until(seen)
        ok, state = await health(writer, Progress())
    assert "事件流是新建的，正在从发件箱补发：" in reported[-1] and not ok and reported[-1] in state["trouble"]


@pytest.mark.parametrize("late", [0, 1.5])
async def test_no_event_is_filled_in_before_its_cause_in_another_log(writer, reader, monkeypatch, late: float):
    """The reader's own events follow from the writer's: whoever reads the filled stream meets the cause first.

    Also where the writer is so busy that it notices long after the reader has begun.
    """
    monkeypatch.setattr(refill, "LATE", 30)
    async with working(writer, reader):
        for n in range(30):
            await add(writer, f"a{n}")
        await until(lambda: has_handled(reader, 30))
        await until(lambda: exists(reader, NOTHING_WAITS))
        before = await in_stream(reader)
    await wiped(writer)
    async with working(reader):
        await asyncio.sleep(late)
        async with working(writer):
            await until(lambda: filled(writer, len(before)))
    after = await in_stream(reader)
    assert Counter(after) == Counter(before)
    assert [each for each in after if each[0].startswith("thing/")] == [b for b in before if b[0].startswith("thing/")]
    assert overtaking(after) == []


@pytest.mark.parametrize("echoed", [0, 10], ids=["that has published nothing yet", "that has filled its own part"])
async def test_what_waits_to_be_published_does_not_overtake_its_cause_either(writer, reader, echoed: int, monkeypatch):
    """The reader has handled things whose echoes wait for its relay when the stream is lost."""
    monkeypatch.setattr(refill, "LATE", 30)
    async with working(writer):
        for n in range(echoed):
            await add(writer, f"a{n}")
        await all_published(writer)
    async with working(reader):
        await until(lambda: has_handled(reader, echoed))
        await all_published(reader)
    async with working(writer):
        for n in range(echoed, 60):
            await add(writer, f"a{n}")
        await all_published(writer)
    reading = asyncio.ensure_future(campaign(reader, {"inbox": reader.reader.lead}))  # and publishes nothing
    await until(lambda: has_handled(reader, 60))
    await end([reading])
    await wiped(writer)
    writer.settings = writer.settings.model_copy(update={"batch": 1})
    async with working(writer, reader):
        await until(lambda: filled(writer, 120))
    assert overtaking(await in_stream(reader)) == []


def overtaking(events: list[tuple[str, int]]) -> list[str]:
    """The echoes that stand before their things."""
    names = [aggregate for aggregate, _ in events]
    echoes = [n for n, name in enumerate(names) if name.startswith("echo/")]
    assert echoes
    return [names[n] for n in echoes if names[n].replace("echo/", "thing/") not in names[:n]]


async def test_republishing_by_hand_adds_what_is_missing_and_readers_take_nothing_twice(writer, reader):
    async with working(writer, reader):
        await written(writer, 10)
        await until(lambda: has_handled(reader, 10))
        progress = []
        count = await refill.republish(writer, None, lambda done, total: progress.append((done, total)))
        assert count >= 10 and progress[-1] == (count, count)
        await add(writer)
        await until(lambda: has_handled(reader, 11))
    assert await handled(reader) == [("a", n) for n in range(1, 12)]


async def test_a_state_is_not_emptied_unless_the_stream_is_proved_whole(writer, reader):
    async with working(writer, reader):
        await written(writer, 10)
        await until(lambda: has_handled(reader, 10))
    await wiped(writer)
    with pytest.raises(NotComplete, match="还没有补发完"):
        await rebuild(reader, ())
    assert len(await handled(reader)) == 10
    async with working(writer), working(reader):
        await until(lambda: whole(reader))
    await rebuild(reader, ())
    assert await handled(reader) == [("a", n) for n in range(1, 11)]


async def test_a_stream_that_holds_fewer_events_than_the_logs_say_is_not_whole(writer, reader):
    async with working(writer):
        await written(writer, 3)
    await writer.pool.execute(
        "insert into outbox (id, type, aggregate, order_key, version, subject, body, time) "
        "select gen_random_uuid(), type, aggregate, order_key, 9, subject, body, time from outbox limit 1"
    )
    assert not await whole(reader)


async def test_a_running_service_is_paused_for_its_rebuild_and_told_to_start_anew(writer, reader):
    ended = []

    async def receive(message: object) -> None:
        ended.append(message)

    await writer.nc.subscribe("duban.renewed.echo", cb=receive)
    async with working(writer, reader):
        await written(writer, 10)
        await until(lambda: has_handled(reader, 10))
        assert (await rebuild(reader, ()))["aggregates"] == 1
        await until(lambda: is_true(ended))
        await add(writer)
        await until(lambda: has_handled(reader, 11))
    assert await handled(reader) == [("a", n) for n in range(1, 12)]


async def is_true(ended: list[object]) -> bool:
    return bool(ended)


async def test_a_poison_message_in_the_stream_does_not_stop_a_rebuild(writer, reader):
    js = reader.nc.jetstream()
    async with working(writer, reader):
        await written(writer, 3)
        subject = (await js.get_msg(EVENT_STREAM, 1)).subject
        await js.publish(str(subject), b"\xff no event", headers={"ce-subject": "thing/bad", "Nats-Msg-Id": "bad"})
        await written(writer, 3, "b")
        await until(lambda: has_handled(reader, 6))
        await until(lambda: parked(reader, 1))
    assert (await rebuild(reader, ()))["parked"] == 1
    assert await handled(reader) == [("a", 1), ("a", 2), ("a", 3), ("b", 1), ("b", 2), ("b", 3)]
    assert await parked(reader, 1)


async def test_the_lock_of_a_job_is_taken_from_who_holds_it(writer):
    async def for_ever(_: asyncpg.Connection) -> None:
        await asyncio.Event().wait()

    running = asyncio.ensure_future(campaign(writer, {"one": for_ever, "two": for_ever}))
    await asyncio.sleep(0.3)
    async with db.connected(writer) as mine:
        await take_over(writer, mine, ["one", "two"])
        assert not await other_holds(writer, "one")
    running.cancel()
    await asyncio.wait([running])


async def other_holds(service: Service, job: str) -> bool:
    async with db.connected(service) as other:
        return await db.held(other, f"{service.name}.{job}")


async def test_what_was_not_handled_yet_is_left_by_a_rebuild_and_handled_after_it(writer, reader):
    """Else it would be handled without the events that follow from it."""
    async with working(writer, reader):
        await written(writer, 5)
        await until(lambda: has_handled(reader, 5))
    async with working(writer):
        await written(writer, 5)
    await rebuild(reader, ())
    assert len(await handled(reader)) == 5
    async with working(reader):
        await until(lambda: has_handled(reader, 10))
        await all_published(reader)
    echoes = [each for each in await in_stream(reader) if each[0] == "echo/a"]
    assert echoes == [("echo/a", n) for n in range(1, 11)]


async def test_a_rebuild_that_gives_way_to_a_command_begins_again(writer, reader, monkeypatch):
    """The command has changed `thing` and now wants `other`; the rebuild has locked `other` and wants `thing`."""
    async with working(writer):
        await written(writer, 3)
    await writer.pool.execute("create table another (n integer)")
    take_over, connection = rebuilding.take_over, await writer.pool.acquire()
    transaction, commands = connection.transaction(), list[asyncio.Future[None]]()
    await transaction.start()
    await connection.execute("update thing set total = total")
    await connection.execute("set local deadlock_timeout = '1min'")  # so that it is the rebuild that gives way

    async def taken_over(*args) -> None:
        await take_over(*args)
        commands.append(asyncio.ensure_future(wants_another()))

    async def wants_another() -> None:
        await until(lambda: exists(reader, "select 1 from pg_locks where not granted and mode = 'AccessExclusiveLock'"))
        with suppress(asyncpg.DeadlockDetectedError):
            await connection.execute("insert into another values (1)")
        await transaction.commit()

    monkeypatch.setattr(rebuilding, "take_over", taken_over)
    assert (await rebuild(writer, ()))["applied"] == 3
    await asyncio.gather(*commands)
    assert await writer.pool.fetchval("select (total, version) from thing") == (3, 3)
    await writer.pool.release(connection)
