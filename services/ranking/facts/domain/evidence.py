"""What a ranking needs of one assignment: its last state, and histories that are differences of two states."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.assignment import IN_HAND, VOID, Assignment
from contracts.light import PublishedLight
from contracts.region import Node
from contracts.terms import AssignmentState, Light, PeerGroup, Role
from contracts.units import UnitAddress
from contracts.workdays import ClockKind
from services.ranking.facts.domain.peers import issued_by_office, peers_of
from services.ranking.facts.domain.period import Period


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one assignment may count for; every moment is UTC, a due date None where nothing is owed.

    issued_at: nothing counts earlier, whatever T0 an import gives. receipt_due: the end of `deploy_1d`, within which
    it is to be acknowledged. rated_due, on_time: as tasks judges by the original due date. closed_at: written off.
    turns: when it came into the unit's hands, left them, came back, … months: those with a report or a submission.
    pauses: when it was suspended, resumed, … left_at: suspended, or ended undone; it counts in no month after that.
    lost_at: when an on-time submission was sent back too late for another.
    """

    assignment_id: UUID
    peers: PeerGroup
    ranked_unit: UnitAddress
    issued_at: datetime
    receipt_due: datetime | None = None
    acknowledged_at: datetime | None = None
    feedback_due: datetime | None = None
    fed_back_at: datetime | None = None
    rated_due: datetime | None = None
    on_time: bool | None = None
    closed_at: datetime | None = None
    left_at: datetime | None = None
    lost_at: datetime | None = None
    turns: tuple[datetime, ...] = ()
    months: tuple[str, ...] = ()
    pauses: tuple[datetime, ...] = ()


def evolve(before: Evidence | None, assignment: Assignment, node: Node, at: datetime) -> Evidence | None:
    """The evidence after one more state; None where the assignment counts in no ranking of the node's office.

    A supporting unit's part counts nowhere: what it owes is not its own.
    """
    if before is None:
        if assignment.role is Role.SUPPORTING or not issued_by_office(assignment, node):
            return None
        if not (peers := peers_of(assignment.unit, node)):
            return None
        before = Evidence(assignment.assignment_id, *peers, issued_at=at)
    return replace(before, **_latest(assignment), **_history(before, assignment, at))


def overdue_turns(before: tuple[datetime, ...], light: PublishedLight, at: datetime) -> tuple[datetime, ...]:
    """When the light became OVERDUE, ceased to be, …; one that was so before its import counts nowhere (History)."""
    overdue = light.light is Light.OVERDUE and not light.historical
    return (*before, max((at, *before[-1:]))) if overdue != _open(before) else before


def _latest(assignment: Assignment) -> Mapping[str, Any]:
    """What the state itself tells; a clock that ran out before an import owes nothing (History)."""
    historical = [clock.original is not None and assignment.historical(clock.original) for clock in assignment.clocks]
    clocks = {c.kind: c for c, past in zip(assignment.clocks, historical, strict=True) if not past}
    receipt, feedback = clocks.get(ClockKind.DEPLOY_1D), clocks.get(ClockKind.FEEDBACK_3D)
    judged = not historical[-1]
    return {
        "receipt_due": receipt and receipt.due,
        "acknowledged_at": assignment.acknowledged_at,
        "feedback_due": feedback and feedback.due,
        "fed_back_at": feedback and feedback.met_at,
        "rated_due": assignment.rated_due if judged else None,
        "on_time": assignment.on_time_original if judged else None,
        "closed_at": assignment.closed_at if assignment.state is AssignmentState.CLOSED else None,
    }


def _history(before: Evidence, assignment: Assignment, at: datetime) -> Mapping[str, Any]:
    """What the last state no longer tells; one that ended undone keeps the turn and the pause it had."""
    if assignment.state in VOID:
        return {"left_at": before.left_at or at}
    turned = max(filter(None, (at, assignment.t0, assignment.historical_before, *before.turns[-1:])))
    in_hand = assignment.state in IN_HAND and assignment.paused_at is None
    paused = assignment.paused_at is not None
    reported = {str(Period.of(assignment.reported_at))} if assignment.reported_at else set()
    return {
        "turns": before.turns if in_hand == _open(before.turns) else (*before.turns, turned),
        "months": tuple(sorted({*before.months, *reported})),
        "pauses": before.pauses if paused == _open(before.pauses) else (*before.pauses, at),
        "left_at": assignment.paused_at,
        "lost_at": before.lost_at or (at if _lost(before, assignment, at) else None),
    }


def _lost(before: Evidence, assignment: Assignment, at: datetime) -> bool:
    sent_back = before.on_time and not assignment.submitted
    return bool(sent_back and before.rated_due and before.rated_due < at)


def _open(turns: tuple[datetime, ...]) -> bool:
    """The last turn began something that lasts."""
    return len(turns) % 2 == 1
