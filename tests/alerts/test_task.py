"""What a task and its assignments emit over time: each event once, at its moment, however late time was noticed."""

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contracts.envelope import Event
from contracts.events.assignment import AssignmentIssued
from contracts.events.light import ClockMissed, LightChanged
from contracts.terms import Light, LightReason, Role
from contracts.workdays import ZONE, ClockKind
from services.alerts.domain import in_order
from services.alerts.domain.light import SEVERITY
from tests.alerts.judge import INSTANT, T0, begin, brief, clocks, due_soon, judge, lights, missed
from tests.alerts.lives import lives
from tests.story import moment
from tests.story.province import OFFICE, POLICE, WATER, YAODU

MONTH = """
2026-09-18 10:00  unit  normal
2026-09-18 10:00  task  normal
2026-09-20 09:00  soon  deploy_1d 0
2026-09-21 09:00  soon  feedback_3d 1
2026-09-21 18:00  unit  lagging behind_plan
2026-09-21 18:00  task  lagging behind_plan
2026-09-22 09:00  soon  feedback_3d 0
2026-09-22 18:00  missed feedback_3d
2026-09-22 18:00  unit  lagging behind_plan feedback_missed
2026-09-22 18:00  task  lagging behind_plan feedback_missed
2026-09-23 15:00  unit  normal
2026-09-23 15:00  task  normal
2026-10-12 18:00  unit  lagging behind_plan
2026-10-12 18:00  task  lagging behind_plan
2026-10-14 09:00  soon  resolve_1m 3
2026-10-14 16:00  unit  normal
2026-10-14 16:00  task  normal
2026-10-16 09:00  soon  resolve_1m 1
2026-10-16 18:00  unit  lagging behind_plan
2026-10-16 18:00  task  lagging behind_plan
2026-10-19 09:00  soon  resolve_1m 0
2026-10-19 17:00  unit  normal
2026-10-19 17:00  task  normal
2026-10-19 17:00  unit  normal submitted_on_time
2026-10-21 10:00  missed resolve_1m
2026-10-21 10:00  unit  overdue past_due behind_plan
2026-10-21 10:00  task  overdue past_due behind_plan
2026-10-22 10:00  unit  overdue past_due
2026-10-22 10:00  task  overdue past_due
2026-10-23 10:00  unit  none closed
2026-10-23 10:00  task  none closed
"""


def a_month() -> list[Event]:
    """One assignment over a month with the holidays: a late first report, a rejected completion, the closure."""
    story, matter = begin()
    steps = {
        "2026-09-18 14:00": matter.acknowledge,
        "2026-09-20 11:00": matter.deploy,
        "2026-09-23 15:00": lambda: matter.report(60),
        "2026-10-14 16:00": lambda: matter.report(80),
        "2026-10-19 17:00": matter.complete,
        "2026-10-21 10:00": matter.rework,
        "2026-10-22 10:00": matter.complete,
        "2026-10-22 17:00": matter.verify,
        "2026-10-23 10:00": matter.close,
    }
    for at, step in steps.items():
        story.at(at)
        step()
    return story.events


def line(event) -> str:
    """An event as one line of the golden month; what turned by itself turned the instant after."""
    turned = event.time - (event.time - moment("2026-01-01 00:00")) % timedelta(minutes=1)
    minute = f"{turned.astimezone(ZONE):%Y-%m-%d %H:%M}"
    match event:
        case LightChanged(light=light):
            words = ["unit" if light.assignment_id else "task", light.light, *light.reasons]
        case ClockMissed():
            words = ["missed", *(clock.kind for clock in event.alarm.clocks)]
        case _:
            words = ["soon", *(clock.kind for clock in event.alarm.clocks), str(event.days_left)]
    return " ".join([minute, *words])


def test_the_golden_month_of_one_assignment():
    _, events = judge(a_month(), until=moment("2027-06-01 00:00"))
    expected = [" ".join(each.split()) for each in MONTH.strip().splitlines()]
    assert [line(event) for event in events] == expected


def test_a_light_tells_since_when_it_holds_and_when_it_will_change():
    story, _ = begin()
    _, events = judge(story.events, until=moment("2026-10-20 00:00"))
    changes = [event for event in events if isinstance(event, LightChanged) and event.light.assignment_id]
    own = [event.light for event in changes]
    assert [light.light for light in own] == ["normal", "lagging", "lagging", "lagging", "stalled", "overdue"]
    assert [light.since for light in own[:4]] == [T0, *[moment("2026-09-20 18:00") + INSTANT] * 3]
    assert [light.next_change_at for light in own[:-1]] == [event.time for event in changes[1:]]
    assert [light.version for light in own] == [event.version for event in changes] == [1, 2, 3, 4, 5, 6]
    assert {event.previous for event in changes[1:4]} == {"normal", "lagging"}


def test_a_due_date_shows_each_badge_once_and_a_moved_one_shows_its_own():
    story, matter = begin()
    story.at("2026-10-15 10:00")
    matter.change_due("2026-10-30 18:00")
    _, events = judge(story.events, until=moment("2026-12-01 00:00"))
    soon = [(clock, e.days_left) for e in due_soon(events) for clock in e.alarm.clocks]
    badges = [(clock.due, days) for clock, days in soon if clock.kind is ClockKind.RESOLVE_1M]
    assert badges == [(moment("2026-10-19 18:00"), 3), *((moment("2026-10-30 18:00"), days) for days in (3, 1, 0))]


def test_a_badge_whose_moment_had_passed_when_the_date_was_set_never_shows():
    story, _ = begin("2026-09-22 10:00", "2026-09-23")
    _, events = judge(story.events, until=moment("2026-09-30 00:00"))
    assert [e.days_left for e in due_soon(events) if e.alarm.clocks[0].kind is ClockKind.CUSTOM] == [0]


def test_a_report_handled_after_its_clock_ran_out_was_still_in_time():
    story, matter = begin()
    story.at("2026-09-20 17:59")
    before, deployed = [*story.events, *matter.acknowledge()], matter.deploy()[0]
    late = deployed.model_copy(update={"time": moment("2026-09-20 18:05")})
    _, events = judge([*before, late])
    assert not missed(events)


def test_an_import_emits_nothing_until_time_passes_and_its_past_is_historical():
    now = moment("2026-11-23 09:00")
    story, _ = begin(now, t0=T0, percent=40, as_of="2026-11-20 18:00", historical_before=now)
    task, events = judge(story.events)
    assert events == []
    _, events = judge([], until=now, task=task)
    kinds = [ClockKind.DEPLOY_1D, ClockKind.FEEDBACK_3D, ClockKind.RESOLVE_1M]
    assert [[clock.kind for clock in event.alarm.clocks] for event in missed(events)] == [kinds]
    overdue = (Light.OVERDUE, moment("2026-10-19 18:00") + INSTANT)
    assert [(light.light, light.since) for light in lights(events)] == [overdue] * 2
    assert LightReason.FEEDBACK_MISSED not in lights(events)[0].reasons
    assert all(clock.historical for clock in clocks(missed(events)))
    assert all(light.historical for light in lights(events))
    assert {event.time for event in events} == {now}


def test_what_an_imported_assignment_fails_later_is_not_historical():
    now = moment("2026-09-21 09:00")
    story, _ = begin(now, t0=T0, historical_before=now)
    _, events = judge(story.events, until=moment("2026-11-01 00:00"))
    historical = {clock.kind: clock.historical for clock in clocks(missed(events))}
    assert historical == {ClockKind.DEPLOY_1D: True, ClockKind.FEEDBACK_3D: False, ClockKind.RESOLVE_1M: False}
    assert len(missed(events)) == 3
    overdue = [light for light in lights(events) if light.light is Light.OVERDUE]
    assert overdue and not any(light.historical for light in overdue)


def test_a_back_dated_assignment_tells_once_of_its_past_and_each_clock_says_whether_it_was_before_the_import():
    now = moment("2026-11-23 09:00")
    story, _ = begin(now, t0=T0, historical_before=moment("2026-09-21 09:00"))
    _, events = judge(story.events, until=now)
    [event] = missed(events)
    assert [(clock.kind, clock.historical) for clock in event.alarm.clocks] == [
        (ClockKind.DEPLOY_1D, True),
        (ClockKind.FEEDBACK_3D, False),
        (ClockKind.RESOLVE_1M, False),
    ]


def test_a_clock_that_runs_out_after_an_imported_past_is_the_next_event_of_its_assignment():
    now = moment("2026-09-24 09:00")
    story, _ = begin(now, t0=T0, percent=20, historical_before=now)
    task, events = judge(story.events, until=now)
    assert [[clock.kind for clock in event.alarm.clocks] for event in missed(events)] == [
        [ClockKind.DEPLOY_1D, ClockKind.FEEDBACK_3D]
    ]
    _, later = judge([], until=moment("2026-10-20 00:00"), task=task)
    alarms = [event for event in [*events, *later] if event.type.startswith("clock.")]
    assert [event.version for event in alarms] == list(range(1, len(alarms) + 1))
    assert [clock.kind for clock in clocks(missed(later))] == [ClockKind.RESOLVE_1M]


def test_an_imported_assignment_that_was_closed_in_time_missed_nothing_and_stays_dark():
    story, matter = begin()
    registered = story.events[0]
    story.at("2026-09-20 10:00")
    matter.deploy() if matter.acknowledge() else None
    [closed] = [event for event in matter.finish() if event.type == "assignment.closed"]
    state = closed.assignment.model_copy(update={"historical_before": moment("2026-11-23 09:00")})
    imported = closed.model_copy(update={"time": state.historical_before, "assignment": state})
    _, events = judge([registered, imported], until=moment("2026-12-01 00:00"))
    assert events == []


def test_an_assignment_whose_issue_was_never_handled_is_judged_by_the_state_it_has():
    story, matter = begin()
    story.at("2026-09-21 09:00")
    matter.acknowledge()
    _, events = judge(event for event in story.events if not isinstance(event, AssignmentIssued))
    assert [light.reasons for light in lights(events)] == [(LightReason.DEPLOY_MISSED,)] * 2


def test_a_supporting_assignment_does_not_colour_the_task():
    story, matter = begin(supporting=[WATER])
    story.at("2026-09-19 10:00")
    matter.acknowledge()
    matter.deploy()
    task, _ = judge(story.events, until=moment("2026-09-20 23:00"))
    assert task.assignments[matter.part(WATER).assignment_id].published.light is Light.LAGGING
    assert task.published.light is Light.NORMAL


def test_the_task_shows_the_worst_assignment_with_its_reasons_at_its_issuer():
    story, matter = begin(responsible=[YAODU])
    registered = story.events[0]
    story.at("2026-09-19 10:00")
    matter.acknowledge()
    matter.deploy()
    _, events = judge(story.events, until=moment("2026-09-20 23:00"))
    last, light = events[-1], events[-1].light
    key = f"light/{matter.task.task_id}"
    assert (last.aggregate, last.address, last.audience) == (key, OFFICE, registered.audience)
    assert (light.assignment_id, light.role, light.unit, light.issuer) == (None, None, POLICE, OFFICE)
    assert (light.light, light.reasons) == (Light.LAGGING, (LightReason.DEPLOY_MISSED,))


def test_a_light_and_an_alarm_go_to_whom_the_assignment_is_meant_for():
    story, matter = begin(responsible=[YAODU])
    part = matter.part(YAODU)
    [issued] = [e for e in story.events if e.aggregate == f"assignment/{part.assignment_id}"]
    _, events = judge(story.events, until=moment("2026-09-20 23:00"))
    own = [event for event in events if event.aggregate.endswith(str(part.assignment_id))]
    assert {event.type for event in own} == {"light.changed", "clock.due_soon", "clock.missed"}
    assert {(event.audience, event.address) for event in own} == {(issued.audience, YAODU)}


def test_an_audience_that_changed_holds_for_what_time_brings_afterwards():
    story, matter = begin()
    story.at("2026-09-19 09:00")
    *before, acknowledged = [*story.events, *matter.acknowledge()[:1]]
    wider = acknowledged.model_copy(update={"audience": (*acknowledged.audience, YAODU)})
    _, events = judge([*before, wider], until=moment("2026-09-20 23:00"))
    assert [event.audience for event in missed(events)] == [wider.audience]


@given(st.integers(0, 2), st.integers(0, 2), st.data())
def test_a_task_is_as_bad_as_its_worst_lead_or_responsible_assignment(responsible, supporting, data):
    others = ["14.10.21.000.gov", "14.05.81.000.gov", WATER, YAODU]
    roles = {"responsible": others[:responsible], "supporting": others[2 : 2 + supporting]}
    story, matter = begin(**roles)
    for part in data.draw(st.lists(st.sampled_from(matter.assignments), unique_by=lambda part: part.unit)):
        story.later(hours=1)
        matter.acknowledge(part.unit)
        data.draw(st.sampled_from([matter.deploy, matter.report]))(unit=part.unit)
    until = T0 + data.draw(st.timedeltas(timedelta(days=1), timedelta(days=60)))
    task, _ = judge(story.events, until=until)
    counted = [a.published.light for a in task.assignments.values() if a.assignment.role is not Role.SUPPORTING]
    assert task.published.light is max(counted, key=SEVERITY.__getitem__)


@given(lives(), st.lists(st.floats(0, 1), max_size=8))
def test_what_is_emitted_does_not_depend_on_when_time_was_noticed(life, looks):
    events, end = life
    start = events[0].time
    moments = sorted(start + (end - start) * look for look in looks)
    once, at_once = judge(events, until=end)
    often, step_by_step = None, list[Any]()
    for event in events:
        while often and moments and moments[0] < event.time:
            often, more = judge([], until=moments.pop(0), task=often)
            step_by_step += more
        often, more = judge([event], task=often)
        step_by_step += more
    for at in [*moments, end]:
        often, more = judge([], until=at, task=often)
        step_by_step += more
    assert brief(step_by_step) == brief(at_once)
    assert often.published == once.published


@given(lives())
def test_no_clock_is_missed_early_late_or_twice(life):
    events, end = life
    _, emitted = judge(events, until=end)
    ends = [(clock.kind, clock.due) for clock in clocks(missed(emitted))]
    assert len(set(ends)) == len(ends) == len(missed(emitted))
    reworked = {event.time for event in events if event.type == "assignment.reworked"}
    assert all(e.time == e.alarm.clocks[0].due + INSTANT or e.time in reworked for e in missed(emitted))


@given(lives())
def test_every_aggregate_keeps_its_order_when_clocks_are_put_before_lights(life):
    events, end = life
    _, emitted = judge(events, until=end)
    for aggregate in {event.aggregate for event in emitted}:
        versions = [event.version for event in in_order(emitted) if event.aggregate == aggregate]
        assert versions == list(range(1, len(versions) + 1))
