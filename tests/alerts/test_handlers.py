"""The service on a real database: what was heard and said is kept, and comes back the same from the log."""

from decimal import Decimal

import pytest

from contracts.envelope import Event
from contracts.events.light import LightChanged
from contracts.events.register import CalendarRevised
from contracts.terms import Light, LightReason, Role
from contracts.workdays import Weight
from services.alerts.domain import LightPolicy, announced, registered
from services.chassis import outbox
from services.chassis.rebuild import rebuild
from services.chassis.service import Service
from tests.alerts.conftest import Alerts, calendars
from tests.alerts.story import CALENDAR, Story, at, brief, told
from tests.alerts.test_light import INSTANT, T0, major, working
from tests.alerts.test_task import a_month, family

STATE = ("task", "watch", "told", "policy", "calendar")


async def test_the_service_says_what_the_domain_says(alerts: Alerts):
    story, end = major(), at("2027-06-01 00:00")
    start, life = story.registered(), a_month(story)
    await alerts.hear(start)
    for event in life:
        await alerts.wait(event.time - INSTANT)
        await alerts.hear(event)
    await alerts.wait(end)
    _, said = told(registered(start), *life, until=end)
    assert sorted(brief(await alerts.said()), key=repr) == sorted(brief(said), key=repr)


async def test_a_whole_life_heard_in_one_batch_says_the_same(alerts: Alerts):
    story = major()
    start, life = story.registered(), a_month(story)
    await alerts.hear(start, *life)
    _, said = told(registered(start), *life)
    assert sorted(brief(await alerts.said()), key=repr) == sorted(brief(said), key=repr)


async def test_a_part_in_hand_sees_the_colour_of_those_that_are_not(alerts: Alerts):
    lead, other, helper = family(Role.LEAD, Role.RESPONSIBLE, Role.SUPPORTING)
    await alerts.hear(lead.registered(other, helper), lead.issued(), other.issued(), helper.issued())
    await alerts.wait(at("2026-09-20 23:00"))
    await alerts.hear(lead.submitted(at("2026-09-21 09:00")))
    shown = {row["light"] for row in await alerts.fetch("select light from task")}
    assert shown == {Light.LAGGING}
    await alerts.hear(other.submitted(at("2026-09-21 10:00")))
    assert [row["light"] for row in await alerts.fetch("select light from task")] == [Light.NORMAL]
    assert [row["light"] for row in await alerts.fetch("select light from watch where role = 'supporting'")] == [
        "lagging"
    ]


async def test_an_event_of_an_unknown_task_is_not_taken(alerts: Alerts):
    story = major()
    with pytest.raises(LookupError, match=str(story.task_id)):
        await alerts.hear(story.issued())


async def test_nothing_is_said_where_nothing_changed(alerts: Alerts):
    story = major()
    await alerts.hear(story.registered(), story.issued())
    before = await alerts.said()
    await alerts.hear(story.acknowledged(at("2026-09-18 11:00")), story.reported(at("2026-09-18 12:00"), 50))
    assert await alerts.said() == before


async def test_a_revised_calendar_moves_what_it_concerns(alerts: Alerts):
    story, now = major(), at("2026-09-20 12:00")
    await alerts.hear(story.registered(), *working(story, 5, "2026-09-18 11:00"))
    await alerts.wait(now)
    days = tuple(day.model_copy(update={"is_workday": True}) for day in CALENDAR.days if day.date.year == 2026)
    await alerts.hear(calendar(2026, days, now))
    await alerts.wait(at("2026-09-24 00:00"))
    first = next(event for event in await alerts.said(LightChanged) if event.light is Light.LAGGING)
    assert first.reasons == (LightReason.BEHIND_PLAN,)
    assert first.time == at("2026-09-23 18:00") + INSTANT  # the fifth of 31 days; it would have been the third of 17


def calendar(year: int, days, now, version: int = 2) -> CalendarRevised:
    """A year, revised."""
    return CalendarRevised(
        time=now,
        aggregate=f"calendar/{year}",
        version=version,
        owner="14.00.00",
        address="14.00.00.000.all",
        year=year,
        days=days,
    )


async def test_a_calendar_that_changes_no_day_disturbs_nobody(alerts: Alerts):
    story = major()
    await alerts.hear(story.registered(), story.issued())
    before = await alerts.fetch("select * from due")
    days = tuple(day.model_copy(update={"provisional": True}) for day in CALENDAR.days if day.date.year == 2027)
    await alerts.hear(calendar(2027, days, at("2026-09-19 09:00")))
    assert await alerts.fetch("select * from due") == before


async def test_a_new_policy_is_applied_to_every_open_part(alerts: Alerts):
    story = major()
    await alerts.hear(story.registered(), story.issued(), story.reported(at("2026-09-18 11:00"), 4))
    now = at("2026-09-20 19:00")
    strict = announced(LightPolicy(version=2, lag_points=Decimal(1)), now, "14.00.00", "14.00.00.000.all")
    await alerts.wait(now)
    async with alerts.service.pool.acquire() as db, db.transaction():
        await outbox.emit(db, alerts.service.handlers, [strict])
    await alerts.wait(now)
    last = [event for event in await alerts.said(LightChanged) if event.assignment_id][-1]
    assert (last.policy_version, last.time) == (2, now)
    assert last.reasons == (LightReason.BEHIND_PLAN, LightReason.DEPLOY_MISSED)


async def test_the_state_after_a_rebuild_is_the_state_it_was(alerts: Alerts):
    lead, other = family(Role.LEAD, Role.RESPONSIBLE)
    history = Story(T0, weight=Weight.MAJOR, historical_before=at("2026-10-30 09:00"))
    script = [
        (lead.registered(other), lead.issued(), other.issued()),
        (lead.reported(at("2026-09-21 11:00"), 30), other.acknowledged(at("2026-09-22 11:00"))),
        (other.moved(at("2026-10-09 09:00"), at("2026-11-20 18:00")), lead.submitted(at("2026-10-12 09:00"))),
        (lead.reworked(at("2026-10-21 09:00"), 30),),
        (history.registered(now=at("2026-10-30 09:00")), history.issued(at("2026-10-30 09:00"))),
    ]
    for events in script:
        await publish(alerts.service, *events)
        await alerts.wait(events[0].time - INSTANT)
        await alerts.hear(*events)
    await publish(alerts.service, *calendars())
    await alerts.wait(at("2026-11-23 00:00"))
    before, said = await state(alerts), await alerts.said()
    assert await rebuild(alerts.service, ()) == {"heard": 7, "recalled": len(said)}
    assert await state(alerts) == before
    await alerts.wait(at("2026-11-23 00:00"))
    assert await alerts.said() == said
    assert await state(alerts) == before


async def state(alerts: Alerts) -> dict[str, list]:
    """Everything but the due rows, which the next look puts right."""
    return {table: sorted(map(repr, await alerts.fetch(f"select * from {table}"))) for table in STATE}


async def publish(service: Service, *events: Event) -> None:
    """The stream has these events."""
    for event in events:
        await service.nc.jetstream().publish(event.subject(), event.model_dump_json().encode(), headers=event.headers())
