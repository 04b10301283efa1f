"""What is done with a completion: verify, send back, write off, each by another person (R7)."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from contracts.commands.assignment import Close, Rework, Verify
from contracts.envelope import ActorRole
from contracts.events.assignment import AssignmentClosed, AssignmentReworked, AssignmentVerified
from contracts.refusals import Refused
from contracts.terms import AssignmentState, Role
from services.tasks.assignments.domain.assignment import Assignment, event_of, evolve, reopened
from services.tasks.assignments.domain.guard import (
    REVIEWERS,
    Decision,
    missing,
    not_in,
    not_of_issuer,
    not_reviewer,
    same_person,
    stale,
    unfinished,
)
from services.tasks.assignments.domain.task import Task


def verify(task: Task, command: Verify, now: datetime, absent: Sequence[str] = ()) -> Decision:
    """A second person confirms: submitted → verified. `absent`: evidence whose bytes have not arrived."""
    part = task.part(command.assignment_id)
    refused = (
        not_reviewer(part, command.actor)
        or stale(part, command)
        or not_in(part, AssignmentState.SUBMITTED)
        or same_person(command.actor, part.submitted_by)
        or missing(absent)
        or _others_unfinished(task, part)
    )
    if refused:
        return refused
    after = evolve(part, state=AssignmentState.VERIFIED, verified_by=command.actor.person)
    return (event_of(AssignmentVerified, after, command.actor.person, now),)


def rework(task: Task, command: Rework, now: datetime) -> Decision:
    """Back to work with a reason; every due date stays, and progress is again as before the submission.

    A submitted part is sent back by who verifies it, a verified one by the Inspectorate.
    """
    part = task.part(command.assignment_id)
    verified = part.state is AssignmentState.VERIFIED
    refused = (
        (not_of_issuer(part, command.actor, *REVIEWERS) if verified else not_reviewer(part, command.actor))
        or stale(part, command)
        or not_in(part, AssignmentState.SUBMITTED, AssignmentState.VERIFIED)
        or same_person(command.actor, part.submitted_by)
        or _lead_closed(task, part)
    )
    if refused:
        return refused
    after = evolve(
        part,
        state=AssignmentState.WORKING,
        percent=part.percent_before or Decimal(0),
        percent_before=None,
        clocks=reopened(part.clocks, now),
        in_hand_since=now,
        submitted_at=None,
        submitted_by="",
        verified_by="",
        on_time=None,
        on_time_original=None,
    )
    return (event_of(AssignmentReworked, after, command.actor.person, now, reason=command.reason),)


def close(task: Task, command: Close, now: datetime) -> Decision:
    """A third person writes it off with a grade: verified → closed, for good."""
    part = task.part(command.assignment_id)
    refused = (
        not_of_issuer(part, command.actor, ActorRole.SUPERVISOR)
        or stale(part, command)
        or not_in(part, AssignmentState.VERIFIED)
        or same_person(command.actor, part.submitted_by, part.verified_by)
        or _others_unfinished(task, part)
    )
    if refused:
        return refused
    after = evolve(part, state=AssignmentState.CLOSED, grade=command.grade, closed_at=now)
    return (event_of(AssignmentClosed, after, command.actor.person, now),)


def _others_unfinished(task: Task, part: Assignment) -> Refused | None:
    """Another part may have been sent back since the lead submitted."""
    return unfinished(task.others(part)) if part.role is Role.LEAD else None


def _lead_closed(task: Task, part: Assignment) -> Refused | None:
    if part.role is Role.LEAD or task.lead.state is not AssignmentState.CLOSED:
        return None
    message = "牵头单位的部分已销号，各单位的部分不能再退回"
    return Refused(code="lead_closed", message=message, pointer="/assignment_id", version=part.version)
