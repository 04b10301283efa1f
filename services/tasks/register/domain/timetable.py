"""The legal clock as it holds here: the calendar, and the versions of the clock policy (R1)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from contracts.workdays import (
    DEFAULT_POLICY,
    Calendar,
    CalendarDay,
    ClockPolicy,
    Deadline,
    Weight,
    clocks_of,
    closing,
    day_of,
    deadline_anew,
    deadline_of,
)

CLOCK_POLICY = "clock"
"""The name of the policy that tunes the clocks."""


@dataclass(frozen=True, slots=True)
class Timetable:
    """What every due date is computed from; of two policies in force the later version holds."""

    calendar: Calendar
    policies: tuple[ClockPolicy, ...]

    def policy(self, t0: datetime) -> ClockPolicy:
        """The clock policy in force on the day of T0."""
        in_force = [policy for policy in self.policies if policy.effective <= day_of(t0)]
        return max(in_force, key=lambda policy: policy.version, default=DEFAULT_POLICY)

    def policy_of(self, version: int) -> ClockPolicy:
        """One version of the clock policy."""
        return next((policy for policy in self.policies if policy.version == version), DEFAULT_POLICY)

    def revised(self, days: Iterable[CalendarDay]) -> "Timetable":
        """The timetable once these days hold."""
        return Timetable(self.calendar.revised(days), self.policies)

    def deadline(self, written: str, t0: datetime, weight: Weight) -> Deadline:
        """The deadline an office wrote. Raises DeadlineUnreadable with a Chinese message."""
        return deadline_of(written, t0, weight, self.calendar, self.policy(t0))

    def deadline_anew(self, written: str, first: datetime, t0: datetime, weight: Weight) -> Deadline:
        """The deadline of what begins anew at `t0`, as it was written at `first`."""
        return deadline_anew(written, first, t0, weight, self.calendar, self.policy(t0))

    def within(self, days: int, start: datetime) -> datetime:
        """The close of business so many working days after the day of `start`, which is not counted."""
        return closing(self.calendar.add_workdays(day_of(start), days), self.policy(start))

    def clocks(self, deadline: Deadline, t0: datetime) -> tuple[Deadline, ...]:
        """Every clock of a part from T0, the resolving one last."""
        return clocks_of(deadline, t0, self.calendar, self.policy(t0))
