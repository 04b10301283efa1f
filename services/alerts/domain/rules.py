"""What everything is judged by: a policy, and a calendar that remembers what it has counted."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from contracts import workdays
from contracts.workdays import Calendar, Span, closing, due_in, opening
from services.alerts.domain.policy import LightPolicy

INSTANT = timedelta(microseconds=1)
"""The finest step of time that PostgreSQL and Python share."""

day_of = lru_cache(8192)(workdays.day_of)


@dataclass(frozen=True, eq=False)
class Rules:
    """Parts share their dates, so each is counted once; keep one such object as long as policy and calendar hold."""

    policy: LightPolicy
    calendar: Calendar

    def after_days(self, moment: datetime, days: int) -> datetime:
        """The instant after so many working days have ended, the day of `moment` not counted (R1)."""
        return _after_days(self, day_of(moment), days)

    def after_span(self, moment: datetime, span: Span) -> datetime:
        """The instant after a span from `moment` has run out (R1)."""
        return _after_span(self, day_of(moment), span)

    def opens_before(self, due: datetime, days: int) -> datetime:
        """The start of business so many working days before a due date; of that very day for 0."""
        return opening(self.calendar.add_workdays(day_of(due), -days))

    def days_until(self, start: datetime, end: datetime) -> int:
        """How many working days there are up to the day of `end`, the day of `start` not counted."""
        return _days_between(self, day_of(start), day_of(end))

    def days_ended(self, start: datetime, now: datetime) -> int:
        """How many of them have ended by now, each at its close of business."""
        return _days_between(self, day_of(start), _last_ended(now))


def after(moment: datetime) -> datetime:
    """The first moment at which `now > moment`."""
    return moment + INSTANT


@lru_cache(8192)
def _after_days(rules: Rules, day: date, days: int) -> datetime:
    return after(closing(rules.calendar.add_workdays(day, days)))


@lru_cache(8192)
def _after_span(rules: Rules, day: date, span: Span) -> datetime:
    due = due_in(span, opening(day), rules.calendar).due
    assert due is not None, "only a zero clock has no due date"
    return after(due)


@lru_cache(8192)
def _days_between(rules: Rules, start: date, end: date) -> int:
    return rules.calendar.workdays_between(start, end)


@lru_cache(64)
def _last_ended(now: datetime) -> date:
    today = day_of(now)
    return today if now > closing(today) else today - timedelta(days=1)
