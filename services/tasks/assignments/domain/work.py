"""What a unit does on its own part: acknowledge, report, complete."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import uuid5

from contracts.commands.assignment import Acknowledge, Complete, Report
from contracts.envelope import ActorRole
from contracts.events.assignment import AssignmentAcknowledged, AssignmentReported, AssignmentSubmitted
from contracts.refusals import Refused
from contracts.terms import AssignmentState, ReportKind, Role
from services.tasks.assignments.domain.assignment import DONE, Assignment, event_of, evolve, stopped, submitted
from services.tasks.assignments.domain.guard import UNIT_SIDE, Decision, missing, not_in, not_of_unit, stale, unfinished
from services.tasks.assignments.domain.task import Task


def acknowledge(task: Task, command: Acknowledge, now: datetime) -> Decision:
    """The unit has it: issued → acknowledged."""
    part = task.part(command.assignment_id)
    refused = (
        not_of_unit(part, command.actor, *UNIT_SIDE) or stale(part, command) or not_in(part, AssignmentState.ISSUED)
    )
    if refused:
        return refused
    state, person = AssignmentState.ACKNOWLEDGED, command.responsible_person
    after = evolve(part, state=state, acknowledged_at=now, responsible_person=person)
    return (event_of(AssignmentAcknowledged, after, command.actor.person, now),)


def report(task: Task, command: Report, now: datetime, absent: Sequence[str] = ()) -> Decision:
    """Deployment or progress, accepted on arrival; the first one sets to work. `absent`: evidence not uploaded."""
    part = task.part(command.assignment_id)
    refused = (
        not_of_unit(part, command.actor, *UNIT_SIDE)
        or stale(part, command)
        or not_in(part, AssignmentState.ACKNOWLEDGED, AssignmentState.WORKING)
        or _not_a_report(command)
        or _nobody_responsible(part, command)
        or _falls(part, command)
        or _no_milestone(part, command)
        or missing(() if _of_a_node(command) else absent)
    )
    if refused:
        return refused
    known = {milestone.name for milestone in part.milestones if milestone.reached_at}
    reached = tuple(name for name in dict.fromkeys(command.milestones) if name not in known)
    after = reported(part, command.kind, command.percent, now, now, bool(command.evidence), reached)
    after = after.model_copy(
        update={
            "state": AssignmentState.WORKING,
            "stated": part.stated or command.percent is not None,
            "responsible_person": command.responsible_person or part.responsible_person,
        }
    )
    event = event_of(
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


def reported(
    part: Assignment,
    kind: ReportKind,
    percent: Decimal | None,
    at: datetime,
    now: datetime,
    evidence: bool = False,
    reached: Sequence[str] = (),
) -> Assignment:
    """What an accepted report leaves; `at`: the moment it speaks of."""
    increased = percent is not None and percent > (part.percent or 0)
    moved = at if increased or evidence or reached else None
    milestones = tuple(m.model_copy(update={"reached_at": at}) if m.name in reached else m for m in part.milestones)
    return evolve(
        part,
        percent=part.percent if percent is None else percent,
        clocks=stopped(part.clocks, kind, increased, at),
        milestones=milestones,
        reported_at=max(at, part.reported_at or at),
        moved_at=max(filter(None, (moved, part.moved_at)), default=None),
    )


def complete(task: Task, command: Complete, now: datetime, absent: Sequence[str] = ()) -> Decision:
    """The unit's head says its part is done: working → submitted; on time is judged now, once and for all (R1)."""
    part = task.part(command.assignment_id)
    refused = (
        not_of_unit(part, command.actor, ActorRole.UNIT_HEAD)
        or stale(part, command)
        or not_in(part, AssignmentState.WORKING)
        or missing(() if _of_a_node(command) else absent)
        or (unfinished(task.others(part)) if part.role is Role.LEAD else None)
    )
    if refused:
        return refused
    after = evolve(
        part,
        state=AssignmentState.SUBMITTED,
        percent=DONE,
        percent_before=part.percent,
        clocks=submitted(part.clocks, now),
        reported_at=now,
        moved_at=now,
        submitted_at=now,
        submitted_by=command.actor.person,
        on_time=_by(part.due, now),
        on_time_original=_by(part.rated_due, now),
    )
    said = event_of(
        AssignmentSubmitted, after, command.actor.person, now, text=command.text, evidence=command.evidence
    )
    return (said,)


def _by(due: datetime | None, now: datetime) -> bool | None:
    return None if due is None else now <= due


def _not_a_report(command: Report) -> Refused | None:
    if command.kind in (ReportKind.DEPLOYMENT, ReportKind.PROGRESS):
        return None
    message = "这里只报送部署或进展；办结请用“报送办结”，导入的进度只随台账导入"
    return Refused(code="wrong_kind", message=message, pointer="/kind")


def _nobody_responsible(part: Assignment, command: Report) -> Refused | None:
    if part.responsible_person or command.responsible_person:
        return None
    message = "签收时没有填写责任人，第一次报送时请填写"
    return Refused(code="responsible_missing", message=message, pointer="/responsible_person")


def _falls(part: Assignment, command: Report) -> Refused | None:
    """Accepted progress is monotone: only a rework takes it back, and a first figure corrects what a ledger said."""
    if not part.stated or command.percent is None or command.percent >= (part.percent or 0):
        return None
    message = f"进度不能低于已认可的 {part.percent:f}%，请填写不低于它的进度，情况有变请在文字中说明"
    return Refused(code="percent_falls", message=message, pointer="/percent")


def _no_milestone(part: Assignment, command: Report) -> Refused | None:
    """A name that is none of the part's milestones; one reached already may be named again, to no effect."""
    known = [milestone.name for milestone in part.milestones]
    unknown = [name for name in command.milestones if name not in known]
    if not unknown:
        return None
    message = f"没有时间节点“{unknown[0]}”，" + (f"请从中选择：{'、'.join(known)}" if known else "该事项没有设时间节点")
    return Refused(code="milestone_unknown", message=message, pointer="/milestones")


def _of_a_node(command: Report | Complete) -> bool:
    """A node's evidence follows over the link: its verification waits for the bytes, not its report."""
    return "/" in command.actor.person
