"""A month as ranking means it: its two ends in Asia/Shanghai, and how much of it is over."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from contracts.workdays import ZONE, day_of

INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """The time a ranking is about (考核期): one calendar month; written `2026-10`."""

    year: int
    month: int

    @classmethod
    def of(cls, moment: datetime) -> "Period":
        """The month in which a moment lies."""
        day = day_of(moment)
        return cls(day.year, day.month)

    @classmethod
    def read(cls, text: str) -> "Period":
        """The month written as `2026-10`. Raises ValueError."""
        year, month = text.split("-")
        return cls(int(year), int(month))

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"

    @property
    def first_day(self) -> date:
        """The first of the month."""
        return date(self.year, self.month, 1)

    @property
    def start(self) -> datetime:
        """Its first moment, in UTC."""
        return datetime.combine(self.first_day, time(), ZONE).astimezone(UTC)

    @property
    def end(self) -> datetime:
        """The first moment that no longer belongs to it, in UTC."""
        return self.next.start

    @property
    def next(self) -> "Period":
        """The month after it."""
        return Period(self.year + self.month // 12, self.month % 12 + 1)


@dataclass(frozen=True, slots=True)
class Window:
    """A month as far as it has passed: up to `cut`, which is its end once it is over."""

    period: Period
    cut: datetime

    @classmethod
    def of(cls, period: Period, now: datetime) -> "Window":
        """How much of a month has passed by now."""
        return cls(period, min(now, period.end))

    @property
    def last_day(self) -> date:
        """The day in which it ends: units that stand on it are ranked."""
        return day_of(self.cut - INSTANT)

    def holds(self, moment: datetime | None) -> bool:
        """The moment lies in it."""
        return moment is not None and self.period.start <= moment < self.cut
