"""A light (四色预警) as alerts publishes it, and what clocks alarm about."""

from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from pydantic import Field

from .assignment import Assignment
from .offices import Issued
from .region import Node
from .terms import Light, LightReason, Role
from .units import UnitAddress
from .values import Frozen
from .workdays import Calendar, ClockKind, Moment, closing, day_of


class PublishedLight(Issued):
    """The light of an assignment, or of a task: then the worst of its lead and responsible assignments. R2."""

    version: int
    owner: Node
    task_id: UUID
    assignment_id: UUID | None = Field(description="None where the light is the task's own.")
    title: str
    unit: UnitAddress = Field(description="Of a task, its lead.")
    unit_name: str
    role: Role | None = None
    light: Light
    reasons: tuple[LightReason, ...]
    since: Moment = Field(description="The moment from which the light holds.")
    next_change_at: Moment | None = Field(default=None, description="When time alone will next change it.")
    historical: bool = Field(default=False, description="Raises no rung: it was so before the import.")
    policy_version: int


class AlarmedClock(Frozen):
    """A clock of an alarm, and when it ends."""

    kind: ClockKind
    due: Moment
    historical: bool = Field(default=False, description="Raises no rung: it had ended before the import.")


class Alarm(Issued):
    """Clocks of an assignment that ran out, or the one that is about to."""

    assignment_id: UUID
    task_id: UUID
    title: str
    unit: UnitAddress
    unit_name: str
    role: Role
    clocks: tuple[AlarmedClock, ...] = Field(
        min_length=1, description="By end; several only where they had ended before the assignment was entered."
    )


def planned(assignment: Assignment, now: datetime, calendar: Calendar) -> Decimal | None:
    """The progress planned for now, in per cent, two places; None without a due date. R2.

    The weights of the milestones due by then, else linear in the working days that have ended since T0, each at its
    close of business. Suspended, it stands where it stood. Everybody who shows it or judges by it calls this.
    """
    due, at = assignment.due, min(now, assignment.paused_at or now)
    if due is None:
        return None
    if assignment.milestones:
        return Decimal(sum(step.weight for step in assignment.milestones if step.due <= at))
    first, today = day_of(assignment.t0), day_of(at)
    total = calendar.workdays_between(first, day_of(due))
    if total <= 0:
        return Decimal(100 if at > due else 0)
    ended = calendar.workdays_between(first, today if at > closing(today) else today - timedelta(days=1))
    return (Decimal(100 * min(max(ended, 0), total)) / total).quantize(Decimal("0.01"), ROUND_HALF_UP)
