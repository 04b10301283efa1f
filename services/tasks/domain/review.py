"""What is done with a completion: verify, send back, write off, each by another person (R7)."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from contracts.commands import Close, Rework, Verify
from contracts.envelope import ActorRole, Refused
from contracts.events import AssignmentClosed, AssignmentReworked, AssignmentVerified
from contracts.terms import AssignmentState, Role
from services.tasks.domain.assignment import Assignment
from services.tasks.domain.guard import (
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
from services.tasks.domain.task import Task


def verify(task: Task, command: Verify, now: datetime, absent: Sequence[str] = ()) -> Decision:
    """A second person confirms: submitted → verified. `absent`: evidence whose bytes have not arrived."""
    part = task.part(command.assignment_id)
    refused = (
        not_reviewer(part, command.actor)
        or stale(part, command)
        or not_in(part, AssignmentState.SUBMITTED)
        or same_person(command.actor, part.submitter)
        or missing(absent)
        or _others_unfinished(task, part)
    )
    return refused or (part.says(AssignmentVerified, command.actor.person, now, state=AssignmentState.VERIFIED),)


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
        or same_person(command.actor, part.submitter)
        or _lead_closed(task, part)
    )
    if refused:
        return refused
    state, percent = AssignmentState.WORKING, part.percent_before or Decimal(0)
    return (
        part.says(AssignmentReworked, command.actor.person, now, state=state, reason=command.reason, percent=percent),
    )


def close(task: Task, command: Close, now: datetime) -> Decision:
    """A third person writes it off with a grade: verified → closed, for good."""
    part = task.part(command.assignment_id)
    refused = (
        not_of_issuer(part, command.actor, ActorRole.SUPERVISOR)
        or stale(part, command)
        or not_in(part, AssignmentState.VERIFIED)
        or same_person(command.actor, part.submitter, part.verifier)
        or _others_unfinished(task, part)
    )
    if refused:
        return refused
    said = part.says(
        AssignmentClosed,
        command.actor.person,
        now,
        state=AssignmentState.CLOSED,
        grade=command.grade,
        submitted_at=part.submitted_at,
        on_time=part.on_time,
        on_time_original=part.on_time_original,
    )
    return (said,)


def _others_unfinished(task: Task, part: Assignment) -> Refused | None:
    """Another part may have been sent back since the lead submitted."""
    return unfinished(task.others(part)) if part.role is Role.LEAD else None


def _lead_closed(task: Task, part: Assignment) -> Refused | None:
    if part.role is Role.LEAD or task.lead.state is not AssignmentState.CLOSED:
        return None
    message = "牵头单位的部分已销号，各单位的部分不能再退回"
    return Refused(code="lead_closed", message=message, pointer="/assignment_id", version=part.version)
