"""The service on a real database: what was handled and emitted is kept, and comes back the same from the log."""

from collections.abc import Iterable
from decimal import Decimal

import pytest

from contracts.envelope import Event
from contracts.events.assignment import AssignmentEvent
from contracts.events.light import LightChanged
from contracts.terms import Light, LightReason
from services.alerts.domain import LightPolicy, policy_published
from services.chassis import outbox
from services.chassis.handlers import member
from services.chassis.rebuild import rebuild
from services.chassis.service import Service
from tests.alerts.conftest import Alerts, calendar, calendars
from tests.alerts.judge import CALENDAR, INSTANT, T0, begin, brief, judge, under_way
from tests.alerts.test_task import a_month
from tests.story import Story, moment
from tests.story.province import EVERYONE, NODE, OFFICE, WATER, YAODU

STATE = ("task", "assignment", "light", "alarm", "policy", "calendar")


async def test_the_service_emits_what_the_domain_decides(alerts: Alerts):
    life, end = a_month(), moment("2027-06-01 00:00")
    for event in life:
        await alerts.wait(event.time - INSTANT)
        await alerts.handle(event)
    await alerts.wait(end)
    _, events = judge(life, until=end)
    assert sorted(brief(await alerts.emitted()), key=repr) == sorted(brief(events), key=repr)


async def test_a_whole_life_handled_in_one_batch_emits_the_same(alerts: Alerts):
    life = a_month()
    await alerts.handle(*life)
    _, events = judge(life)
    assert sorted(brief(await alerts.emitted()), key=repr) == sorted(brief(events), key=repr)


async def test_an_assignment_in_hand_counts_with_the_lights_of_those_that_are_not(alerts: Alerts):
    story, matter = begin(responsible=[YAODU], supporting=[WATER])
    await alerts.handle(*story.events)
    await alerts.wait(moment("2026-09-20 23:00"))
    story.at("2026-09-21 09:00")
    await alerts.handle(*matter.acknowledge(), *matter.deploy())
    assert await alerts.lights("role is null") == {Light.LAGGING}
    await alerts.handle(*matter.acknowledge(YAODU), *matter.deploy(YAODU))
    assert await alerts.lights("role is null") == {Light.NORMAL}
    assert await alerts.lights("role = 'supporting'") == {Light.LAGGING}


async def test_an_assignment_of_an_unknown_task_is_not_taken(alerts: Alerts):
    story, matter = begin()
    with pytest.raises(LookupError, match=str(matter.task.task_id)):
        await alerts.handle(*story.events[1:])


async def test_only_what_this_node_owns_is_judged(alerts: Alerts):
    story = Story(T0, node="14.10.00")
    matter = story.register()
    matter.acknowledge()
    await alerts.handle(*story.events)
    await alerts.wait(moment("2027-01-01 00:00"))
    assert await alerts.emitted() == []
    assert await alerts.fetch("select from task") == await alerts.fetch("select from assignment") == []


async def test_the_light_of_a_task_goes_to_whom_the_task_is_meant_for_by_now(alerts: Alerts):
    story, _ = begin()
    registered = story.events[0]
    later = registered.model_copy(update={"version": 2, "audience": (OFFICE, YAODU)})
    await alerts.handle(*story.events)
    await alerts.handle(later)
    await alerts.wait(moment("2026-09-20 23:00"))
    own = [event for event in await alerts.emitted(LightChanged) if not event.light.assignment_id]
    assert [event.audience for event in own] == [registered.audience, later.audience]


async def test_an_event_of_a_kind_never_heard_of_is_judged_by_its_state(alerts: Alerts):
    story, matter = under_way()
    await alerts.handle(*story.events)
    [submitted] = [event for event in matter.complete() if event.type == "assignment.submitted"]
    transferred = member(AssignmentEvent, "assignment.transferred").model_validate(submitted.model_dump())
    await alerts.handle(transferred)
    last = (await alerts.emitted(LightChanged))[-1]
    assert last.light.reasons == (LightReason.SUBMITTED_ON_TIME,)


async def test_nothing_is_emitted_where_nothing_changed(alerts: Alerts):
    story, matter = begin()
    await alerts.handle(*story.events)
    before = await alerts.emitted()
    story.at("2026-09-18 11:00")
    await alerts.handle(*matter.acknowledge(), *matter.report(50))
    assert await alerts.emitted() == before


async def test_a_revised_calendar_moves_what_it_concerns(alerts: Alerts):
    story, _ = under_way(5, "2026-09-18 11:00")
    now = moment("2026-09-20 12:00")
    await alerts.handle(*story.events)
    await alerts.wait(now)
    days = [day.model_copy(update={"is_workday": True}) for day in CALENDAR.days if day.date.year == 2026]
    await alerts.handle(calendar(2026, days, now))
    await alerts.wait(moment("2026-09-24 00:00"))
    first = next(event for event in await alerts.emitted(LightChanged) if event.light.light is Light.LAGGING)
    assert first.light.reasons == (LightReason.BEHIND_PLAN,)
    assert first.time == moment("2026-09-23 18:00") + INSTANT  # the fifth of 31 days; it was the third of 17


async def test_a_calendar_that_changes_no_day_disturbs_nobody(alerts: Alerts):
    story, _ = begin()
    await alerts.handle(*story.events)
    before = await alerts.fetch("select * from schedule order by assignment_id")
    days = [day.model_copy(update={"provisional": True}) for day in CALENDAR.days if day.date.year == 2027]
    await alerts.handle(calendar(2027, days, moment("2026-09-19 09:00")))
    assert await alerts.fetch("select * from schedule order by assignment_id") == before


async def test_a_new_policy_is_applied_to_every_open_assignment(alerts: Alerts):
    story, matter = begin()
    story.at("2026-09-18 11:00")
    matter.acknowledge()
    matter.report(4)
    await alerts.handle(*story.events)
    now = moment("2026-09-20 19:00")
    strict = policy_published(LightPolicy(version=2, lag_points=Decimal(1)), now, NODE, EVERYONE)
    await alerts.wait(now)
    async with alerts.service.pool.acquire() as db, db.transaction():
        await outbox.emit(db, alerts.service.handlers, [strict])
    await alerts.wait(now)
    last = [event for event in await alerts.emitted(LightChanged) if event.light.assignment_id][-1]
    assert (last.light.policy_version, last.time) == (2, now)
    assert last.light.reasons == (LightReason.BEHIND_PLAN, LightReason.DEPLOY_MISSED)


async def test_an_assignment_judged_again_to_no_effect_is_scheduled_as_before(alerts: Alerts):
    story, _ = begin()
    await alerts.handle(*story.events)
    now = moment("2026-09-19 09:00")
    await alerts.wait(now)
    before, events = await alerts.fetch("select * from schedule order by assignment_id"), await alerts.emitted()
    same = policy_published(LightPolicy(version=2), now, NODE, EVERYONE)
    async with alerts.service.pool.acquire() as db, db.transaction():
        await outbox.emit(db, alerts.service.handlers, [same])
    assert await alerts.fetch("select * from schedule order by assignment_id") != before
    assert await alerts.turn(now) == 0
    assert await alerts.fetch("select * from schedule order by assignment_id") == before
    assert await alerts.emitted() == [*events, same]


async def test_the_state_after_a_rebuild_is_the_state_it_was(alerts: Alerts):
    story = a_story_of_two_tasks()
    for n, event in enumerate(story.events):
        await publish(alerts.service, [event])
        await alerts.wait(event.time - INSTANT)
        if n % 2:  # two at a time
            await alerts.handle(*story.events[n - 1 : n + 1])
    await alerts.handle(*story.events)  # the last one, if their number is odd
    await publish(alerts.service, calendars())
    await alerts.wait(moment("2026-11-23 00:00"))
    before, events = await state(alerts), await alerts.emitted()
    lights = {event.aggregate for event in events if event.type == "light.changed"}
    alarms = [event for event in events if event.type != "light.changed"]
    others = {event.aggregate for event in [*story.events, *calendars()]}
    done = {"aggregates": len(others), "applied": len(lights) + len(alarms), "parked": 0}
    assert await rebuild(alerts.service, ()) == done
    assert await state(alerts) == before
    await alerts.wait(moment("2026-11-23 00:00"))
    assert await alerts.emitted() == events
    assert await state(alerts) == before


def a_story_of_two_tasks() -> Story:
    """One with an extension and a rework, one from an office's ledger."""
    story, matter = begin(responsible=[YAODU])
    steps = {
        "2026-09-21 11:00": lambda: (matter.acknowledge(), matter.report(30)),
        "2026-09-22 11:00": lambda: matter.acknowledge(YAODU),
        "2026-10-09 09:00": lambda: matter.change_due("2026-10-30 18:00", YAODU),
        "2026-10-12 09:00": lambda: matter.complete(YAODU),
        "2026-10-21 09:00": lambda: matter.rework(YAODU),
        "2026-10-30 09:00": lambda: story.register(deadline="", t0=T0, percent=20, historical_before=story.now),
    }
    for at, step in steps.items():
        story.at(at)
        step()
    return story


async def state(alerts: Alerts) -> dict[str, list[str]]:
    """Everything but the schedule, which the next tick puts right."""
    return {table: sorted(map(repr, await alerts.fetch(f"select * from {table}"))) for table in STATE}


async def publish(service: Service, events: Iterable[Event]) -> None:
    """The stream has these events."""
    stream = service.nc.jetstream()
    for event in events:
        await stream.publish(event.subject(), event.model_dump_json().encode(), headers=event.headers())
