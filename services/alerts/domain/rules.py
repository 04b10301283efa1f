"""What lights are judged by: a policy, and a calendar that remembers what it has counted."""

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
    """Assignments share their dates, so each is counted once; keep one object as long as policy and calendar hold."""

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
