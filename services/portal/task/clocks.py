"""The clocks of one part as a row of steps: 1 day, 3 days, 7 days or a month, and zero. R1, X1."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from contracts.workdays import Calendar, ClockKind, day_of

ORDER = (ClockKind.DEPLOY_1D, ClockKind.FEEDBACK_3D, ClockKind.RESOLVE_7D, ClockKind.RESOLVE_1M, ClockKind.CUSTOM)


class Standing(StrEnum):
    """How a clock stands: met in time, met late, missed, the one that runs now, still ahead."""

    MET = "met"
    LATE = "late"
    MISSED = "missed"
    RUNNING = "running"
    AHEAD = "ahead"


@dataclass(frozen=True)
class Clock:
    """One clock of a part as the ledger keeps it."""

    kind: ClockKind
    due: datetime | None
    met_at: datetime | None = None
    provisional: bool = False


@dataclass(frozen=True)
class Step:
    """One clock as it is shown; `days`: working days left, or overdue where missed."""

    kind: ClockKind
    standing: Standing
    due: datetime | None
    met_at: datetime | None = None
    days: int = 0
    provisional: bool = False


def steps(clocks: Iterable[Clock], closed_at: datetime | None, now: datetime, calendar: Calendar) -> list[Step]:
    """The clocks in their order, then zero (closed or followed to the end); the first that is not met runs now."""
    known = {clock.kind: clock for clock in clocks}
    row = [step(known[kind], now, calendar) for kind in ORDER if kind in known]
    zero = Standing.MET if closed_at else Standing.AHEAD
    row.append(Step(ClockKind.ZERO, zero, None, closed_at))
    return _with_current(row)


def step(clock: Clock, now: datetime, calendar: Calendar) -> Step:
    """How one clock stands at `now`; a clock met at its due moment is met in time."""
    due = clock.due
    if due is None:
        return Step(clock.kind, Standing.AHEAD, None, clock.met_at)
    if clock.met_at:
        standing = Standing.MET if clock.met_at <= due else Standing.LATE
        return Step(clock.kind, standing, due, clock.met_at, provisional=clock.provisional)
    standing = Standing.AHEAD if now <= due else Standing.MISSED
    between = abs(calendar.workdays_between(day_of(now), day_of(due)))
    return Step(clock.kind, standing, due, None, between, clock.provisional)


def _with_current(row: Sequence[Step]) -> list[Step]:
    current = next((n for n, each in enumerate(row) if each.standing is Standing.AHEAD), None)
    return [
        Step(e.kind, Standing.RUNNING, e.due, e.met_at, e.days, e.provisional) if n == current else e
        for n, e in enumerate(row)
    ]
