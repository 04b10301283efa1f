"""Working days: sums over a calendar that knows make-up days, and which of its days are not yet settled."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from pydantic import BaseModel, ConfigDict, Field

Day = date
"""The type of a field that is called `date` itself."""


class CalendarDay(BaseModel):
    """One day as the register knows it (工作日历). R1."""

    model_config = ConfigDict(frozen=True)

    date: Day = Field(description="In Asia/Shanghai (日期).")
    is_workday: bool = Field(description="Worked, make-up days included (是否工作日).")
    source: str = Field(
        description="`chinesecalendar`: as the State Council published it; `computed`: by the law (来源)."
    )
    provisional: bool = Field(description="Until the State Council has published its year (暂定).")


@dataclass(frozen=True, slots=True)
class Calendar:
    """The working-day calendar (工作日历), built by `Calendar.of`; a day it was not given is Mon–Fri, provisional.

    Every question is answered in O(log n) for spans of any length. Days are plain dates in Asia/Shanghai.
    """

    days: tuple[CalendarDay, ...] = field(repr=False)
    _first: int
    _last: int
    _worked: tuple[int, ...] = field(repr=False)
    _unsettled: tuple[int, ...] = field(repr=False)

    @classmethod
    def of(cls, days: Iterable[CalendarDay]) -> "Calendar":
        """Build the calendar from days in any order; of two entries for one date the later one holds."""
        by_day = {day.date.toordinal(): day for day in days}
        first, last = (min(by_day), max(by_day)) if by_day else (1, 0)
        span = range(first, last + 1)
        worked = tuple(o for o in span if (by_day[o].is_workday if o in by_day else _is_weekday(o)))
        unsettled = tuple(o for o in span if o not in by_day or by_day[o].provisional)
        return cls(tuple(by_day[o] for o in sorted(by_day)), first, last, worked, unsettled)

    def revised(self, days: Iterable[CalendarDay]) -> "Calendar":
        """Return a new calendar in which the given days replace or extend the known ones."""
        return Calendar.of((*self.days, *days))

    def is_workday(self, day: date) -> bool:
        """Tell whether the day is worked, make-up weekends included."""
        return self._worked_until(day.toordinal()) > self._worked_until(day.toordinal() - 1)

    def is_provisional(self, day: date) -> bool:
        """Tell whether the day may still change: its year is not published, or it lies outside the calendar."""
        return self.provisional_within(day, day)

    def provisional_within(self, first: date, last: date) -> bool:
        """Tell whether any day of first..last, both included, may still change; an empty span has none."""
        start, end = first.toordinal(), last.toordinal()
        if start > end:
            return False
        if start < self._first or end > self._last:
            return True
        return bisect_left(self._unsettled, start) < bisect_right(self._unsettled, end)

    def next_workday(self, day: date) -> date:
        """Return the day itself if it is worked, else the first working day after it."""
        return self._nth(self._worked_until(day.toordinal() - 1) + 1)

    def add_workdays(self, day: date, count: int) -> date:
        """Return the count-th working day after the day (before it if negative); the day itself for 0.

        The day is never counted, whether it is worked or not. Raises OverflowError beyond the years 1–9999.
        """
        if count == 0:
            return day
        if count > 0:
            return self._nth(self._worked_until(day.toordinal()) + count)
        return self._nth(self._worked_until(day.toordinal() - 1) + 1 + count)

    def workdays_between(self, start: date, end: date) -> int:
        """Count the working days in (start, end]; negative when end lies before start."""
        return self._worked_until(end.toordinal()) - self._worked_until(start.toordinal())

    def _worked_until(self, ordinal: int) -> int:
        """Count the working days from the year 1 up to and including the ordinal."""
        if ordinal < self._first:
            return _weekdays_until(ordinal)
        counted = _weekdays_until(self._first - 1) + bisect_right(self._worked, ordinal)
        return counted + max(0, _weekdays_until(ordinal) - _weekdays_until(self._last))

    def _nth(self, number: int) -> date:
        """Return the number-th working day since the year 1: the inverse of `_worked_until`."""
        before = _weekdays_until(self._first - 1)
        if number <= before:
            return _nth_weekday(number)
        if number <= before + len(self._worked):
            return date.fromordinal(self._worked[number - before - 1])
        return _nth_weekday(number - before - len(self._worked) + _weekdays_until(self._last))


def _is_weekday(ordinal: int) -> bool:
    return (ordinal - 1) % 7 < 5


def _weekdays_until(ordinal: int) -> int:
    """Count Mondays to Fridays in 1..ordinal; the first day of the year 1 was a Monday."""
    weeks, rest = divmod(ordinal, 7)
    return weeks * 5 + min(rest, 5)


def _nth_weekday(number: int) -> date:
    weeks, rest = divmod(number - 1, 5)
    return date.min + timedelta(days=weeks * 7 + rest)
