"""Planned progress (R2): milestones, else linear in the working days that have ended; it stands while suspended."""

from datetime import date
from decimal import Decimal

import pytest

from contracts.assignment import Assignment
from contracts.light import planned
from contracts.workdays import Calendar
from tests.story import Story, moment
from tests.story.province import calendar

AS_ISSUED = "2026-11-23 10:00"
"""A Monday; no holiday until the new year."""


def assignment(deadline: str = "7个工作日", **fields: object) -> Assignment:
    return Story(AS_ISSUED).register(deadline=deadline, **fields).part()


def at(subject: Assignment, text: str, days: Calendar | None = None) -> Decimal | None:
    return planned(subject, moment(text), days or calendar())


@pytest.mark.parametrize(
    ("now", "percent"),
    [
        ("2026-11-20 12:00", "0"),
        ("2026-11-23 10:00", "0"),
        ("2026-11-24 17:59", "0"),
        ("2026-11-24 18:00", "0"),
        ("2026-11-24 18:00:01", "14.29"),
        ("2026-11-25 12:00", "14.29"),
        ("2026-11-27 18:00:01", "57.14"),
        ("2026-11-29 12:00", "57.14"),
        ("2026-12-02 18:00", "85.71"),
        ("2026-12-02 18:00:01", "100"),
        ("2027-06-01 12:00", "100"),
    ],
)
def test_without_milestones_it_grows_by_each_working_day_that_has_ended(now: str, percent: str):
    subject = assignment()
    assert subject.due == moment("2026-12-02 18:00")
    assert at(subject, now) == Decimal(percent)


def test_holidays_and_make_up_days_count_as_the_calendar_has_them():
    subject = Story("2025-09-26 10:00").register(deadline="7个工作日").part()
    assert subject.due == moment("2025-10-13 18:00")
    assert at(subject, "2025-09-28 19:00") == Decimal("14.29"), "a Sunday that is worked"
    assert at(subject, "2025-10-08 19:00") == at(subject, "2025-09-30 19:00") == Decimal("42.86")


def test_it_has_two_places_and_never_falls():
    subject = assignment("2027年3月底前")
    figures = [at(subject, f"2026-12-{day:02} 20:00") for day in range(1, 32)]
    assert figures == sorted(figures)
    assert all(-figure.as_tuple().exponent <= 2 for figure in figures)


STEPS = [("部署", date(2026, 11, 25), 30), ("完工", date(2026, 11, 28), 50), ("验收", date(2026, 12, 2), 20)]


@pytest.mark.parametrize(
    ("now", "percent"),
    [
        ("2026-11-23 10:00", 0),
        ("2026-11-25 17:59:59", 0),
        ("2026-11-25 18:00", 30),
        ("2026-11-27 18:01", 30),
        ("2026-11-28 18:00", 80),
        ("2026-12-02 18:00", 100),
        ("2027-06-01 12:00", 100),
    ],
)
def test_with_milestones_it_is_the_points_of_those_that_are_due(now: str, percent: int):
    assert at(assignment(milestones=STEPS), now) == percent


def test_a_milestone_counts_from_its_due_moment_whether_it_was_reached_or_not():
    subject = assignment(milestones=STEPS)
    early = subject.milestones[0].model_copy(update={"reached_at": moment("2026-11-23 11:00")})
    reached = subject.model_copy(update={"milestones": (early, *subject.milestones[1:])})
    for now in ("2026-11-24 10:00", "2026-11-26 10:00"):
        assert at(reached, now) == at(subject, now)


@pytest.mark.parametrize(("steps", "percent"), [((), "28.57"), (STEPS, "30")])
def test_suspended_it_stands_where_it_stood(steps, percent: str):
    subject = assignment(milestones=steps).model_copy(update={"paused_at": moment("2026-11-25 19:00")})
    assert at(subject, "2026-11-24 12:00") == 0, "before the suspension"
    assert at(subject, "2026-11-25 19:00") == at(subject, "2026-12-24 12:00") == Decimal(percent)


@pytest.mark.parametrize("now", ["2026-11-23 10:00", "2030-01-01 12:00"])
def test_a_zero_clock_has_no_plan(now: str):
    assert at(assignment("持续推进"), now) is None


def test_due_on_its_first_day_it_is_nothing_until_then_and_everything_after():
    subject = assignment("2026年11月23日")
    assert subject.due == moment("2026-11-23 18:00")
    assert at(subject, "2026-11-23 18:00") == 0
    assert at(subject, "2026-11-23 18:00:01") == 100


def test_a_due_date_on_a_rest_day_is_fully_planned_when_the_last_working_day_before_it_ends():
    subject = assignment("2026年11月28日")
    assert [at(subject, f"2026-11-27 {time}") for time in ("18:00", "18:00:01")] == [Decimal(75), Decimal(100)]
