"""The escalation of one assignment: its state, light and alarms, its rungs, and whether each was answered."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from contracts.assignment import Assignment
from contracts.terms import Light, NoticeCause, NoticeKind
from contracts.workdays import Calendar, ClockKind, day_of
from services.notices.ladder.domain.policy import LEVEL, LadderPolicy


class End(StrEnum):
    """How a rung ended without an answer: withdrawn by the ladder before it was signed, or made void by a person."""

    WITHDRAWN = "withdrawn"
    VOID = "void"


class ActivityKind(StrEnum):
    """What stops and restarts reply clocks: a report and its rejection, a suspension and its end."""

    REPORTED = "reported"
    REWORKED = "reworked"
    SUSPENDED = "suspended"
    RESUMED = "resumed"


RESTARTS = {
    ActivityKind.REWORKED: ActivityKind.REPORTED,
    ActivityKind.RESUMED: ActivityKind.SUSPENDED,
}
"""What restarts a clock, and what had stopped it."""


@dataclass(frozen=True, slots=True)
class UnitActivity:
    """A moment at which the reply clocks of an assignment stop or restart."""

    at: datetime
    kind: ActivityKind


@dataclass(frozen=True, slots=True)
class Rung:
    """One document of the ladder about one assignment; without `signed_at` it is a draft."""

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
        """It waits for its signature."""
        return self.ended is None and self.signed_at is None

    @property
    def by_itself(self) -> bool:
        """The ladder drafted it, not a person."""
        return self.cause is not NoticeCause.BY_HAND


@dataclass(frozen=True, slots=True)
class Escalation:
    """One assignment as the ladder sees it; rungs and activities oldest first.

    light_since, light_historical: as alerts published them. due_soon_at: when the badge for the due date
    `due_soon_for` came.
    """

    assignment: Assignment
    light: Light = Light.NORMAL
    light_since: datetime | None = None
    light_historical: bool = False
    feedback_missed_at: datetime | None = None
    due_soon_at: datetime | None = None
    due_soon_for: datetime | None = None
    rungs: tuple[Rung, ...] = ()
    activities: tuple[UnitActivity, ...] = ()

    @property
    def ladder(self) -> tuple[Rung, ...]:
        """Its rungs; a 督办通知 is none."""
        return tuple(rung for rung in self.rungs if rung.kind in LEVEL)

    def occurrence(self, kind: NoticeKind, cause: NoticeCause) -> int:
        """Which one the next document of this kind and cause is; with the assignment they are its key."""
        return 1 + sum(rung.kind is kind and rung.cause is cause for rung in self.rungs)

    def since(self, cause: NoticeCause, now: datetime) -> datetime | None:
        """Since when a cause holds; None where it does not. What was so before an import is no cause (§2 History)."""
        match cause:
            case NoticeCause.LAGGING | NoticeCause.STALLED | NoticeCause.OVERDUE:
                return self.light_since if self.light == cause.value and not self.light_historical else None
            case NoticeCause.FEEDBACK_MISSED:
                return None if self._feedback_met else self.feedback_missed_at
            case NoticeCause.DUE_SOON:
                due = self.assignment.due
                return self.due_soon_at if due is not None and self.due_soon_for == due and now < due else None
        return None

    @property
    def _feedback_met(self) -> bool:
        return any(clock.met_at for clock in self.assignment.clocks if clock.kind is ClockKind.FEEDBACK_3D)


def activity(before: Assignment, after: Assignment, at: datetime, imported: bool) -> UnitActivity | None:
    """What the difference of two states does to reply clocks; `imported`: a ledger's figure, which answers nobody."""
    if before.submitted and not after.submitted:
        return UnitActivity(at, ActivityKind.REWORKED)
    if after.open and bool(before.paused_at) != bool(after.paused_at):
        return UnitActivity(at, ActivityKind.SUSPENDED if after.paused_at else ActivityKind.RESUMED)
    if after.reported_at and after.reported_at != before.reported_at and not imported:
        return UnitActivity(after.reported_at, ActivityKind.REPORTED)
    return None


def runs_out(
    rung: Rung, activities: tuple[UnitActivity, ...], calendar: Calendar, policy: LadderPolicy
) -> datetime | None:
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
    stopped: ActivityKind | None = None
    for each in (each for each in activities if each.at > rung.signed_at):
        if each.kind not in RESTARTS and left is None:
            stopped, left = each.kind, max(1, calendar.workdays_between(day_of(each.at), day_of(by)))
        elif left is not None and RESTARTS.get(each.kind) is stopped:
            by, left = policy.days_after(left, each.at, calendar), None
    return by if left is None else None


def cited(rungs: tuple[Rung, ...]) -> str:
    """The number that the next rung cites: that of the last one signed and not void (R3)."""
    return next((rung.number for rung in reversed(rungs) if rung.number and not rung.ended), "")
