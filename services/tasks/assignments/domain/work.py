"""What a unit does on its own assignment: acknowledge, report, complete."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import uuid5

from contracts.assignment import Assignment
from contracts.commands.assignment import Acknowledge, Complete, Report
from contracts.envelope import UNIT_SIDE, ActorRole
from contracts.events.assignment import AssignmentAcknowledged, AssignmentReported, AssignmentSubmitted
from contracts.refusals import Refused
from contracts.terms import AssignmentState, ReportKind, Role
from services.tasks.assignments.domain.assignment import DONE, evolve, progressed, stopped, submitted
from services.tasks.assignments.domain.bounds import ANSWERED_WITHIN
from services.tasks.assignments.domain.guard import (
    Decision,
    missing,
    not_in,
    not_of_unit,
    of_a_node,
    stale,
    unfinished,
)
from services.tasks.assignments.domain.task import TaskAggregate
from services.tasks.refusals import Code, refuse
from services.tasks.register.domain.timetable import Timetable


def acknowledge(task: TaskAggregate, command: Acknowledge, now: datetime) -> Decision:
    """The unit has it: issued → acknowledged."""
    assignment = task.assignment(command.assignment_id)
    refused = (
        not_of_unit(assignment, command.actor, *UNIT_SIDE)
        or stale(assignment, command)
        or not_in(assignment, AssignmentState.ISSUED)
    )
    if refused:
        return refused
    state, person = AssignmentState.ACKNOWLEDGED, command.responsible_person
    after = evolve(assignment, state=state, acknowledged_at=now, responsible_person=person)
    return (task.event(AssignmentAcknowledged, after, command.actor.person, now),)


def report(task: TaskAggregate, command: Report, now: datetime, absent: Sequence[str] = ()) -> Decision:
    """Deployment or progress, accepted on arrival; the first one sets to work. `absent`: evidence not uploaded."""
    assignment = task.assignment(command.assignment_id)
    if refused := _not_accepted(assignment, command, absent):
        return refused
    before = {milestone.name for milestone in assignment.milestones if milestone.reached_at}
    reached = tuple(name for name in dict.fromkeys(command.milestones) if name not in before)
    after = reported(assignment, command.kind, command.percent, now, bool(command.evidence), reached)
    after = after.model_copy(
        update={
            "state": AssignmentState.WORKING,
            "stated": assignment.stated or command.percent is not None,
            "responsible_person": command.responsible_person or assignment.responsible_person,
        }
    )
    event = task.event(
        AssignmentReported,
        after,
        command.actor.person,
        now,
        report_id=uuid5(command.id, "report"),
        kind=command.kind,
        percent=command.percent,
        text=command.text,
        evidence=command.evidence,
        submitted_at=now,
        milestones=reached,
    )
    return (event,)


def _not_accepted(assignment: Assignment, command: Report, absent: Sequence[str]) -> Refused | None:
    return (
        not_of_unit(assignment, command.actor, *UNIT_SIDE)
        or stale(assignment, command)
        or not_in(assignment, AssignmentState.ACKNOWLEDGED, AssignmentState.WORKING)
        or _not_a_report(command)
        or _nobody_responsible(assignment, command)
        or _falls(assignment, command)
        or _no_milestone(assignment, command)
        or missing(() if of_a_node(command.actor) else absent)
    )


def reported(
    assignment: Assignment,
    kind: ReportKind,
    percent: Decimal | None,
    at: datetime,
    evidence: bool = False,
    reached: Sequence[str] = (),
) -> Assignment:
    """What an accepted report leaves; `at`: the moment it speaks of."""
    increased = percent is not None and percent > (assignment.percent or 0)
    moved = at if increased or evidence or reached else None
    milestones = tuple(
        m.model_copy(update={"reached_at": at}) if m.name in reached else m for m in assignment.milestones
    )
    return evolve(
        assignment,
        **({} if percent is None else progressed(assignment, percent)),
        clocks=stopped(assignment.clocks, kind, increased, at),
        milestones=milestones,
        reported_at=max(at, assignment.reported_at or at),
        moved_at=max(filter(None, (moved, assignment.moved_at)), default=None),
    )


def complete(
    task: TaskAggregate, command: Complete, now: datetime, absent: Sequence[str] = (), *, timetable: Timetable
) -> Decision:
    """The unit's head states that it is done: working → submitted; on time is judged now, once and for all (R1).

    A node's evidence follows over the link: the verification waits for its bytes, not the report.
    """
    assignment = task.assignment(command.assignment_id)
    refused = (
        not_of_unit(assignment, command.actor, ActorRole.UNIT_HEAD)
        or stale(assignment, command)
        or not_in(assignment, AssignmentState.WORKING)
        or _not_done(assignment)
        or missing(() if of_a_node(command.actor) else absent)
        or (unfinished(task.others(assignment)) if assignment.role is Role.LEAD else None)
    )
    if refused:
        return refused
    after = evolve(
        assignment,
        state=AssignmentState.SUBMITTED,
        request=None,
        review_by=timetable.within(ANSWERED_WITHIN, now),
        clocks=submitted(assignment.clocks, now),
        reported_at=now,
        moved_at=now,
        submitted_at=now,
        submitted_by=command.actor.person,
        on_time=_by(assignment.due, now),
        on_time_original=_by(assignment.rated_due, now),
    )
    happened = {"text": command.text, "evidence": command.evidence}
    return (task.event(AssignmentSubmitted, after, command.actor.person, now, **happened),)


def _by(due: datetime | None, now: datetime) -> bool | None:
    return None if due is None else now <= due


def _not_a_report(command: Report) -> Refused | None:
    if command.kind in (ReportKind.DEPLOYMENT, ReportKind.PROGRESS):
        return None
    message = "这里只报送部署或进展；办结请用“报送办结”，导入的进度只随台账导入"
    return refuse(Code.WRONG_KIND, message, "/kind")


def _nobody_responsible(assignment: Assignment, command: Report) -> Refused | None:
    if assignment.responsible_person or command.responsible_person:
        return None
    message = "签收时没有填写责任人，第一次报送时请填写"
    return refuse(Code.RESPONSIBLE_MISSING, message, "/responsible_person")


def _falls(assignment: Assignment, command: Report) -> Refused | None:
    """Accepted progress is monotone: only a rework takes it back, and a first figure corrects that of a ledger."""
    if not assignment.stated or command.percent is None or command.percent >= (assignment.percent or 0):
        return None
    message = f"进度不能低于已认可的 {assignment.percent:f}%，请填写不低于它的进度；填错的进度请用“更正进度”"
    return refuse(Code.PERCENT_FALLS, message, "/percent", version=assignment.version)


def _not_done(assignment: Assignment) -> Refused | None:
    """A submission never sets the progress: the unit has stated 100 before (§2)."""
    if assignment.percent == DONE:
        return None
    stands = "还没有报送过进度" if assignment.percent is None else f"已认可的进度为 {assignment.percent:f}%"
    message = f"{stands}，报送办结前须先报送进展，把进度填为 100%"
    return refuse(Code.PROGRESS_NOT_100, message, "/assignment_id", version=assignment.version)


def _no_milestone(assignment: Assignment, command: Report) -> Refused | None:
    """A name that is none of the assignment's milestones; one reached already may be named again, to no effect."""
    names = [milestone.name for milestone in assignment.milestones]
    unknown = [name for name in command.milestones if name not in names]
    if not unknown:
        return None
    message = f"没有时间节点“{unknown[0]}”，" + (f"请从中选择：{'、'.join(names)}" if names else "该事项没有设时间节点")
    return refuse(Code.MILESTONE_UNKNOWN, message, "/milestones")
