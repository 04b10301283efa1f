"""What a task and its parts say over time: each word once, at its moment, however late time was noticed."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.events.light import ClockDueSoon, ClockMissed, LightChanged
from contracts.terms import Light, LightReason, ReportKind, Role
from contracts.workdays import ClockKind, Weight
from services.alerts import domain
from services.alerts.domain.light import SEVERITY
from tests.alerts.story import RULES, Story, at, brief, told
from tests.alerts.test_light import INSTANT, T0, lives, major

MONTH = """
2026-09-18 10:00  part  normal
2026-09-18 10:00  task  normal
2026-09-20 09:00  soon  deploy_1d 0
2026-09-21 09:00  soon  feedback_3d 1
2026-09-21 18:00  part  lagging behind_plan
2026-09-21 18:00  task  lagging behind_plan
2026-09-22 09:00  soon  feedback_3d 0
2026-09-22 18:00  missed feedback_3d
2026-09-22 18:00  part  lagging behind_plan feedback_missed
2026-09-22 18:00  task  lagging behind_plan feedback_missed
2026-09-23 15:00  part  normal
2026-09-23 15:00  task  normal
2026-10-12 18:00  part  lagging behind_plan
2026-10-12 18:00  task  lagging behind_plan
2026-10-14 09:00  soon  resolve_1m 3
2026-10-14 16:00  part  normal
2026-10-14 16:00  task  normal
2026-10-16 09:00  soon  resolve_1m 1
2026-10-16 18:00  part  lagging behind_plan
2026-10-16 18:00  task  lagging behind_plan
2026-10-19 09:00  soon  resolve_1m 0
2026-10-19 17:00  part  normal submitted_on_time
2026-10-19 17:00  task  normal
2026-10-21 10:00  missed resolve_1m
2026-10-21 10:00  part  overdue past_due behind_plan
2026-10-21 10:00  task  overdue past_due behind_plan
2026-10-22 10:00  part  overdue past_due
2026-10-22 10:00  task  overdue past_due
2026-10-23 10:00  part  none closed
2026-10-23 10:00  task  none closed
"""


def a_month(story: Story):
    """One part over a month with the holidays: a late first report, a rejected completion, the closure."""
    return (
        story.issued(),
        story.acknowledged(at("2026-09-18 14:00")),
        story.reported(at("2026-09-20 11:00"), kind=ReportKind.DEPLOYMENT),
        story.reported(at("2026-09-23 15:00"), 60),
        story.reported(at("2026-10-14 16:00"), 80),
        story.submitted(at("2026-10-19 17:00")),
        story.reworked(at("2026-10-21 10:00"), 90),
        story.submitted(at("2026-10-22 10:00")),
        story.verified(at("2026-10-22 17:00")),
        story.closed(at("2026-10-23 10:00")),
    )


def line(event) -> str:
    """An event as one line of the golden month; what turned by itself turned the instant after."""
    turned = event.time - (event.time - at("2026-01-01 00:00")) % timedelta(minutes=1)
    moment = f"{turned.astimezone(T0.tzinfo):%Y-%m-%d %H:%M}"
    match event:
        case LightChanged():
            words = ["part" if event.assignment_id else "task", event.light, *event.reasons]
        case ClockMissed():
            words = ["missed", event.clock]
        case _:
            words = ["soon", event.clock, str(event.days_left)]
    return " ".join([moment, *words])


def test_the_golden_month_of_one_part():
    story = major()
    _, said = told(domain.registered(story.registered()), *a_month(story), until=at("2027-06-01 00:00"))
    expected = [" ".join(each.split()) for each in MONTH.strip().splitlines()]
    assert [line(event) for event in said] == expected


def test_a_light_says_since_when_it_holds_and_when_it_will_change():
    story = major()
    _, said = told(domain.registered(story.registered()), story.issued(), until=at("2026-10-20 00:00"))
    parts = [event for event in said if isinstance(event, LightChanged) and event.assignment_id]
    assert [event.light for event in parts] == ["normal", "lagging", "lagging", "lagging", "stalled", "overdue"]
    assert [event.since for event in parts[:4]] == [T0, *[at("2026-09-20 18:00") + INSTANT] * 3]
    assert [event.next_change_at for event in parts[:-1]] == [event.time for event in parts[1:]]
    assert [event.version for event in parts] == [1, 2, 3, 4, 5, 6]
    assert {event.previous for event in parts[1:4]} == {"normal", "lagging"}


def test_a_due_date_says_each_badge_once_and_a_moved_one_says_its_own():
    story = major()
    events = [story.issued(), story.moved(at("2026-10-15 10:00"), at("2026-10-30 18:00"), ClockKind.RESOLVE_1M)]
    _, said = told(domain.registered(story.registered()), *events, until=at("2026-12-01 00:00"))
    badges = [(e.due, e.days_left) for e in said if isinstance(e, ClockDueSoon) and e.clock is ClockKind.RESOLVE_1M]
    assert badges == [(at("2026-10-19 18:00"), 3), *((at("2026-10-30 18:00"), days) for days in (3, 1, 0))]


def test_a_badge_whose_moment_had_passed_when_the_date_became_known_never_shows():
    story = Story(at("2026-09-22 10:00"), "2026-09-23")
    _, said = told(domain.registered(story.registered()), story.issued(), until=at("2026-09-30 00:00"))
    badges = [e.days_left for e in said if isinstance(e, ClockDueSoon) and e.clock is ClockKind.CUSTOM]
    assert badges == [0]


def test_a_report_heard_after_its_clock_ran_out_was_still_in_time():
    story = major()
    task, _ = told(domain.registered(story.registered()), story.issued())
    sent = at("2026-09-20 17:59")
    late = story.reported(at("2026-09-20 18:05"), kind=ReportKind.DEPLOYMENT, submitted_at=sent)
    _, said = told(task, late)
    assert not any(isinstance(event, ClockMissed) for event in said)


def test_an_import_says_nothing_until_it_is_looked_at_and_its_past_raises_nothing():
    now = at("2026-11-23 09:00")
    story = major(historical_before=now)
    events = [story.issued(now), story.reported(now, 40, ReportKind.IMPORTED, submitted_at=at("2026-11-20 18:00"))]
    task, said = told(domain.registered(story.registered(now=now)), *events)
    assert said == []
    _, said = told(task, until=now)
    missed = [event for event in said if isinstance(event, ClockMissed)]
    lights = [event for event in said if isinstance(event, LightChanged)]
    assert [event.clock for event in missed] == [ClockKind.DEPLOY_1D, ClockKind.FEEDBACK_3D, ClockKind.RESOLVE_1M]
    assert [(e.light, e.since) for e in lights] == [(Light.OVERDUE, at("2026-10-19 18:00") + INSTANT)] * 2
    assert LightReason.FEEDBACK_MISSED not in lights[0].reasons
    assert all(event.historical and event.time == now for event in said)


def test_what_an_imported_part_fails_later_is_not_history():
    now = at("2026-09-21 09:00")
    story = major(historical_before=now)
    _, said = told(domain.registered(story.registered()), story.issued(now), until=at("2026-11-01 00:00"))
    missed = {event.clock: event.historical for event in said if isinstance(event, ClockMissed)}
    assert missed == {ClockKind.DEPLOY_1D: True, ClockKind.FEEDBACK_3D: False, ClockKind.RESOLVE_1M: False}
    overdue = [e for e in said if isinstance(e, LightChanged) and e.light is Light.OVERDUE]
    assert overdue and not any(event.historical for event in overdue)


def test_an_imported_part_that_was_closed_in_time_missed_nothing_and_stays_dark():
    now = at("2026-11-23 09:00")
    story = Story(T0, "2026-10-30", historical_before=now, submitted_at=at("2026-09-20 10:00"))
    _, said = told(domain.registered(story.registered()), story.issued(now), story.closed(now), until=now)
    assert said == []


def alone(issued) -> domain.Task:
    """The task of one part."""
    return domain.Task(issued.task_id, issued.owner, issued.title, issued.issuer, issued.audience, issued.unit, "")


def family(*roles: Role) -> list[Story]:
    """Parts of one task."""
    first = Story(T0, weight=Weight.MAJOR, role=roles[0])
    rest = [
        Story(T0, weight=Weight.MAJOR, role=role, task_id=first.task_id, unit=f"14.10.0{n}.000.gov")
        for n, role in enumerate(roles[1:], 3)
    ]
    return [first, *rest]


def test_a_supporting_part_does_not_colour_the_task():
    lead, support = family(Role.LEAD, Role.SUPPORTING)
    task = domain.registered(lead.registered(support))
    events = [lead.issued(), support.issued(), lead.submitted(at("2026-09-19 10:00"))]
    task, _ = told(task, *events, until=at("2027-01-01 00:00"))
    assert task.parts[support.assignment_id].shown.light is Light.OVERDUE
    assert task.shown.light is Light.NORMAL


def test_the_task_shows_the_worst_part_with_its_reasons_at_its_issuer():
    lead, other = family(Role.LEAD, Role.RESPONSIBLE)
    task = domain.registered(lead.registered(other))
    answered = lead.reported(at("2026-09-19 10:00"), 100, ReportKind.DEPLOYMENT)
    _, said = told(task, lead.issued(), other.issued(), answered, until=at("2026-09-20 23:00"))
    last = said[-1]
    assert (last.aggregate, last.assignment_id, last.address) == (f"light/{lead.task_id}", None, last.issuer)
    assert (last.light, last.reasons, last.unit) == (Light.LAGGING, (LightReason.DEPLOY_MISSED,), lead.unit)


@given(st.lists(st.sampled_from(Role), min_size=1, max_size=4), st.data())
def test_a_task_is_as_bad_as_its_worst_lead_or_responsible_part(roles, data):
    stories = family(*roles)
    leader = Story(T0, task_id=stories[0].task_id)
    task = domain.registered(leader.registered())
    events = [story.issued() for story in stories]
    for story in data.draw(st.lists(st.sampled_from(stories), unique_by=id)):
        events.append(story.submitted(T0 + timedelta(hours=len(events))))
    until = T0 + data.draw(st.timedeltas(timedelta(days=1), timedelta(days=60)))
    task, _ = told(task, *events, until=until)
    counted = [p.shown.light for p in task.parts.values() if p.watch.role is not Role.SUPPORTING]
    assert task.shown.light is max(counted, key=SEVERITY.__getitem__, default=Light.NONE)


@given(lives(), st.lists(st.floats(0, 1), max_size=8))
def test_what_is_said_does_not_depend_on_when_time_was_noticed(life, looks):
    events, end = life
    start = events[0].time
    moments = sorted(start + (end - start) * look for look in looks)
    task = alone(events[0])
    once, said = told(task, *events, until=end)
    often, words = task, []
    for event in events:
        while moments and moments[0] < event.time:
            often, more = told(often, until=moments.pop(0))
            words += more
        often, more = told(often, event)
        words += more
    for moment in [*moments, end]:
        often, more = told(often, until=moment)
        words += more
    assert brief(words) == brief(said)
    assert often.shown == once.shown


@given(lives())
def test_no_clock_is_missed_early_late_or_twice(life):
    events, end = life
    task = alone(events[0])
    _, said = told(task, *events, until=end)
    missed = [event for event in said if isinstance(event, ClockMissed)]
    assert len({(event.clock, event.due) for event in missed}) == len(missed)
    reopened = {event.time for event in events if event.type == "assignment.reworked"}
    assert all(event.time == event.due + INSTANT or event.time in reopened for event in missed)


@given(lives())
def test_every_word_of_an_aggregate_keeps_its_order_when_words_are_sorted(life):
    events, end = life
    task = alone(events[0])
    _, said = told(task, *events, until=end)
    for aggregate in {event.aggregate for event in said}:
        versions = [event.version for event in domain.in_order(said) if event.aggregate == aggregate]
        assert versions == list(range(1, len(versions) + 1))


def test_a_part_that_was_never_issued_is_an_error():
    story = major()
    task = domain.registered(story.registered())
    with pytest.raises(LookupError, match=str(story.assignment_id)):
        domain.follow(task, story.acknowledged(T0), RULES)
