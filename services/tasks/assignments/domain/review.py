"""What is done with a completion: verify, send back, write off, each by another person (R7)."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from contracts.assignment import Assignment
from contracts.commands.assignment import Close, Rework, Verify
from contracts.envelope import ActorRole
from contracts.events.assignment import AssignmentClosed, AssignmentReworked, AssignmentVerified
from contracts.offices import REVIEWERS
from contracts.refusals import Refused
from contracts.terms import AssignmentState, Role
from services.tasks.assignments.domain.assignment import evolve, reopened
from services.tasks.assignments.domain.bounds import ANSWERED_WITHIN
from services.tasks.assignments.domain.guard import (
    Decision,
    missing,
    not_in,
    not_overseer,
    not_reviewer,
    of_a_node,
    same_person,
    stale,
    unfinished,
)
from services.tasks.assignments.domain.task import TaskAggregate
from services.tasks.refusals import Code, refuse
from services.tasks.register.domain.timetable import Timetable


def verify(
    task: TaskAggregate, command: Verify, now: datetime, absent: Sequence[str] = (), *, timetable: Timetable
) -> Decision:
    """A second person confirms: submitted → verified. `absent`: evidence whose bytes have not arrived."""
    assignment = task.assignment(command.assignment_id)
    refused = (
        not_reviewer(assignment, command.actor)
        or stale(assignment, command)
        or not_in(assignment, AssignmentState.SUBMITTED)
        or same_person(command.actor, assignment.submitted_by)
        or missing(absent)
        or _others_unfinished(task, assignment)
    )
    if refused:
        return refused
    review_by = timetable.within(ANSWERED_WITHIN, now)
    after = evolve(assignment, state=AssignmentState.VERIFIED, verified_by=command.actor.person, review_by=review_by)
    return (task.event(AssignmentVerified, after, command.actor.person, now),)


def rework(task: TaskAggregate, command: Rework, now: datetime) -> Decision:
    """Back to work with a reason; every due date stays, and progress is again as before the submission.

    A submitted assignment is sent back by who verifies it, a verified one by the Inspectorate.
    """
    assignment = task.assignment(command.assignment_id)
    verified = assignment.state is AssignmentState.VERIFIED
    refused = (
        (not_overseer(assignment, command.actor, *REVIEWERS) if verified else not_reviewer(assignment, command.actor))
        or stale(assignment, command)
        or not_in(assignment, AssignmentState.SUBMITTED, AssignmentState.VERIFIED)
        or same_person(command.actor, assignment.submitted_by)
        or _lead_closed(task, assignment)
    )
    if refused:
        return refused
    after = evolve(
        assignment,
        state=AssignmentState.WORKING,
        percent=assignment.percent_before or Decimal(0),
        percent_before=None,
        clocks=reopened(assignment.clocks, now),
        in_hand_since=now,
        review_by=None,
        submitted_at=None,
        submitted_by="",
        verified_by="",
        on_time=None,
        on_time_original=None,
    )
    return (task.event(AssignmentReworked, after, command.actor.person, now, reason=command.reason),)


def close(task: TaskAggregate, command: Close, now: datetime) -> Decision:
    """A third person writes it off with a grade: verified → closed, for good."""
    assignment = task.assignment(command.assignment_id)
    refused = (
        not_overseer(assignment, command.actor, ActorRole.SUPERVISOR)
        or _through_a_node(command)
        or stale(assignment, command)
        or not_in(assignment, AssignmentState.VERIFIED)
        or same_person(command.actor, assignment.submitted_by, assignment.verified_by)
        or _others_unfinished(task, assignment)
    )
    if refused:
        return refused
    after = evolve(assignment, state=AssignmentState.CLOSED, grade=command.grade, review_by=None, closed_at=now)
    return (task.event(AssignmentClosed, after, command.actor.person, now),)


def _through_a_node(command: Close) -> Refused | None:
    if not of_a_node(command.actor):
        return None
    return refuse(Code.NODE_MAY_NOT_CLOSE, "销号不能通过节点接口办理，请由督查室主任在平台上销号", "/actor/person")


def _others_unfinished(task: TaskAggregate, assignment: Assignment) -> Refused | None:
    """Another unit may have been sent back since the lead submitted."""
    return unfinished(task.others(assignment)) if assignment.role is Role.LEAD else None


def _lead_closed(task: TaskAggregate, assignment: Assignment) -> Refused | None:
    if assignment.role is Role.LEAD or task.lead.state is not AssignmentState.CLOSED:
        return None
    message = "牵头单位的部分已销号，各单位的部分不能再退回"
    return refuse(Code.LEAD_CLOSED, message, "/assignment_id", version=assignment.version)
