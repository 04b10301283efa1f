"""The first calendar of the register: published years as they are, later ones as the law foresees them (R1)."""

from collections.abc import Iterator
from datetime import date, timedelta

import chinese_calendar
import holidays

from contracts.workdays import CalendarDay

FIRST_YEAR, LAST_YEAR = 2004, 2028
"""What the first start writes: from the first year `chinese_calendar` knows."""
PUBLISHED = "chinesecalendar"
COMPUTED = "computed"


def calendar_days(first_year: int, last_year: int) -> list[CalendarDay]:
    """Return every day of first_year..last_year, both included, in order.

    A year the State Council has published comes from `chinese_calendar` (source "chinesecalendar"), any other is
    Mon–Fri minus the statutory days as `holidays` computes them (source "computed", provisional).
    Raises ValueError when last_year lies before first_year.
    """
    if last_year < first_year:
        raise ValueError(f"last_year：终止年份{last_year}早于起始年份{first_year}，请调换")
    return [day for year in range(first_year, last_year + 1) for day in _year(year)]


def _year(year: int) -> list[CalendarDay]:
    try:
        return [_day(day, chinese_calendar.is_workday(day), PUBLISHED) for day in _dates(year)]
    except NotImplementedError:
        statutory = holidays.country_holidays("CN", years=year)
        return [_day(day, statutory.is_working_day(day), COMPUTED) for day in _dates(year)]


def _day(day: date, is_workday: bool, source: str) -> CalendarDay:
    return CalendarDay(date=day, is_workday=is_workday, source=source, provisional=source == COMPUTED)


def _dates(year: int) -> Iterator[date]:
    first, end = date(year, 1, 1), date(year + 1, 1, 1)
    return (first + timedelta(days=offset) for offset in range((end - first).days))
