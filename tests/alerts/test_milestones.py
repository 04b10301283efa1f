"""A plan in milestones (R2): what is planned, what lags, and what reaching one does."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.assignment import Milestone
from contracts.terms import Light, LightReason, ReportKind
from contracts.workdays import Weight
from tests.alerts.story import Story, at, colour, lit, watched

INSTANT = timedelta(microseconds=1)
T0 = at("2026-09-18 10:00")
FIRST, SECOND, LAST = at("2026-09-24 18:00"), at("2026-10-09 18:00"), at("2026-10-19 18:00")
PLAN = (("立项", FIRST, 30), ("开工", SECOND, 40), ("完工", LAST, 30))


def planned(*steps: tuple[str, datetime, int]) -> Story:
    made = tuple(Milestone(name=name, due=due, weight=weight) for name, due, weight in steps or PLAN)
    return Story(T0, weight=Weight.MAJOR, milestones=made)


def working(story: Story, percent: object = 0, *reached: str):
    now = at("2026-09-20 09:00")
    first = story.reported(now, kind=ReportKind.DEPLOYMENT)
    return (story.issued(), first, story.reported(now, percent, milestones=reached))


def test_the_plan_is_the_points_of_the_milestones_that_are_due():
    watch = watched(*working(planned()))
    moments = (FIRST - INSTANT, FIRST, SECOND, LAST)
    assert [lit(watch, now).planned for now in moments] == [0, 30, 70, 100]


def test_a_milestone_is_overdue_the_instant_after_its_due_date_until_it_is_reached():
    watch = watched(*working(planned(), 30))
    assert colour(watch, FIRST) is Light.NORMAL
    late = lit(watch, FIRST + INSTANT)
    assert (late.light, late.reasons) == (Light.LAGGING, (LightReason.MILESTONE_OVERDUE,))
    assert colour(watched(*working(planned(), 30, "立项")), FIRST + INSTANT) is Light.NORMAL


@pytest.mark.parametrize(("percent", "light"), [("20.00", Light.LAGGING), ("20.01", Light.NORMAL)])
def test_ten_points_behind_the_milestones_lags_and_nine_ninety_nine_does_not(percent: str, light: Light):
    watch = watched(*working(planned(), percent, "立项"))
    assert colour(watch, FIRST - INSTANT) is Light.NORMAL
    assert colour(watch, FIRST) is light


def test_a_milestone_reached_late_takes_its_reason_away():
    story = planned()
    events = [*working(story, 30), story.reported(at("2026-09-25 09:00"), 30, increased=False, milestones=("立项",))]
    assert colour(watched(*events), at("2026-09-25 10:00")) is Light.NORMAL


def test_reaching_a_milestone_is_a_move():
    story = planned(("立项", FIRST, 10), ("完工", LAST, 90))
    events = [*working(story, 10, "立项")]
    now = at("2026-10-12 09:00")
    assert LightReason.NO_MOVE in lit(watched(*events), now).reasons
    events.append(story.reported(at("2026-10-08 09:00"), 10, increased=False, milestones=("完工",)))
    assert colour(watched(*events), now) is Light.NORMAL


@given(
    st.lists(st.integers(1, 30), min_size=1, max_size=6, unique=True),
    st.integers(0, 100),
    st.integers(0, 40 * 24),
)
def test_time_alone_never_lowers_the_plan_and_the_next_change_is_never_missed(days, percent, hours):
    steps = [(str(day), at("2026-09-18 18:00") + timedelta(days=day), 100 // len(days)) for day in sorted(days)]
    watch = watched(*working(planned(*steps), percent))
    now = T0 + timedelta(days=3, hours=hours)
    found = lit(watch, now)
    assert found.planned <= lit(watch, now + timedelta(hours=7)).planned <= Decimal(100)
    if found.next_change_at:
        before = lit(watch, found.next_change_at - INSTANT)
        assert (before.light, before.reasons) == (found.light, found.reasons)
        assert lit(watch, found.next_change_at).reasons != found.reasons
