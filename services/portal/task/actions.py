"""Which actions a page offers somebody on an assignment as it stands; the tasks service decides. §1b, §2"""

from collections.abc import Iterator
from enum import StrEnum

from contracts.assignment import Assignment
from contracts.envelope import UNIT_SIDE, ActorRole
from contracts.offices import HEADS, OVERSEEING, REVIEWERS, oversees
from contracts.task import Task
from contracts.terms import AssignmentState, Role
from services.portal.identity.reader import Reader


class Action(StrEnum):
    """The actions on an assignment, in their order."""

    ACKNOWLEDGE = "acknowledge"
    REPORT = "report"
    COMPLETE = "complete"
    VERIFY = "verify"
    REWORK = "rework"
    CLOSE = "close"


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
    return (*_own(reader, assignment), *_reviewed(reader, assignment))


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
