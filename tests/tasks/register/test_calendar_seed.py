"""The seed of the calendar: published years as published, later ones as the law foresees them."""

from datetime import date, timedelta
from itertools import pairwise

import chinese_calendar
import holidays
import pytest

from contracts.workdays import Calendar
from services.tasks.register.calendar_seed import FIRST_YEAR, LAST_YEAR, calendar_days


def test_every_day_of_the_years_appears_once_and_in_order() -> None:
    days = [day.date for day in calendar_days(2024, 2028)]
    assert (days[0], days[-1]) == (date(2024, 1, 1), date(2028, 12, 31))
    assert all(after - before == timedelta(days=1) for before, after in pairwise(days))


def test_a_published_year_is_firm_and_knows_its_make_up_days() -> None:
    days = {day.date: day for day in calendar_days(2025, 2026)}
    assert {(day.source, day.provisional) for day in days.values()} == {("chinesecalendar", False)}
    assert days[date(2025, 9, 28)].is_workday, "a make-up Sunday"
    assert days[date(2026, 2, 28)].is_workday, "a make-up Saturday"
    assert not days[date(2026, 10, 6)].is_workday


def test_a_year_the_published_calendar_does_not_cover_is_computed_and_provisional() -> None:
    with pytest.raises(NotImplementedError):
        chinese_calendar.is_workday(date(2029, 1, 1))
    days = {day.date: day for day in calendar_days(2029, 2029)}
    assert {(day.source, day.provisional) for day in days.values()} == {("computed", True)}
    rest = [day.date for day in days.values() if not day.is_workday and day.date.weekday() < 5]
    assert [f"{day:%m-%d}" for day in rest] == [
        *("01-01", "02-12", "02-13", "02-14", "02-15", "04-04", "05-01", "05-02", "06-18", "09-24"),
        *("10-01", "10-02", "10-03"),
    ]
    assert not any(day.is_workday for day in days.values() if day.date.weekday() >= 5)


def test_the_seam_between_published_and_computed_years_is_provisional_on_one_side_only() -> None:
    calendar = Calendar.of(calendar_days(2026, 2027))
    assert not calendar.is_provisional(date(2026, 12, 31))
    assert calendar.is_provisional(date(2027, 1, 1))
    assert not calendar.is_workday(date(2027, 1, 1))


def test_both_libraries_agree_on_every_published_day_since_2006() -> None:
    statutory = holidays.country_holidays("CN", years=range(2006, 2027))
    differing = [d.date for d in calendar_days(2006, 2026) if d.is_workday != statutory.is_working_day(d.date)]
    assert differing == []


def test_years_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(ValueError, match="last_year"):
        calendar_days(2027, 2026)


def test_every_year_the_published_calendar_knows_is_seeded() -> None:
    calendar = Calendar.of(calendar_days(FIRST_YEAR, LAST_YEAR))
    assert calendar.add_workdays(date(2024, 9, 27), 3) == date(2024, 10, 8)
    assert not calendar.provisional_within(date(2004, 1, 1), date(2026, 12, 31))
    with pytest.raises(NotImplementedError):
        chinese_calendar.is_workday(date(FIRST_YEAR - 1, 12, 31))
    assert calendar.is_provisional(date(FIRST_YEAR - 1, 12, 31)) and calendar.is_provisional(date(2027, 1, 1))
