"""The calendar of working days, and what its revision does to clocks that were told before."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.workdays import (
    ZONE,
    Calendar,
    CalendarDay,
    ClockKind,
    ClockPolicy,
    DayUnit,
    Deadline,
    FirstClock,
    Span,
    Weight,
    clock_due,
    day_of,
    deadline_of,
    due_in,
    recomputed,
)
from services.tasks.register.calendar_seed import calendar_days

CALENDAR = Calendar.of(calendar_days(2024, 2030))
OLD_2026 = Calendar.of(calendar_days(2025, 2025))
NEW_2026 = OLD_2026.revised(calendar_days(2026, 2026))

days = st.dates(date(2025, 12, 1), date(2026, 7, 31)) | st.dates(date(2020, 1, 1), date(2035, 12, 31))
moments = st.datetimes(datetime(2025, 12, 1), datetime(2026, 6, 30), timezones=st.just(ZONE))  # noqa: DTZ001
entries = st.builds(
    CalendarDay,
    date=st.dates(date(2026, 1, 1), date(2026, 6, 30)),
    is_workday=st.booleans(),
    source=st.just("test"),
    provisional=st.booleans(),
)
calendars = st.one_of(st.just(CALENDAR), st.lists(entries, max_size=40).map(Calendar.of))
policies = st.builds(ClockPolicy, unit=st.sampled_from(DayUnit), cutoff=st.sampled_from([None, time(17, 30)]))
kinds = st.sampled_from([ClockKind.DEPLOY_1D, ClockKind.FEEDBACK_3D, ClockKind.RESOLVE_7D, ClockKind.RESOLVE_1M])


def at(day: str, hour: int = 10, minute: int = 0) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(hour, minute), ZONE)


def due_day(deadline: Deadline) -> date:
    assert deadline.due is not None
    return day_of(deadline.due)


# The calendar


def naive_add(calendar: Calendar, day: date, count: int) -> date:
    step = timedelta(days=1 if count > 0 else -1)
    for _ in range(abs(count)):
        day += step
        while not calendar.is_workday(day):
            day += step
    return day


def test_days_the_calendar_does_not_cover_are_monday_to_friday_and_provisional() -> None:
    empty = Calendar.of(())
    assert [empty.is_workday(date(2026, 11, 23) + timedelta(days=i)) for i in range(7)] == [True] * 5 + [False] * 2
    assert empty.is_provisional(date(2026, 11, 23))
    assert not CALENDAR.is_provisional(date(2026, 11, 23))
    assert CALENDAR.is_provisional(date(2040, 1, 2))
    assert CALENDAR.is_provisional(date(2023, 12, 29))
    assert CALENDAR.provisional_within(date(2026, 12, 31), date(2027, 1, 1))
    assert not CALENDAR.provisional_within(date(2026, 12, 31), date(2026, 1, 1))


def test_of_two_entries_for_one_day_the_later_holds() -> None:
    worked, rest = (
        CalendarDay(date=date(2026, 11, 23), is_workday=w, source="test", provisional=False) for w in (True, False)
    )
    assert not Calendar.of([worked, rest]).is_workday(date(2026, 11, 23))
    assert Calendar.of([rest]).revised([worked]).is_workday(date(2026, 11, 23))


def test_a_day_missing_between_known_days_is_monday_to_friday_and_provisional() -> None:
    friday, monday = (
        CalendarDay(date=day, is_workday=True, source="test", provisional=False)
        for day in (date(2026, 11, 20), date(2026, 11, 30))
    )
    calendar = Calendar.of([friday, monday])
    assert calendar.workdays_between(friday.date, monday.date) == 6
    assert calendar.is_provisional(date(2026, 11, 25)) and not calendar.is_provisional(monday.date)


def test_counting_passes_the_ends_of_what_is_known() -> None:
    saturday, friday = (
        CalendarDay(date=day, is_workday=worked, source="test", provisional=False)
        for day, worked in ((date(2026, 11, 21), True), (date(2026, 11, 27), False))
    )
    calendar = Calendar.of([saturday, friday])
    assert calendar.add_workdays(date(2026, 11, 19), 1) == date(2026, 11, 20)
    assert calendar.add_workdays(date(2026, 11, 23), -2) == date(2026, 11, 20)
    assert calendar.add_workdays(date(2026, 11, 25), 1) == date(2026, 11, 26)
    assert calendar.add_workdays(date(2026, 11, 25), 2) == date(2026, 11, 30)


@given(st.lists(entries, max_size=40))
def test_a_calendar_says_what_it_was_given(given_days: list[CalendarDay]) -> None:
    calendar = Calendar.of(given_days)
    for day in {entry.date: entry for entry in given_days}.values():
        assert calendar.is_workday(day.date) == day.is_workday
        assert calendar.is_provisional(day.date) == day.provisional


@given(calendars, days, st.integers(-80, 80))
def test_adding_working_days_agrees_with_walking_them(calendar: Calendar, day: date, count: int) -> None:
    assert calendar.add_workdays(day, count) == naive_add(calendar, day, count)


@given(calendars, days, st.integers(0, 400))
def test_counting_working_days_agrees_with_walking_them(calendar: Calendar, start: date, length: int) -> None:
    end = start + timedelta(days=length)
    walked = sum(calendar.is_workday(start + timedelta(days=i)) for i in range(1, length + 1))
    assert calendar.workdays_between(start, end) == walked
    assert calendar.workdays_between(end, start) == -walked


@given(calendars, days, st.integers(1, 20_000))
def test_counting_is_the_inverse_of_adding(calendar: Calendar, day: date, count: int) -> None:
    assert calendar.workdays_between(day, calendar.add_workdays(day, count)) == count


@given(calendars, days, st.integers(-500, 499))
def test_adding_one_more_working_day_ends_later(calendar: Calendar, day: date, count: int) -> None:
    assert calendar.add_workdays(day, count) < calendar.add_workdays(day, count + 1)


@given(calendars, days)
def test_the_next_working_day_is_the_day_itself_or_the_first_after_it(calendar: Calendar, day: date) -> None:
    expected = day if calendar.is_workday(day) else calendar.add_workdays(day, 1)
    assert calendar.next_workday(day) == expected


# Days that may still change


def unsettled(*days: str) -> Calendar:
    changes = [CalendarDay(date=date.fromisoformat(d), is_workday=True, source="test", provisional=True) for d in days]
    return CALENDAR.revised(changes)


@pytest.mark.parametrize(
    ("span", "day", "provisional"),
    [
        (Span(days=3), "2026-11-23", False),
        (Span(days=3), "2026-11-24", True),
        (Span(days=3), "2026-11-26", True),
        (Span(days=3), "2026-11-27", False),
        (Span(months=1), "2026-12-22", False),
        (Span(months=1), "2026-12-23", True),
        (Span(days=3, unit=DayUnit.NATURAL), "2026-11-25", False),
        (Span(days=3, unit=DayUnit.NATURAL), "2026-11-26", True),
    ],
)
def test_a_clock_is_provisional_if_a_day_it_was_counted_over_may_change(
    span: Span, day: str, provisional: bool
) -> None:
    assert due_in(span, at("2026-11-23"), unsettled(day)).provisional == provisional


def test_with_a_cutoff_the_day_of_t0_is_asked_about_too() -> None:
    calendar = unsettled("2026-11-23")
    assert due_in(Span(days=3), at("2026-11-23"), calendar, ClockPolicy(cutoff=time(17, 30))).provisional
    assert clock_due(
        ClockKind.DEPLOY_1D, at("2026-11-23"), calendar, ClockPolicy(first_clock=FirstClock.SAME_DAY)
    ).provisional


# When a year is published


def test_a_provisional_clock_moves_later_when_the_year_is_published() -> None:
    announced = clock_due(ClockKind.RESOLVE_7D, at("2025-12-29"), OLD_2026)
    change = recomputed(announced, at("2025-12-29"), NEW_2026)
    assert (due_day(change.old), change.old.provisional) == (date(2026, 1, 7), True)
    assert (due_day(change.new), change.new.provisional) == (date(2026, 1, 8), False)
    assert change.moved


def test_a_clock_that_would_end_earlier_keeps_what_was_told_and_becomes_firm() -> None:
    announced = clock_due(ClockKind.FEEDBACK_3D, at("2026-09-17"), OLD_2026)
    assert due_day(clock_due(ClockKind.FEEDBACK_3D, at("2026-09-17"), NEW_2026)) == date(2026, 9, 21)
    change = recomputed(announced, at("2026-09-17"), NEW_2026)
    assert (due_day(change.new), change.new.provisional, change.moved) == (date(2026, 9, 22), False, False)


def test_a_firm_clock_is_left_alone() -> None:
    announced = clock_due(ClockKind.FEEDBACK_3D, at("2025-09-26"), OLD_2026)
    rest = [CalendarDay(date=date(2025, 9, 29), is_workday=False, source="test", provisional=False)]
    assert recomputed(announced, at("2025-09-26"), OLD_2026.revised(rest)).new == announced


def test_a_custom_clock_is_recomputed_from_its_text() -> None:
    announced = deadline_of("5个工作日", at("2025-12-29"), Weight.ORDINARY, OLD_2026)
    change = recomputed(announced, at("2025-12-29"), NEW_2026, text="5个工作日")
    assert (due_day(change.old), due_day(change.new)) == (date(2026, 1, 5), date(2026, 1, 6))
    with pytest.raises(ValueError, match="text"):
        recomputed(announced, at("2025-12-29"), NEW_2026)


def test_a_clock_is_not_recomputed_under_another_policy() -> None:
    announced = clock_due(ClockKind.RESOLVE_7D, at("2025-12-29"), OLD_2026)
    with pytest.raises(ValueError, match="第1版"):
        recomputed(announced, at("2025-12-29"), NEW_2026, ClockPolicy(version=2))


@given(moments, kinds, policies, st.lists(entries, max_size=40), st.lists(entries, max_size=40))
def test_a_recomputation_is_never_earlier_and_repeating_it_changes_nothing(
    t0: datetime, kind: ClockKind, policy: ClockPolicy, before: list[CalendarDay], after: list[CalendarDay]
) -> None:
    calendar = Calendar.of(before)
    announced = clock_due(kind, t0, calendar, policy)
    change = recomputed(announced, t0, calendar.revised(after), policy)
    assert change.old == announced
    assert change.new.due is not None and announced.due is not None and change.new.due >= announced.due
    assert recomputed(change.new, t0, calendar.revised(after), policy).new == change.new
