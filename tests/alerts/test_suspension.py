"""A suspended assignment keeps its light, a cancelled one loses it; time brings neither anything. R2, §2"""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from contracts.light import planned
from contracts.terms import Light, LightReason
from contracts.workdays import ClockKind, Weight
from tests.alerts.judge import CALENDAR, INSTANT, clocks, judge, light_at, lights, lit, missed, under_way
from tests.story import Matter, Story, moment

STOPPED, RESUMED = moment("2026-09-24 09:00"), moment("2026-10-20 09:00")
LONG_AFTER = moment("2027-03-01 09:00")


def suspended(at: datetime = STOPPED, deadline: str = "") -> tuple[Story, Matter]:
    """Seven working days, until 09-29; under way at 60, then suspended."""
    story, matter = under_way(60, deadline=deadline, weight=Weight.ORDINARY)
    story.at(at)
    matter.suspend()
    return story, matter


def test_a_suspended_assignment_shows_what_it_showed_however_long_it_stands_still():
    _, matter = suspended()
    assignment = matter.part()
    assert light_at(assignment, STOPPED) is light_at(assignment, LONG_AFTER) is Light.NORMAL
    assert lit(assignment, LONG_AFTER).next_change_at is None
    assert planned(assignment, LONG_AFTER, CALENDAR) == planned(assignment, STOPPED, CALENDAR)


def test_a_red_assignment_stays_red_while_it_stands_still():
    late = moment("2026-10-21 09:00")
    _, matter = suspended(late)
    assert light_at(matter.part(), late) is light_at(matter.part(), LONG_AFTER) is Light.OVERDUE


def test_nothing_is_missed_while_it_stands_still_and_the_moved_clock_counts_afterwards():
    story, matter = suspended()
    task, events = judge(story.events, until=RESUMED - timedelta(hours=1))
    assert not missed(events)
    story.at(RESUMED)
    back = matter.resume()
    due = matter.part().due
    assert due > RESUMED
    task, events = judge(back, until=due, task=task)
    assert not missed(events)
    assert Light.OVERDUE not in {light.light for light in lights(events)}
    task, events = judge([], until=due + INSTANT, task=task)
    assert [clock.kind for clock in clocks(missed(events))] == [ClockKind.RESOLVE_7D]
    assert task.published.light is Light.OVERDUE


def test_the_wait_for_a_move_begins_anew_with_the_end_of_a_suspension():
    story, matter = suspended(deadline="2026-12-31")
    story.at(RESUMED)
    matter.resume()
    assert LightReason.NO_MOVE not in lit(matter.part(), RESUMED + timedelta(days=7)).reasons
    assert LightReason.NO_MOVE in lit(matter.part(), RESUMED + timedelta(days=21)).reasons


def test_a_cancelled_assignment_is_dark_and_so_is_its_task():
    story, matter = under_way(60, weight=Weight.ORDINARY)
    task, _ = judge(story.events, until=moment("2026-10-21 09:00"))
    assert task.published.light is Light.OVERDUE
    story.at("2026-10-21 10:00")
    task, events = judge(matter.cancel(), until=LONG_AFTER, task=task)
    assert [(light.light, light.reasons) for light in lights(events)] == [(Light.NONE, (LightReason.CANCELLED,))] * 2


@given(st.integers(0, 60), st.integers(0, 4000), st.integers(0, 4000))
def test_time_changes_nothing_of_what_stands_still(days, sooner, later):
    at = moment("2026-09-20 09:00") + timedelta(days=days)
    _, matter = suspended(at)
    first, second = sorted((at + timedelta(hours=sooner), at + timedelta(hours=later)))
    assert lit(matter.part(), first) == lit(matter.part(), second)
