"""A plan in milestones (R2): what is planned, what lags, and what reaching one does."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.light import planned
from contracts.terms import Light, LightReason
from tests.alerts.judge import CALENDAR, INSTANT, T0, light_at, lit, under_way
from tests.story import Matter, Story, moment

FIRST, SECOND, LAST = (moment(f"{day} 18:00") for day in ("2026-09-24", "2026-10-09", "2026-10-19"))
PLAN = (("立项", FIRST.date(), 30), ("开工", SECOND.date(), 40), ("完工", LAST.date(), 30))


def with_milestones(percent: float | str = 0, *reached: str, plan=PLAN) -> tuple[Story, Matter]:
    story, matter = under_way(0, milestones=plan)
    matter.report(percent, milestones=reached)
    return story, matter


def test_the_plan_is_the_points_of_the_milestones_that_are_due():
    _, matter = with_milestones()
    moments = (FIRST - INSTANT, FIRST, SECOND, LAST)
    assert [planned(matter.part(), now, CALENDAR) for now in moments] == [0, 30, 70, 100]


def test_a_milestone_is_overdue_the_instant_after_its_due_date_until_it_is_reached():
    _, matter = with_milestones(30)
    assert light_at(matter.part(), FIRST) is Light.NORMAL
    late = lit(matter.part(), FIRST + INSTANT)
    assert (late.light, late.reasons) == (Light.LAGGING, (LightReason.MILESTONE_OVERDUE,))
    _, reached = with_milestones(30, "立项")
    assert light_at(reached.part(), FIRST + INSTANT) is Light.NORMAL


@pytest.mark.parametrize(("percent", "light"), [("20.00", Light.LAGGING), ("20.01", Light.NORMAL)])
def test_ten_points_behind_the_milestones_lags_and_nine_ninety_nine_does_not(percent: str, light: Light):
    _, matter = with_milestones(percent, "立项")
    assert light_at(matter.part(), FIRST - INSTANT) is Light.NORMAL
    assert light_at(matter.part(), FIRST) is light


def test_a_milestone_reached_late_takes_its_reason_away():
    story, matter = with_milestones(30)
    story.at("2026-09-25 09:00")
    matter.report(30, milestones=("立项",))
    assert light_at(matter.part(), story.now) is Light.NORMAL


def test_reaching_a_milestone_is_a_move():
    story, matter = with_milestones(10, "立项", plan=(("立项", FIRST.date(), 10), ("完工", LAST.date(), 90)))
    now = moment("2026-10-12 09:00")
    assert LightReason.NO_MOVE in lit(matter.part(), now).reasons
    story.at("2026-10-08 09:00")
    matter.report(10, milestones=("完工",))
    assert light_at(matter.part(), now) is Light.NORMAL


@given(
    st.lists(st.integers(1, 30), min_size=1, max_size=6, unique=True),
    st.integers(0, 100),
    st.integers(0, 40 * 24),
)
def test_time_alone_never_lowers_the_plan_and_the_next_change_is_never_missed(days, percent, hours):
    points = [100 // len(days)] * (len(days) - 1)
    dates = [date(2026, 9, 18) + timedelta(days=day) for day in sorted(days)]
    plan = [(str(day), day, weight) for day, weight in zip(dates, [*points, 100 - sum(points)], strict=True)]
    _, matter = with_milestones(percent, plan=plan)
    assignment, now = matter.part(), T0 + timedelta(days=3, hours=hours)
    later = now + timedelta(hours=7)
    assert planned(assignment, now, CALENDAR) <= planned(assignment, later, CALENDAR) <= Decimal(100)
    result = lit(assignment, now)
    if result.next_change_at:
        before = lit(assignment, result.next_change_at - INSTANT)
        assert (before.light, before.reasons) == (result.light, result.reasons)
        assert lit(assignment, result.next_change_at).reasons != result.reasons
