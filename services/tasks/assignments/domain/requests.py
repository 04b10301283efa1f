"""What a unit, or an inspector of the office, asks of the issuing office; another person decides it (§2)."""

from datetime import datetime
from typing import Any

from contracts.assignment import IN_HAND, Assignment, PendingRequest
from contracts.commands.assignment import (
    AssignmentCommand,
    ProposePlan,
    ProposeReassignment,
    RequestExtension,
    RequestReclassification,
    RequestReturn,
    WithdrawRequest,
)
from contracts.envelope import ActorRole
from contracts.events.assignment import AssignmentRequested, AssignmentRequestWithdrawn
from contracts.offices import REVIEWERS, oversees
from contracts.refusals import Refused
from contracts.register import Unit
from contracts.terms import AssignmentState, RequestKind
from contracts.workdays import closing
from services.tasks.assignments.domain import bounds
from services.tasks.assignments.domain.assignment import evolve
from services.tasks.assignments.domain.guard import Decision, not_in, not_of_unit, not_overseer, stale
from services.tasks.assignments.domain.successor import meant, not_successor
from services.tasks.assignments.domain.task import TaskAggregate
from services.tasks.refusals import Code, refuse
from services.tasks.register.domain import Register
from services.tasks.register.domain.timetable import Timetable

HANDED_IN = (AssignmentState.ISSUED, AssignmentState.ACKNOWLEDGED)
MOVABLE = (*HANDED_IN, AssignmentState.WORKING)
CHIEFS = (ActorRole.UNIT_HEAD, ActorRole.SUPERVISOR)
"""Who takes back what another person of the own unit asked for."""
BEFORE_RETURN = AssignmentState.ACKNOWLEDGED
"""Where a part stands whose return was refused or taken back: who asks for it has read it."""


def request_return(
    task: TaskAggregate, command: RequestReturn, now: datetime, timetable: Timetable, register: Register
) -> Decision:
    """The unit's head says that the matter is another's: issued, acknowledged → return_requested; clocks run on."""
    assignment = task.assignment(command.assignment_id)
    unit = meant(command.unit, task, register) if command.unit else None
    refused = (
        not_of_unit(assignment, command.actor, ActorRole.UNIT_HEAD)
        or stale(assignment, command)
        or not_in(assignment, *HANDED_IN)
        or _pending(assignment)
        or bounds.not_returnable(assignment, now)
        or (unit if isinstance(unit, Refused) else unit and not_successor(unit, task, register))
    )
    if refused:
        return refused
    assert not isinstance(unit, Refused)
    changes = {"state": AssignmentState.RETURN_REQUESTED, "return_until": None}
    return _requested(task, assignment, command, RequestKind.RETURN, now, timetable, unit, **changes)


def request_extension(task: TaskAggregate, command: RequestExtension, now: datetime, timetable: Timetable) -> Decision:
    """A later date is asked for, before the present one has passed."""
    assignment, due = task.assignment(command.assignment_id), closing(command.due, timetable.policy(now))
    refused = _not_askable(assignment, command) or bounds.not_extendable(assignment, due, now)
    if refused:
        return refused
    return _requested(task, assignment, command, RequestKind.EXTENSION, now, timetable)


def propose_plan(task: TaskAggregate, command: ProposePlan, now: datetime, timetable: Timetable) -> Decision:
    """What cannot be solved in time gets a plan with a date, before or after its due date (X2)."""
    assignment, due = task.assignment(command.assignment_id), closing(command.due, timetable.policy(now))
    refused = _not_askable(assignment, command) or bounds.not_planned(assignment, due, now)
    if refused:
        return refused
    return _requested(task, assignment, command, RequestKind.RESOLUTION_PLAN, now, timetable)


def request_reclassification(
    task: TaskAggregate, command: RequestReclassification, now: datetime, timetable: Timetable
) -> Decision:
    """An ordinary matter turns out to be a major one, before its seven days end (R1)."""
    assignment = task.assignment(command.assignment_id)
    refused = _not_askable(assignment, command) or bounds.not_reclassifiable(assignment, now)
    if refused:
        return refused
    return _requested(task, assignment, command, RequestKind.RECLASSIFICATION, now, timetable)


def propose_reassignment(
    task: TaskAggregate, command: ProposeReassignment, now: datetime, timetable: Timetable, register: Register
) -> Decision:
    """An inspector of the office proposes another unit; its head decides."""
    assignment = task.assignment(command.assignment_id)
    unit = meant(command.unit, task, register)
    refused = (
        not_overseer(assignment, command.actor, *REVIEWERS)
        or stale(assignment, command)
        or not_in(assignment, *MOVABLE)
        or _pending(assignment)
        or (unit if isinstance(unit, Refused) else not_successor(unit, task, register))
    )
    if refused:
        return refused
    assert isinstance(unit, Unit)
    return _requested(task, assignment, command, RequestKind.REASSIGNMENT, now, timetable, unit)


def withdraw_request(task: TaskAggregate, command: WithdrawRequest, now: datetime) -> Decision:
    """Who asked takes it back; the part is where it was, and an acknowledged one where its return was asked for."""
    assignment = task.assignment(command.assignment_id)
    refused = (
        stale(assignment, command)
        or not_in(assignment, *IN_HAND)
        or nothing_asked(assignment)
        or _not_asked_by(assignment, command)
    )
    if refused:
        return refused
    assert assignment.request
    after = evolve(assignment, **without_request(assignment))
    event = task.event(AssignmentRequestWithdrawn, after, command.actor.person, now, request=assignment.request)
    return (event,)


def without_request(assignment: Assignment) -> dict[str, Any]:
    """The fields of a part whose request is over and changed nothing."""
    if assignment.state is not AssignmentState.RETURN_REQUESTED or not assignment.request:
        return {"request": None}
    acknowledged_at = assignment.acknowledged_at or assignment.request.asked_at
    return {"request": None, "state": BEFORE_RETURN, "acknowledged_at": acknowledged_at}


def nothing_asked(assignment: Assignment) -> Refused | None:
    """Nothing waits for a decision."""
    if assignment.request:
        return None
    return refuse(Code.NOTHING_ASKED, "该承办件没有待决定的申请", "/assignment_id", version=assignment.version)


def _not_askable(assignment: Assignment, command: AssignmentCommand) -> Refused | None:
    """The unit's head asks, or an inspector of the office; one thing at a time."""
    ours = oversees(command.actor, assignment, *REVIEWERS)
    return (
        (None if ours else not_of_unit(assignment, command.actor, ActorRole.UNIT_HEAD))
        or stale(assignment, command)
        or not_in(assignment, *MOVABLE)
        or _pending(assignment)
    )


def _pending(assignment: Assignment) -> Refused | None:
    if not assignment.request:
        return None
    message = "该承办件已有一项申请等待决定，请在决定或撤回之后再提出"
    return refuse(Code.REQUEST_PENDING, message, "/assignment_id", version=assignment.version)


def _not_asked_by(assignment: Assignment, command: WithdrawRequest) -> Refused | None:
    """The unit that asked takes it back, by its head or by the person who asked."""
    request, actor = assignment.request, command.actor
    if request and actor.unit == request.asked_for and (actor.person == request.asked_by or actor.may(*CHIEFS)):
        return None
    return refuse(Code.FORBIDDEN, "申请只能由提出申请的单位撤回", "/actor")


def _requested(
    task: TaskAggregate,
    assignment: Assignment,
    command: RequestReturn | RequestExtension | ProposePlan | RequestReclassification | ProposeReassignment,
    kind: RequestKind,
    now: datetime,
    timetable: Timetable,
    unit: Unit | None = None,
    **changes: Any,
) -> Decision:
    policy = timetable.policy(now)
    days = bounds.RETURN_ANSWERED_WITHIN if kind is RequestKind.RETURN else bounds.ANSWERED_WITHIN
    request = PendingRequest(
        request_id=command.id,
        kind=kind,
        asked_at=now,
        asked_by=command.actor.person,
        asked_for=command.actor.unit,
        reason=command.reason,
        plan=getattr(command, "plan", ""),
        due=closing(command.due, policy) if isinstance(command, RequestExtension | ProposePlan) else None,
        unit=unit.address if unit else None,
        unit_name=unit.short if unit else "",
        decide_by=timetable.within(days, now),
    )
    after = evolve(assignment, request=request, **changes)
    return (task.event(AssignmentRequested, after, command.actor.person, now),)
