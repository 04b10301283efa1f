"""What each part counts for in one month: the evidence under every cell of a board (R4).

What a unit owes is decided at one moment, and counts in the month of that moment: when it was done, or when it was due
and not done. So nothing is counted twice, and what comes later belongs to a later month.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.units import UnitAddress
from contracts.workdays import day_of
from services.ranking.domain.part import Part
from services.ranking.domain.period import Period


@dataclass(frozen=True, slots=True)
class Red:
    """A stretch of time in which a part was OVERDUE; `until` None while it lasts."""

    at: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """One part in one month: True done in time, False not, None nothing decided.

    fed_back: the 3-day feedback. reported: the month's report. days_overdue: the midnights it passed while OVERDUE and
    not suspended.
    overdue: still OVERDUE at the end.
    """

    place: UnitAddress
    assignment_id: UUID
    acknowledged: bool | None = None
    fed_back: bool | None = None
    reported: bool | None = None
    closed: bool | None = None
    days_overdue: int = 0
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """A month as far as it is known: up to `cut`, which is its end once it is over."""

    period: Period
    cut: datetime

    @classmethod
    def of(cls, period: Period, now: datetime) -> "Window":
        """What can be known of a month now."""
        return cls(period, min(now, period.end))

    def holds(self, moment: datetime | None) -> bool:
        """The moment lies in it."""
        return moment is not None and self.period.start <= moment < self.cut


def evidence(part: Part, reds: Sequence[Red], window: Window) -> Evidence | None:
    """What a part counts for; None where it was in nobody's hands in that month, or counts nowhere."""
    start, cut = window.period.start, window.cut
    if (part.left_at and part.left_at < cut) or part.known_at >= cut or (part.closed_at and part.closed_at < start):
        return None
    shown = [red for red in reds if red.at < cut and (red.until is None or red.until > start)]
    return Evidence(
        place=part.place,
        assignment_id=part.assignment_id,
        acknowledged=_in_time(part, part.receipt_due, part.acknowledged_at, window),
        fed_back=_in_time(part, part.feedback_due, part.fed_back_at, window),
        reported=_reported(part, window),
        closed=_closed(part, window),
        days_overdue=sum(_days(part, max(red.at, start), min(red.until or cut, cut)) for red in shown),
        overdue=any(red.until is None or red.until >= cut for red in shown),
    )


def _days(part: Part, begin: datetime, end: datetime) -> int:
    """The midnights between two moments, but for those at which the part was suspended."""
    paused = zip(part.pauses[::2], (*part.pauses[1::2], end), strict=False)
    stood = (day_of(min(until, end)) - day_of(max(since, begin)) for since, until in paused)
    return (day_of(end) - day_of(begin)).days - sum(max(0, each.days) for each in stood)


def _in_time(part: Part, due: datetime | None, met_at: datetime | None, window: Window) -> bool | None:
    if due is None or not window.holds(max(min(met_at or due, due), part.known_at)):
        return None
    return met_at is not None and met_at <= due


def _reported(part: Part, window: Window) -> bool | None:
    """One report a month is owed by whoever has the part when the month begins; a submission is one."""
    if bisect_right(part.turns, window.period.start) % 2 == 0:
        return None
    if str(window.period) in part.reported:
        return True
    return False if window.cut >= window.period.end else None


def _closed(part: Part, window: Window) -> bool | None:
    """By the original due date: won at the closure, lost at the due date, or when sent back after it (R1)."""
    if part.original_due is None:
        return None
    if part.closed_in_time:
        return True if window.holds(part.closed_at) else None
    standing = part.submitted_at is not None and part.submitted_at <= part.original_due
    lost_at = part.lost_at or (None if standing else max(part.original_due, part.known_at))
    return False if window.holds(lost_at) else None
