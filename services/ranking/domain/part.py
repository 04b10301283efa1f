"""What was said of one unit's part, as far as its points depend on it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.events.assignment import (
    AssignmentAcknowledged,
    AssignmentCancelled,
    AssignmentClosed,
    AssignmentDueChanged,
    AssignmentEvent,
    AssignmentIssued,
    AssignmentReported,
    AssignmentResumed,
    AssignmentReworked,
    AssignmentSubmitted,
    AssignmentSuspended,
)
from contracts.events.delivery import DeliverySent
from contracts.events.light import LightChanged
from contracts.terms import AssignmentState, DueChangeCause, Light, NoticeKind, PeerGroup, ReportKind, Role
from contracts.units import UnitAddress
from contracts.workdays import ClockKind
from services.ranking.domain.peers import Peers, peers_of
from services.ranking.domain.period import Period

IN_HAND = (AssignmentState.ISSUED, AssignmentState.ACKNOWLEDGED, AssignmentState.WORKING)
"""Where the unit has the next move."""


@dataclass(frozen=True, slots=True)
class Part:
    """The facts of one part; every moment is UTC, a due date None where nothing is owed.

    known_at: when it was heard of; nothing counts earlier. receipt_due: the end of `deploy_1d`, within which it is to
    be acknowledged. fed_back_at: the first progress. original_due: as issued, whatever became of it later, but for the
    days of a suspension. left_at: when it was suspended or cancelled; it counts nowhere in that month and after.
    lost_at: when an on-time submission was sent back too late for another. submitted_at: the standing submission.
    closed_in_time: by the original due date. turns: when it came into the unit's hands, left them, came back, …
    reported: the months in which the unit reported or submitted. pauses: when it was suspended, resumed, …
    """

    assignment_id: UUID
    peers: PeerGroup
    place: UnitAddress
    name: str
    known_at: datetime
    receipt_due: datetime | None = None
    acknowledged_at: datetime | None = None
    feedback_due: datetime | None = None
    fed_back_at: datetime | None = None
    original_due: datetime | None = None
    submitted_at: datetime | None = None
    lost_at: datetime | None = None
    closed_at: datetime | None = None
    closed_in_time: bool | None = None
    turns: tuple[datetime, ...] = ()
    reported: tuple[str, ...] = ()
    left_at: datetime | None = None
    pauses: tuple[datetime, ...] = ()


def ranked(event: AssignmentEvent) -> Peers | None:
    """Where a part counts; a supporting unit's counts nowhere: what it owes is not its own."""
    return None if event.role is Role.SUPPORTING else peers_of(event.unit, event.owner)


def reddens(event: LightChanged) -> bool:
    """A part turned red or ceased to be; a light that was red before its import counts nowhere (History)."""
    red = event.light is Light.OVERDUE
    if event.assignment_id is None or event.role is Role.SUPPORTING or (red and event.historical):
        return False
    return red != (event.previous is Light.OVERDUE)


def urged(event: DeliverySent) -> Peers | None:
    """Where an urging or an order counts: at the place it is addressed to, not where a copy goes (R5)."""
    urging = event.kind in (NoticeKind.URGING, NoticeKind.ORDER) and not event.copy_only
    return peers_of(event.unit, event.owner) if urging else None


def opened(event: AssignmentIssued, peers: Peers) -> Part:
    """A part as it is issued; clocks that ran out before an import owe nothing (History)."""
    before = event.historical_before
    dues = {clock.kind: clock.due for clock in event.clocks if not (before and clock.due and clock.due < before)}
    return Part(
        assignment_id=event.assignment_id,
        peers=peers.group,
        place=peers.place,
        name=event.unit_name,
        known_at=event.time,
        receipt_due=dues.get(ClockKind.DEPLOY_1D),
        feedback_due=dues.get(ClockKind.FEEDBACK_3D),
        original_due=None if before and event.due and event.due < before else event.due,
        turns=(max(event.time, event.t0, before or event.time),),
    )


def after(part: Part, event: AssignmentEvent) -> Part:
    """The part after one more event."""
    return replace(part, **_changes(part, event))


def _changes(part: Part, event: AssignmentEvent) -> dict[str, Any]:
    match event:
        case AssignmentAcknowledged():
            return {"acknowledged_at": part.acknowledged_at or event.time}
        case AssignmentReported():
            return _reported(part, event)
        case AssignmentSubmitted(submitted_at=at):
            fed_back, reported = part.fed_back_at or at, _with_month(part, at)
            return {"submitted_at": at, "fed_back_at": fed_back, "turns": _turned(part, at), "reported": reported}
        case AssignmentReworked(time=at):
            return {"submitted_at": None, "lost_at": _lost(part, at), "turns": _turned(part, at)}
        case AssignmentClosed(time=at):
            in_time = event.submitted_at <= part.original_due if part.original_due else None
            return {"closed_at": at, "closed_in_time": in_time, "submitted_at": event.submitted_at}
        case AssignmentDueChanged():
            return _moved(part, event)
        case AssignmentSuspended() | AssignmentResumed():
            turns = _turned(part, event.time) if event.state in IN_HAND else part.turns
            left_at = event.time if isinstance(event, AssignmentSuspended) else None
            return {"left_at": left_at, "turns": turns, "pauses": (*part.pauses, event.time)}
        case AssignmentCancelled():
            return {"left_at": part.left_at or event.time}
    return {}


def _reported(part: Part, event: AssignmentReported) -> dict[str, Any]:
    """Progress stops the feedback clock; so does the progress a ledger came with (R1). Any report is the month's."""
    at = event.submitted_at
    progress = event.kind is ReportKind.PROGRESS or (event.kind is ReportKind.IMPORTED and event.increased)
    return {
        "fed_back_at": part.fed_back_at or at if progress else part.fed_back_at,
        "reported": _with_month(part, at),
    }


def _with_month(part: Part, at: datetime) -> tuple[str, ...]:
    return tuple(sorted({*part.reported, str(Period.of(at))}))


def _turned(part: Part, at: datetime) -> tuple[datetime, ...]:
    return (*part.turns, max(at, part.turns[-1]))


def _lost(part: Part, at: datetime) -> datetime | None:
    due, submitted = part.original_due, part.submitted_at
    lost = part.lost_at is None and due and submitted and submitted <= due < at
    return at if lost else part.lost_at


def _moved(part: Part, event: AssignmentDueChanged) -> dict[str, Any]:
    """The first two clocks move; the resolving one is judged by its original end, moved by a suspension alone.

    An original end that had passed when the part was suspended stays, whatever an extension had made of the due date.
    """
    field = {ClockKind.DEPLOY_1D: "receipt_due", ClockKind.FEEDBACK_3D: "feedback_due"}.get(event.clock)
    if field:
        return {field: event.due} if getattr(part, field) else {}
    original, told = part.original_due, event.previous
    if event.cause is not DueChangeCause.SUSPENSION or not (told and event.due and original):
        return {}
    return {} if original <= part.pauses[-1] else {"original_due": original + (event.due - told)}
