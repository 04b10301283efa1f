"""The clocks of one assignment as a row of steps: 1 day, 3 days, 7 days or a month, and zero. R1, X1."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from contracts.assignment import Assignment, Clock, Standing
from contracts.terms import AssignmentState
from contracts.workdays import Calendar, ClockKind, day_of
from services.portal.web.formats import exactly
from services.portal.web.i18n import gettext as _


class Progress(StrEnum):
    """How a clock stands: met in time, met late, missed, the one that runs now, still ahead."""

    MET = "met"
    LATE = "late"
    MISSED = "missed"
    RUNNING = "running"
    AHEAD = "ahead"


@dataclass(frozen=True)
class Step:
    """One clock as it is shown; `days`: working days left, or overdue where missed."""

    kind: ClockKind
    progress: Progress
    due: datetime | None = None
    met_at: datetime | None = None
    days: int = 0
    provisional: bool = False


def steps(assignment: Standing, now: datetime, calendar: Calendar) -> list[Step]:
    """The clocks in their order, then zero (closed, or followed to the end); the first that is not over runs now.

    Suspended, they stand where they stood.
    """
    at = min(now, assignment.paused_at or now)
    row = [step(clock, at, calendar) for clock in assignment.clocks if clock.due is not None]
    closed = assignment.state is AssignmentState.CLOSED
    closed_at = assignment.closed_at if closed and isinstance(assignment, Assignment) else None
    row.append(Step(ClockKind.ZERO, Progress.MET if closed_at else Progress.AHEAD, met_at=closed_at))
    running = next((n for n, each in enumerate(row) if each.progress is Progress.AHEAD), None)
    return [replace(each, progress=Progress.RUNNING) if n == running else each for n, each in enumerate(row)]


def step(clock: Clock, now: datetime, calendar: Calendar) -> Step:
    """How one clock with a due date stands at `now`."""
    assert clock.due is not None
    if clock.met_at:
        progress = Progress.LATE if clock.missed else Progress.MET
        return Step(clock.kind, progress, clock.due, clock.met_at, provisional=clock.provisional)
    progress = Progress.AHEAD if now <= clock.due else Progress.MISSED
    days = abs(calendar.workdays_between(day_of(now), day_of(clock.due)))
    return Step(clock.kind, progress, clock.due, None, days, clock.provisional)


def in_words(step: Step, assignment: Standing) -> str:
    """How a clock stands, as its owner reads it."""
    zero = step.kind is ClockKind.ZERO
    if step.progress is Progress.MET:
        return (_("已销号 %(at)s") if zero else _("按时完成 %(at)s")) % {"at": exactly(step.met_at)}
    if step.progress is Progress.LATE:
        return _("超时完成 %(at)s") % {"at": exactly(step.met_at)}
    if step.progress is Progress.MISSED:
        return _("逾期 %(n)s 个工作日") % {"n": step.days} if step.days else _("今天逾期")
    if assignment.state is AssignmentState.CANCELLED:
        return _("已撤销")
    if step.progress is Progress.AHEAD:
        return _("未开始")
    if assignment.paused_at:
        return _("已暂停，剩 %(n)s 个工作日") % {"n": step.days} if step.days else _("已暂停")
    if zero:
        return _("跟踪中")
    return _("进行中，剩 %(n)s 个工作日") % {"n": step.days} if step.days else _("进行中，今天到期")
