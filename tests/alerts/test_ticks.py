"""Where time acts: once, whoever looks, and never beyond what was handled."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from contracts.envelope import EVENT_STREAM, Event
from contracts.events.light import ClockMissed, LightChanged
from contracts.events.register import PolicyPublished
from contracts.terms import Light, LightReason, ReportKind
from contracts.workdays import ClockKind, Weight
from services.alerts import store, ticks
from services.chassis import bus, db, outbox
from tests.alerts.conftest import Alerts, calendar, calendars
from tests.alerts.judge import CALENDAR, INSTANT, T0, begin, clocks
from tests.alerts.test_handlers import publish
from tests.chassis.conftest import until, working
from tests.story import Matter, Story, moment
from tests.story.province import EVERYONE

RUNS_OUT = moment("2026-09-20 18:00") + INSTANT


async def many(alerts: Alerts, count: int) -> tuple[Story, list[Matter]]:
    """So many tasks of one assignment each, issued together, whose deploy clocks run out together."""
    await alerts.service.pool.execute("truncate task, assignment, light, alarm, schedule, inbox, outbox, pending")
    story = Story(T0)
    matters = [story.register(deadline="", weight=Weight.MAJOR) for _ in range(count)]
    await alerts.handle(*story.events)
    await alerts.wait(RUNS_OUT - INSTANT)
    return story, matters


async def test_three_loops_at_once_emit_each_of_two_thousand_alarms_once(
    alerts: Alerts, monkeypatch: pytest.MonkeyPatch
):
    await many(alerts, 2_000)
    monkeypatch.setattr(store, "AT_ONCE", 50)
    counts = await asyncio.gather(*(loop(alerts) for _ in range(3)))
    missed = Counter(event.alarm.assignment_id for event in await alerts.emitted(ClockMissed))
    lights = [event.aggregate for event in await alerts.emitted(LightChanged) if event.light.light is Light.LAGGING]
    assert len(missed) == 2_000 and set(missed.values()) == {1}
    assert len(lights) == len(set(lights)) == 4_000
    assert sum(counts) == 6_000
    assert sum(map(bool, counts)) > 1, "only one loop did anything"


async def loop(alerts: Alerts) -> int:
    """One replica's tick, on its own connection, until nothing is due."""
    total = 0
    async with db.connected(alerts.service) as connection:
        while await connection.fetchval("select exists (select from schedule where next_at <= $1)", RUNS_OUT):
            async with connection.transaction():
                events = await ticks.turn_lights(connection, RUNS_OUT)
                await outbox.emit(connection, alerts.service.handlers, events)
            total += len(events)
            await asyncio.sleep(0)
    return total


async def test_reports_a_revised_calendar_and_time_at_once_neither_collide_nor_skip_a_version(
    alerts: Alerts, monkeypatch: pytest.MonkeyPatch
):
    story, matters = await many(alerts, 300)
    monkeypatch.setattr(store, "AT_ONCE", 20)
    days = [day.model_copy(update={"is_workday": True}) for day in CALENDAR.days if day.date.year == 2026]
    story.at("2026-09-20 19:00")

    async def reports() -> None:
        for some in range(0, 300, 25):
            late: list[Event] = []
            for matter in matters[some:][:25]:
                late += [*matter.acknowledge(), *matter.report(5, kind=ReportKind.DEPLOYMENT)]
            await alerts.handle(*late, calendar(2026, days, RUNS_OUT, version=2 + some))
            await asyncio.sleep(0)

    await asyncio.gather(reports(), loop(alerts), loop(alerts))
    events = await alerts.emitted()
    for aggregate, count in Counter(event.aggregate for event in events).items():
        assert [event.version for event in events if event.aggregate == aggregate] == list(range(1, count + 1))
    assert len(await alerts.emitted(ClockMissed)) == 300
    assert await alerts.lights("role is null") == {Light.NORMAL}


async def test_one_tick_takes_many_assignments_with_as_many_statements_as_one(alerts: Alerts):
    counts = []
    for count in (1, 200):
        await many(alerts, count)
        statements: list[str] = []
        async with db.connected(alerts.service) as connection, connection.transaction():
            with connection.query_logger(lambda query, to=statements: to.append(query.query)):
                events = await ticks.turn_lights(connection, RUNS_OUT)
                await outbox.emit(connection, alerts.service.handlers, events)
        assert len(events) == 3 * count
        counts.append(len(statements))
    assert counts[0] == counts[1]


async def test_one_batch_of_tasks_and_assignments_takes_as_many_statements_as_one_task(alerts: Alerts):
    counts, story = [], Story(T0)
    for count in (1, 1, 200):  # the first one also reads the calendar
        statements: list[str] = []
        story.events.clear()
        for _ in range(count):
            story.register(deadline="")
        async with alerts.service.pool.acquire() as connection:
            with connection.query_logger(lambda query, to=statements: to.append(query.query)):
                await alerts.inbox.take(connection, alerts.messages(*story.events))
        counts.append(len(statements))
    assert counts[1] == counts[2]


async def test_a_task_on_which_another_decides_is_left_to_it(alerts: Alerts):
    await many(alerts, 2)
    async with db.connected(alerts.service) as other, other.transaction():
        await other.execute("select from task where task_id = (select min(task_id::text)::uuid from task) for update")
        await alerts.turn(RUNS_OUT)
        assert len(await alerts.emitted(ClockMissed)) == 1
    await alerts.turn(RUNS_OUT)
    assert len(await alerts.emitted(ClockMissed)) == 2


async def test_the_same_alarm_twice_is_an_error_even_if_a_loop_would_emit_it(alerts: Alerts):
    await many(alerts, 1)
    await alerts.turn(RUNS_OUT)
    [missed] = await alerts.emitted(ClockMissed)
    with pytest.raises(asyncpg.UniqueViolationError):
        async with alerts.service.pool.acquire() as connection, connection.transaction():
            await store.save_alarms(connection, [missed])


async def test_an_assignment_is_next_due_when_its_light_next_changes(alerts: Alerts):
    story, _ = begin()
    await alerts.handle(*story.events)
    for _ in range(20):
        [at] = [row["next_at"] for row in await alerts.fetch("select next_at from schedule")]
        assert not await alerts.turn(at - INSTANT)
        assert await alerts.turn(at), at
        if await alerts.fetch("select from schedule") == []:
            break
    last = (await alerts.emitted(LightChanged))[-1]
    assert last.light.light is Light.OVERDUE


async def test_at_first_start_the_policy_is_published_once(alerts: Alerts):
    for _ in range(2):
        async with alerts.service.pool.acquire() as connection, connection.transaction():
            events = await ticks.pass_time(connection, datetime.now(UTC), alerts.service)
            await outbox.emit(connection, alerts.service.handlers, events)
    [policy] = await alerts.emitted(PolicyPublished)
    assert (policy.service, policy.name, policy.address) == ("alerts", "light", EVERYONE)
    assert policy.values["stalled_days"] == 10


async def test_time_does_not_overtake_a_report_that_waits_in_the_stream(alerts: Alerts):
    service, now = alerts.service, datetime.now(UTC)
    story, matter = begin(now - timedelta(days=20))
    await publish(service, [*calendars(), *story.events])
    await read(alerts)
    story.at(matter.part().clocks[0].due - timedelta(hours=1))
    await publish(service, [*matter.acknowledge(), *matter.deploy()])
    await until(alerts.inbox.lag)
    assert await ticks.handled_until(service, now) == matter.task.t0
    for expected in ([PolicyPublished], []):
        async with db.connected(service) as connection, connection.transaction():
            events = await ticks.pass_time(connection, now, service)
            await outbox.emit(connection, service.handlers, events)
            assert [type(event) for event in events] == expected
    async with working(service):
        await until(lambda: alerts.emitted(ClockMissed))
    assert [clock.kind for clock in clocks(await alerts.emitted(ClockMissed))] == [ClockKind.FEEDBACK_3D]


async def read(alerts: Alerts) -> None:
    """The inbox takes what the stream has by now, and stops."""
    service = alerts.service
    await bus.rewind(service, EVENT_STREAM, service.name, alerts.inbox.subject)
    async with (
        bus.reading(service, EVENT_STREAM, service.name) as fetch,
        db.connected(service) as connection,
    ):
        messages = await fetch()
        await alerts.inbox.deliver(connection, messages)
        await messages[-1].acknowledge()
    await until(lambda: caught_up(alerts))


async def caught_up(alerts: Alerts) -> bool:
    return (await alerts.inbox.lag()).events == 0


async def test_lights_turn_within_five_seconds_of_their_moment_and_of_a_report(alerts: Alerts):
    service, start = alerts.service, datetime.now(UTC)
    story, matter = begin(start - timedelta(days=3), "年底前")
    due = start + timedelta(seconds=1)
    *before, issued = [event for event in story.events if event.type in ("task.registered", "assignment.issued")]
    soon = issued.assignment.resolving.model_copy(update={"due": due})
    state = issued.assignment.model_copy(update={"clocks": (*issued.assignment.clocks[:-1], soon)})
    await publish(service, [*calendars(), *before, issued.model_copy(update={"assignment": state})])
    async with working(service):
        await until(lambda: shows(alerts, Light.OVERDUE), seconds=1 + 5)
        story.at(datetime.now(UTC))
        await publish(service, matter.finish())
        await until(lambda: shows(alerts, Light.NONE), seconds=5)
    own = [event for event in await alerts.emitted(LightChanged) if event.light.assignment_id]
    overdue = next(event for event in own if event.light.light is Light.OVERDUE)
    assert LightReason.PAST_DUE in overdue.light.reasons and overdue.time == due + INSTANT


async def shows(alerts: Alerts, light: Light) -> bool:
    """The last light is this one, and the stream has its event."""
    sql = "select body from outbox where type = 'light.changed' and seq not in (select seq from pending) order by seq"
    rows = await alerts.fetch(sql)
    return bool(rows) and LightChanged.model_validate_json(rows[-1]["body"]).light.light is light
