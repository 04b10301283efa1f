"""How a percentage that was typed wrongly is put right (§2)."""

from datetime import datetime
from functools import partial

from contracts.assignment import IN_HAND, Assignment
from contracts.commands.assignment import CorrectReport
from contracts.envelope import ActorRole
from contracts.events.assignment import AssignmentCorrected
from contracts.offices import REVIEWERS
from contracts.refusals import Refused
from contracts.workdays import closing, day_of
from services.tasks.assignments.domain.assignment import evolve, progressed
from services.tasks.assignments.domain.guard import Decision, not_in, not_of_unit, not_overseer, stale
from services.tasks.assignments.domain.task import TaskAggregate
from services.tasks.refusals import Code, refuse
from services.tasks.register.domain.timetable import Timetable

UNIT_DAYS = 3
"""Working days after the report in which the unit's own head corrects it; later the issuing office does."""


def correct_report(task: TaskAggregate, command: CorrectReport, now: datetime, timetable: Timetable) -> Decision:
    """Another figure in place of the accepted one, lower too; not once the completion is submitted."""
    assignment = task.assignment(command.assignment_id)
    refused = (
        _not_by(assignment, command, now, timetable)
        or stale(assignment, command)
        or not_in(assignment, *IN_HAND)
        or _nothing(assignment, command)
    )
    if refused:
        return refused
    after = evolve(assignment, stated=True, **progressed(assignment, command.percent))
    happened = {"previous": assignment.percent, "percent": command.percent, "reason": command.reason}
    return (task.event(AssignmentCorrected, after, command.actor.person, now, **happened),)


def _not_by(assignment: Assignment, command: CorrectReport, now: datetime, timetable: Timetable) -> Refused | None:
    """The head of the unit while its days run, the office after them."""
    deny = partial(refuse, pointer="/actor", version=assignment.version)
    ends = _unit_days_end(assignment, timetable)
    if command.actor.unit == assignment.unit:
        late = f"报送后已超过 {UNIT_DAYS} 个工作日，请由交办单位（{assignment.issuer_name}）更正"
        refused = not_of_unit(assignment, command.actor, ActorRole.UNIT_HEAD)
        return refused or (deny(Code.CORRECTION_LATE, late) if ends and now > ends else None)
    early = f"报送后 {UNIT_DAYS} 个工作日内由{assignment.unit_name}的负责人更正，其后由督查机构更正"
    refused = not_overseer(assignment, command.actor, *REVIEWERS)
    return refused or (deny(Code.CORRECTION_EARLY, early) if ends and now <= ends else None)


def _unit_days_end(assignment: Assignment, timetable: Timetable) -> datetime | None:
    if assignment.reported_at is None:
        return None
    last = timetable.calendar.add_workdays(day_of(assignment.reported_at), UNIT_DAYS)
    return closing(last, timetable.policy(assignment.t0))


def _nothing(assignment: Assignment, command: CorrectReport) -> Refused | None:
    if assignment.percent is None:
        message = "还没有报送过进度，没有可以更正的，请直接报送进展"
        return refuse(Code.NOTHING_TO_CORRECT, message, "/assignment_id", version=assignment.version)
    if assignment.percent == command.percent:
        return refuse(Code.PERCENT_UNCHANGED, "更正后的进度与现在相同，请填写正确的进度", "/percent")
    return None
