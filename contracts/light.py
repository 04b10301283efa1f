"""A light (四色预警) as alerts publishes it, and what clocks alarm about."""

from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from pydantic import Field

from .assignment import Assignment
from .offices import Issued
from .region import Owner
from .terms import Light, LightReason, Role
from .units import UnitAddress
from .values import AssignmentId, Frozen, PolicyVersion, TaskId, Title, UnitName, Version
from .workdays import Calendar, ClockKind, Moment, closing, day_of


class PublishedLight(Issued):
    """The light (四色预警) of an assignment, or of a task: the worst of its lead and responsible assignments. R2."""

    version: Version
    owner: Owner
    task_id: TaskId
    assignment_id: AssignmentId | None = Field(description="Null where the light is the task's own (交办件编号).")
    title: Title
    unit: UnitAddress = Field(description="The unit of the assignment; of a task, its lead (承办单位).")
    unit_name: UnitName
    role: Role | None = Field(default=None, description="Of the unit; null where the light is the task's own (分工).")
    light: Light
    reasons: tuple[LightReason, ...] = Field(description="Why, all that hold (亮灯原因).")
    since: Moment = Field(description="From when the light holds, UTC (亮灯时间).")
    next_change_at: Moment | None = Field(
        default=None, description="When time alone will next change it; null: never (下次变化时间)."
    )
    historical: bool = Field(
        default=False, description="It was so before the import, and raises no document (历史问题)."
    )
    policy_version: PolicyVersion


class AlarmedClock(Frozen):
    """A clock of an alarm, and when it ends (时限)."""

    kind: ClockKind
    due: Moment = Field(description="When it ends, UTC (到期时间).")
    historical: bool = Field(
        default=False, description="It had ended before the import, and raises no document (历史问题)."
    )


class Alarm(Issued):
    """Clocks of an assignment that ran out, or the one that is about to (时限提醒)."""

    assignment_id: AssignmentId
    task_id: TaskId
    title: Title
    unit: UnitAddress = Field(description="The unit that has to do it (承办单位).")
    unit_name: UnitName
    role: Role
    clocks: tuple[AlarmedClock, ...] = Field(
        min_length=1, description="By end; several only where they had ended before the assignment was entered (时限)."
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
