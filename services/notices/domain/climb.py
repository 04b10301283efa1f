"""How far one part has climbed: its facts, the rungs it stands on, and whether each was answered."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from contracts.terms import AssignmentState, Light, NoticeCause, NoticeKind, Role
from contracts.workdays import Calendar, day_of
from services.notices.domain.policy import LEVEL, LadderPolicy

OPEN = (AssignmentState.ISSUED, AssignmentState.ACKNOWLEDGED, AssignmentState.WORKING)
"""Where the unit has the next move; a part that was submitted waits for its reviewer."""


class End(StrEnum):
    """How a rung ended without an answer: withdrawn by the ladder before it was signed, or made void by a person."""

    WITHDRAWN = "withdrawn"
    VOID = "void"


class StirKind(StrEnum):
    """What stops and restarts reply clocks: a report and its rejection, a suspension and its end."""

    REPORTED = "reported"
    REWORKED = "reworked"
    SUSPENDED = "suspended"
    RESUMED = "resumed"


RESTARTS = {StirKind.REWORKED: StirKind.REPORTED, StirKind.RESUMED: StirKind.SUSPENDED}
"""What restarts a clock, and what it was then stopped by."""


@dataclass(frozen=True, slots=True)
class Stir:
    """Something happened to a part that stops or restarts reply clocks."""

    at: datetime
    kind: StirKind


@dataclass(frozen=True, slots=True)
class Rung:
    """One document of the ladder (三单一书) about one part; no `signed_at`, still a draft."""

    notice_id: UUID
    kind: NoticeKind
    cause: NoticeCause
    occurrence: int
    raised_at: datetime
    number: str = ""
    signed_at: datetime | None = None
    reply_by: datetime | None = None
    received_at: datetime | None = None
    ended: End | None = None

    @property
    def draft(self) -> bool:
        """Waits for its signature."""
        return self.ended is None and self.signed_at is None

    @property
    def by_itself(self) -> bool:
        """Drafted by the ladder, not by a person."""
        return self.cause is not NoticeCause.BY_HAND


@dataclass(frozen=True, slots=True)
class Climb:
    """One part as the ladder sees it: what others said of it, its documents oldest first, and the unit's answers."""

    assignment_id: UUID
    task_id: UUID
    title: str
    unit: str
    unit_name: str
    role: Role
    issuer: str
    issuer_name: str
    owner: str
    state: AssignmentState
    light: Light
    light_since: datetime | None = None
    light_historical: bool = False
    due: datetime | None = None
    percent: Decimal | None = None
    feedback_missed_at: datetime | None = None
    progress_at: datetime | None = None
    due_soon_at: datetime | None = None
    due_soon_for: datetime | None = None
    historical_before: datetime | None = None
    paused: bool = False
    rungs: tuple[Rung, ...] = ()
    stirs: tuple[Stir, ...] = ()

    @property
    def ladder(self) -> tuple[Rung, ...]:
        """Its rungs; a 督办通知 is none."""
        return tuple(rung for rung in self.rungs if rung.kind in LEVEL)

    def occurrence(self, kind: NoticeKind, cause: NoticeCause) -> int:
        """Which one the next document of this kind and cause is; with the part they are its key."""
        return 1 + sum(rung.kind is kind and rung.cause is cause for rung in self.rungs)

    def since(self, cause: NoticeCause, now: datetime) -> datetime | None:
        """Since when a cause holds; None where it does not. What was so before an import is no cause (§2 History)."""
        match cause:
            case NoticeCause.LAGGING | NoticeCause.STALLED | NoticeCause.OVERDUE:
                return self.light_since if self.light == cause.value and not self.light_historical else None
            case NoticeCause.FEEDBACK_MISSED:
                return self.feedback_missed_at if self.progress_at is None else None
            case NoticeCause.DUE_SOON:
                soon = self.due is not None and self.due_soon_for == self.due and now < self.due
                return self.due_soon_at if soon else None
        return None


def runs_out(rung: Rung, stirs: tuple[Stir, ...], calendar: Calendar, policy: LadderPolicy) -> datetime | None:
    """When the reply clock of a signed rung ends, or ended; None where it was answered, or asks for no answer.

    A report stops it, its rejection restarts it with the working days left, at least one; so do a suspension and its
    end (R3). A prompt is answered by its receipt.
    """
    by = rung.reply_by
    if rung.ended or rung.signed_at is None or by is None:
        return None
    if rung.kind is NoticeKind.PROMPT and rung.received_at:
        return None
    left: int | None = None
    stopped: StirKind | None = None
    for stir in (stir for stir in stirs if stir.at > rung.signed_at):
        if stir.kind not in RESTARTS and left is None:
            stopped, left = stir.kind, max(1, calendar.workdays_between(day_of(stir.at), day_of(by)))
        elif left is not None and RESTARTS.get(stir.kind) is stopped:
            by, left = policy.days_after(left, stir.at, calendar), None
    return by if left is None else None


def cited(rungs: tuple[Rung, ...]) -> str:
    """The number that the next rung cites: that of the last one signed and not void (R3)."""
    return next((rung.number for rung in reversed(rungs) if rung.number and not rung.ended), "")
