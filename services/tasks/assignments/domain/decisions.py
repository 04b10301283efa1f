"""What the head of the issuing office decides on a request: granted or refused, by another person than asked (§2)."""

from datetime import datetime
from typing import Any

from contracts.assignment import IN_HAND, Assignment, PendingRequest
from contracts.commands.assignment import DecideRequest
from contracts.envelope import ActorRole
from contracts.events.assignment import AssignmentEvent, AssignmentRequestRefused
from contracts.offices import HEADS, oversees
from contracts.refusals import Refused
from contracts.terms import DueChangeCause, RequestKind
from contracts.workdays import ClockKind, Weight, clock_due, closing
from services.tasks.assignments.domain import bounds
from services.tasks.assignments.domain.assignment import evolve
from services.tasks.assignments.domain.due import due_changed
from services.tasks.assignments.domain.guard import Decision, not_in, not_overseer, stale
from services.tasks.assignments.domain.requests import nothing_asked, without_request
from services.tasks.assignments.domain.successor import Reference, handed_over, meant, not_successor
from services.tasks.assignments.domain.task import TaskAggregate
from services.tasks.refusals import Code, forbidden, refuse
from services.tasks.register.domain.timetable import Timetable

DATED = (RequestKind.EXTENSION, RequestKind.RESOLUTION_PLAN)
HANDING_OVER = (RequestKind.RETURN, RequestKind.REASSIGNMENT)
CAUSES = {
    RequestKind.EXTENSION: DueChangeCause.EXTENSION,
    RequestKind.RESOLUTION_PLAN: DueChangeCause.RESOLUTION_PLAN,
    RequestKind.RECLASSIFICATION: DueChangeCause.RECLASSIFICATION,
}


def decide_request(task: TaskAggregate, command: DecideRequest, now: datetime, by: Reference) -> Decision:
    """Granted, what was asked for happens now; refused, everything stays, and T0 with it."""
    assignment = task.assignment(command.assignment_id)
    request = assignment.request
    refused = (
        not_overseer(assignment, command.actor, *HEADS)
        or stale(assignment, command)
        or not_in(assignment, *IN_HAND)
        or nothing_asked(assignment)
    )
    if refused or request is None:
        return refused or ()
    if refused := _same(request, command) or _unexplained(command) or _unfitting(request, command):
        return refused
    if not command.approved:
        after = evolve(assignment, **without_request(assignment))
        happened = {"request": request, "reason": command.reason}
        return (task.event(AssignmentRequestRefused, after, command.actor.person, now, **happened),)
    if request.kind in HANDING_OVER:
        return _hand_over(task, assignment, request, command, now, by)
    return _move(task, assignment, request, command, now, by.timetable)


def _same(request: PendingRequest, command: DecideRequest) -> Refused | None:
    if command.actor.person != request.asked_by:
        return None
    return refuse(Code.SAME_PERSON, "提出申请和审批须由两个人分别办理，请换一个人", "/actor/person")


def _unexplained(command: DecideRequest) -> Refused | None:
    if command.approved or len(command.reason) > 1:
        return None
    return refuse(Code.REASON_MISSING, "不同意的，请写明理由和应当怎样办", "/reason")


def _unfitting(request: PendingRequest, command: DecideRequest) -> Refused | None:
    """A date for a request that is not about one, or a unit: it would change nothing."""
    if command.due and request.kind not in DATED:
        return refuse(Code.UNFITTING, "该申请不涉及时限，请不要填写批准的时限", "/due")
    if command.unit and request.kind not in HANDING_OVER:
        return refuse(Code.UNFITTING, "该申请不涉及承办单位，请不要填写改派单位", "/unit")
    return None


def _hand_over(
    task: TaskAggregate,
    assignment: Assignment,
    request: PendingRequest,
    command: DecideRequest,
    now: datetime,
    by: Reference,
) -> Decision:
    """To the unit that the decision names, else to the one proposed."""
    if not (written := command.unit or request.unit):
        return refuse(Code.UNIT_MISSING, "请写明改由哪个单位承办", "/unit")
    unit = meant(written, task, by.register)
    if isinstance(unit, Refused):
        return unit
    if refused := not_successor(unit, task, by.register):
        return refused
    return handed_over(task, assignment, unit, command, now, by)


def _move(
    task: TaskAggregate,
    assignment: Assignment,
    request: PendingRequest,
    command: DecideRequest,
    now: datetime,
    timetable: Timetable,
) -> Decision:
    """The resolving clock moves, within the bounds that hold at the decision."""
    due = closing(command.due, timetable.policy(now)) if command.due else request.due
    if refused := _beyond(assignment, request, command, due, now):
        return refused
    new = (
        _reclassified(assignment, timetable)
        if request.kind is RequestKind.RECLASSIFICATION
        else _dated(assignment, due)
    )
    cause, person = CAUSES[request.kind], command.actor.person
    changes: dict[str, Any] = {"request": None}
    if request.kind is RequestKind.RECLASSIFICATION:
        changes["weight"] = Weight.MAJOR
    reason = command.reason or request.reason
    event: AssignmentEvent = due_changed(
        task, assignment, assignment.resolving, new, cause, person, now, reason, **changes
    )
    return (event,)


def _beyond(
    assignment: Assignment, request: PendingRequest, command: DecideRequest, due: datetime | None, now: datetime
) -> Refused | None:
    if request.kind is RequestKind.RECLASSIFICATION:
        return bounds.not_reclassifiable(assignment, now)
    assert due
    if request.kind is RequestKind.RESOLUTION_PLAN:
        return bounds.not_planned(assignment, due, now)
    if assignment.extensions and not oversees(command.actor, assignment, ActorRole.LEADER):
        return forbidden("第二次延期须由领导批准")
    return bounds.not_granted(assignment, due, now)


def _dated(assignment: Assignment, due: datetime | None) -> dict[str, Any]:
    clock = assignment.resolving
    kind = ClockKind.CUSTOM if clock.kind is ClockKind.ZERO else clock.kind
    return {"kind": kind, "due": due, "provisional": False, "review": None}


def _reclassified(assignment: Assignment, timetable: Timetable) -> dict[str, Any]:
    """A month from T0, by the policy of its clock (R1)."""
    policy = timetable.policy_of(assignment.resolving.policy_version)
    month = clock_due(ClockKind.RESOLVE_1M, assignment.t0, timetable.calendar, policy)
    return {"kind": month.kind, "due": month.due, "provisional": month.provisional}
