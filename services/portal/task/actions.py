"""Which actions a page offers somebody on an assignment as it stands; the tasks service decides. §1b, §2"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum

from contracts.assignment import FINISHED, IN_HAND, Assignment, Standing
from contracts.envelope import UNIT_SIDE, ActorRole
from contracts.offices import HEADS, OVERSEEING, REVIEWERS, oversees
from contracts.task import Task
from contracts.terms import AssignmentState, RequestKind, Role
from contracts.workdays import ClockKind
from services.portal.identity.reader import Reader


class Action(StrEnum):
    """The actions on an assignment, in their order."""

    ACKNOWLEDGE = "acknowledge"
    REPORT = "report"
    COMPLETE = "complete"
    VERIFY = "verify"
    REWORK = "rework"
    CLOSE = "close"
    GRANT = "grant"
    REFUSE = "refuse"
    WITHDRAW_REQUEST = "withdraw_request"
    REQUEST_EXTENSION = "request_extension"
    PROPOSE_PLAN = "propose_plan"
    REQUEST_RECLASSIFICATION = "request_reclassification"
    REQUEST_RETURN = "request_return"
    PROPOSE_REASSIGNMENT = "propose_reassignment"


REQUESTS = frozenset(
    {
        Action.REQUEST_EXTENSION,
        Action.PROPOSE_PLAN,
        Action.REQUEST_RECLASSIFICATION,
        Action.REQUEST_RETURN,
        Action.PROPOSE_REASSIGNMENT,
    }
)
"""What is asked of the office; a page folds their forms."""


class TaskAction(StrEnum):
    """The actions of the issuing office's head, or its leader, on a whole task."""

    SUSPEND = "suspend"
    RESUME = "resume"
    CANCEL = "cancel"


def task_actions(reader: Reader, task: Task) -> tuple[TaskAction, ...]:
    """What is offered on a whole task."""
    if not task.open or not oversees(reader.actor, task, *HEADS):
        return ()
    return (TaskAction.RESUME if task.paused_at else TaskAction.SUSPEND, TaskAction.CANCEL)


def writes_notices(reader: Reader, task: Task) -> bool:
    """Whether documents about the task are offered."""
    return task.open and task.paused_at is None and oversees(reader.actor, task, *OVERSEEING)


def actions(reader: Reader, assignment: Assignment) -> tuple[Action, ...]:
    """What is offered on an assignment; nothing while it is suspended."""
    if assignment.paused_at:
        return ()
    return (*_asked(reader, assignment), *_own(reader, assignment), *_reviewed(reader, assignment))


def unfinished(assignments: Sequence[Standing]) -> list[str]:
    """The units whose parts the lead waits for before it completes. R7"""
    return [e.unit_name for e in assignments if e.role is not Role.LEAD and e.state not in FINISHED]


def requests(reader: Reader, assignment: Assignment, now: datetime) -> tuple[Action, ...]:
    """What may be asked of the office now: one thing at a time, as far as the published bounds go."""
    if assignment.paused_at or assignment.request or assignment.state not in IN_HAND:
        return ()
    heads = reader.unit == assignment.unit and reader.may(ActorRole.UNIT_HEAD)
    inspects = oversees(reader.actor, assignment, *REVIEWERS)
    return tuple(_askable(assignment, now, heads, inspects))


def _askable(assignment: Assignment, now: datetime, heads: bool, inspects: bool) -> Iterator[Action]:
    state, until = assignment.state, assignment.return_until
    ahead = assignment.due is not None and assignment.due > now
    if (heads or inspects) and assignment.extend_to and ahead:
        yield Action.REQUEST_EXTENSION
    if heads:
        yield Action.PROPOSE_PLAN
    if heads and ahead and assignment.resolving.kind is ClockKind.RESOLVE_7D:
        yield Action.REQUEST_RECLASSIFICATION
    if heads and until and now <= until and state is not AssignmentState.WORKING:
        yield Action.REQUEST_RETURN
    if inspects:
        yield Action.PROPOSE_REASSIGNMENT


def _asked(reader: Reader, assignment: Assignment) -> Iterator[Action]:
    """Another person than asked decides, on a second extension a leader; who asked may take it back."""
    if not (request := assignment.request):
        return
    second = request.kind is RequestKind.EXTENSION and assignment.extensions
    if oversees(reader.actor, assignment, *HEADS) and reader.person != request.asked_by:
        if not second or oversees(reader.actor, assignment, ActorRole.LEADER):
            yield Action.GRANT
        yield Action.REFUSE
    chief = reader.may(ActorRole.UNIT_HEAD, ActorRole.SUPERVISOR)
    if reader.unit == request.asked_for and (chief or reader.person == request.asked_by):
        yield Action.WITHDRAW_REQUEST


def _own(reader: Reader, assignment: Assignment) -> Iterator[Action]:
    if reader.unit != assignment.unit or not reader.may(*UNIT_SIDE):
        return
    state = assignment.state
    if state is AssignmentState.ISSUED:
        yield Action.ACKNOWLEDGE
    if state in (AssignmentState.ACKNOWLEDGED, AssignmentState.WORKING):
        yield Action.REPORT
    if state is AssignmentState.WORKING and reader.may(ActorRole.UNIT_HEAD):
        yield Action.COMPLETE


def _reviewed(reader: Reader, assignment: Assignment) -> Iterator[Action]:
    """Submitter, verifier and closer are three persons; the lead unit verifies the others, the office the lead."""
    state, person = assignment.state, reader.person
    inspects = oversees(reader.actor, assignment, *REVIEWERS)
    leads = reader.unit == assignment.lead and reader.may(*UNIT_SIDE)
    reviews = inspects if assignment.role is Role.LEAD else leads
    if state is AssignmentState.SUBMITTED and reviews and person != assignment.submitted_by:
        yield from (Action.VERIFY, Action.REWORK)
    if state is AssignmentState.VERIFIED and inspects and person != assignment.submitted_by:
        if oversees(reader.actor, assignment, ActorRole.SUPERVISOR) and person != assignment.verified_by:
            yield Action.CLOSE
        yield Action.REWORK
