"""Where time acts: once, whoever looks, and never beyond what was heard."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from contracts.events.light import ClockMissed, LightChanged
from contracts.events.register import PolicyPublished
from contracts.terms import Light, LightReason, ReportKind
from contracts.workdays import ClockKind, Weight
from services.alerts import store, ticks
from services.chassis import bus, db, outbox
from tests.alerts.conftest import Alerts, calendars
from tests.alerts.story import CALENDAR, Story, at
from tests.alerts.test_handlers import calendar, publish
from tests.alerts.test_light import INSTANT, T0, major
from tests.chassis.conftest import until, working

RUNS_OUT = at("2026-09-20 18:00") + INSTANT


async def many(alerts: Alerts, count: int) -> list[Story]:
    """So many tasks of one part each, issued together, of which all deploy clocks run out together."""
    stories = [Story(T0, weight=Weight.MAJOR) for _ in range(count)]
    await alerts.hear(*(story.registered() for story in stories), *(story.issued() for story in stories))
    await alerts.wait(RUNS_OUT - INSTANT)
    return stories


async def test_three_loops_at_once_say_each_of_two_thousand_words_once(alerts: Alerts, monkeypatch: pytest.MonkeyPatch):
    await many(alerts, 2_000)
    monkeypatch.setattr(store, "AT_ONCE", 50)
    said = await asyncio.gather(*(loop(alerts) for _ in range(3)))
    missed = Counter(event.assignment_id for event in await alerts.said(ClockMissed))
    lights = [event.aggregate for event in await alerts.said(LightChanged) if event.light is Light.LAGGING]
    assert len(missed) == 2_000 and set(missed.values()) == {1}
    assert len(lights) == len(set(lights)) == 4_000
    assert sum(said) == 6_000
    assert sum(map(bool, said)) > 1, "only one loop did anything"


async def loop(alerts: Alerts) -> int:
    """One replica's clock, on its own connection, until nothing is due."""
    total = 0
    async with db.connected(alerts.service) as connection:
        while await connection.fetchval("select exists (select from due where at <= $1)", RUNS_OUT):
            async with connection.transaction():
                said = await ticks.turn(connection, RUNS_OUT)
                await outbox.emit(connection, alerts.service.handlers, said)
            total += len(said)
            await asyncio.sleep(0)
    return total


async def test_reports_a_revised_calendar_and_time_at_once_neither_collide_nor_skip_a_version(
    alerts: Alerts, monkeypatch: pytest.MonkeyPatch
):
    stories = await many(alerts, 300)
    monkeypatch.setattr(store, "AT_ONCE", 20)
    days = tuple(day.model_copy(update={"is_workday": True}) for day in CALENDAR.days if day.date.year == 2026)

    async def reports() -> None:
        for some in range(0, 300, 25):
            late = [story.reported(at("2026-09-20 19:00"), 5, ReportKind.DEPLOYMENT) for story in stories[some:][:25]]
            await alerts.hear(*late, calendar(2026, days, RUNS_OUT, version=2 + some))
            await asyncio.sleep(0)

    await asyncio.gather(reports(), loop(alerts), loop(alerts))
    said = await alerts.said()
    for aggregate, count in Counter(event.aggregate for event in said).items():
        assert [event.version for event in said if event.aggregate == aggregate] == list(range(1, count + 1))
    assert len(await alerts.said(ClockMissed)) == 300
    assert set(await alerts.lights("select light from task")) == {Light.NORMAL}


async def test_one_tick_takes_many_parts_with_as_many_statements_as_one(alerts: Alerts):
    counts = []
    for count in (1, 200):
        await many(alerts, count)
        statements: list[str] = []
        async with db.connected(alerts.service) as connection, connection.transaction():
            with connection.query_logger(lambda query, to=statements: to.append(query.query)):
                await outbox.emit(connection, alerts.service.handlers, await ticks.turn(connection, RUNS_OUT))
        counts.append(len(statements))
    assert counts[0] == counts[1]


async def test_a_task_on_which_another_acts_is_left_to_it(alerts: Alerts):
    await many(alerts, 2)
    async with db.connected(alerts.service) as other, other.transaction():
        await other.execute("select from task where task_id = (select min(task_id::text)::uuid from task) for update")
        await alerts.turn(RUNS_OUT)
        assert len(await alerts.said(ClockMissed)) == 1
    await alerts.turn(RUNS_OUT)
    assert len(await alerts.said(ClockMissed)) == 2


async def test_the_same_word_twice_is_an_error_even_if_a_loop_would_say_it(alerts: Alerts):
    await many(alerts, 1)
    await alerts.turn(RUNS_OUT)
    [missed] = await alerts.said(ClockMissed)
    with pytest.raises(asyncpg.UniqueViolationError):
        async with alerts.service.pool.acquire() as connection, connection.transaction():
            await store.tell(connection, [(missed, -1)])


async def test_a_part_is_next_due_when_its_light_next_changes(alerts: Alerts):
    story = major()
    await alerts.hear(story.registered(), story.issued())
    for _ in range(20):
        [due] = [row["at"] for row in await alerts.fetch("select at from due")]
        assert not await alerts.turn(due - INSTANT)
        said = await alerts.turn(due)
        assert said, due
        if await alerts.fetch("select from due") == []:
            break
    last = (await alerts.said(LightChanged))[-1]
    assert last.light is Light.OVERDUE


async def test_at_first_start_the_policy_is_published_once(alerts: Alerts):
    for _ in range(2):
        async with alerts.service.pool.acquire() as connection, connection.transaction():
            said = await ticks.act(connection, datetime.now(UTC), alerts.service)
            await outbox.emit(connection, alerts.service.handlers, said)
    [policy] = await alerts.said(PolicyPublished)
    assert (policy.service, policy.name, policy.address) == ("alerts", "light", "14.00.00.000.all")
    assert policy.values["stalled_days"] == 10


async def test_time_does_not_overtake_a_report_that_waits_in_the_stream(alerts: Alerts):
    service, now = alerts.service, datetime.now(UTC)
    story = Story(now - timedelta(days=20), weight=Weight.MAJOR)
    sent = story.clocks[0].due - timedelta(hours=1)
    await publish(service, *calendars(), story.registered(), story.issued())
    await read(alerts)
    await publish(service, story.reported(sent, kind=ReportKind.DEPLOYMENT))
    await until(alerts.mailbox.lag)
    assert await ticks.heard_until(service, now) == story.t0
    for expected in ([PolicyPublished], []):
        async with db.connected(service) as connection, connection.transaction():
            said = await ticks.act(connection, now, service)
            await outbox.emit(connection, service.handlers, said)
            assert [type(event) for event in said] == expected
    async with working(service):
        await until(lambda: alerts.said(ClockMissed))
    assert [event.clock for event in await alerts.said(ClockMissed)] == [ClockKind.FEEDBACK_3D]


async def read(alerts: Alerts) -> None:
    """The mailbox takes what the stream has by now, and stops."""
    service = alerts.service
    await bus.rewind(service, service.settings.stream, service.name, alerts.mailbox.subjects)
    async with bus.reading(service, service.settings.stream, service.name) as fetch, db.connected(service) as connection:
        letters = await fetch()
        await alerts.mailbox.deliver(connection, letters)
        await letters[-1].acknowledge()
    await until(lambda: caught_up(alerts))


async def caught_up(alerts: Alerts) -> bool:
    return await alerts.mailbox.lag() == 0


async def test_lights_turn_within_five_seconds_of_their_moment_and_of_a_report(alerts: Alerts):
    service, start = alerts.service, datetime.now(UTC)
    story = Story(start - timedelta(days=3), "年底前")
    issued, moved = story.issued(), story.moved(start, start + timedelta(seconds=1))
    await publish(service, *calendars(), story.registered(), issued, moved)
    async with working(service):
        await until(lambda: shows(alerts, Light.OVERDUE), seconds=1 + 5)
        await publish(service, story.submitted(datetime.now(UTC)), story.closed(datetime.now(UTC)))
        await until(lambda: shows(alerts, Light.NONE), seconds=5)
    overdue = next(e for e in await alerts.said(LightChanged) if e.light is Light.OVERDUE and e.assignment_id)
    assert LightReason.PAST_DUE in overdue.reasons and overdue.time == moved.due + INSTANT


async def shows(alerts: Alerts, light: Light) -> bool:
    """The task was last said to show this light, and the stream has it."""
    sql = "select body from outbox where type = 'light.changed' and published_at is not null order by seq"
    rows = await alerts.fetch(sql)
    return bool(rows) and LightChanged.model_validate_json(rows[-1]["body"]).light is light
