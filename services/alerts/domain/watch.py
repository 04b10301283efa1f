"""What was said of one part, as far as its light needs it."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator

from contracts.events import (
    AssignmentAcknowledged,
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
from contracts.terms import AssignmentState, Board, ReportKind, Role
from contracts.workdays import ClockKind


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


Moment = Annotated[datetime, AfterValidator(_in_utc)]
"""A moment read back from where it was kept; moments of one and the same zone object compare ten times faster."""

ANSWERS = {ClockKind.DEPLOY_1D: ReportKind.DEPLOYMENT, ClockKind.FEEDBACK_3D: ReportKind.PROGRESS}
"""The clocks that a report stops, each with the kind of report that does (R1)."""


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock of a part: told_at is when this due date became known, met_at when the clock was stopped.

    The resolving clock is stopped by the closure, judged at the submission, so met_at is the standing submission's.
    """

    kind: ClockKind
    due: Moment | None
    told_at: Moment
    met_at: Moment | None = None

    @property
    def fails(self) -> bool:
        """Runs out at its due date if nothing more happens, or has run out already."""
        return self.due is not None and (self.met_at is None or self.met_at > self.due)


@dataclass(frozen=True, slots=True)
class Step:
    """A milestone of a part: points planned by a moment, and whether it was reached."""

    name: str
    due: Moment
    weight: int
    reached: bool = False


@dataclass(frozen=True, slots=True)
class Watch:
    """The facts of one part.

    moved_at: T0, the acknowledgement, or the last move: an increase of progress, a milestone, or evidence.
    reported_at: T0 or the last report. Both begin anew when a submission is sent back: while it was reviewed the unit
    could not move, and so does a suspension's end. heard_at: the latest event. paused_at: since when it stands still.
    All moments are UTC; percent is the accepted progress, without the
    submission's 100.
    """

    assignment_id: UUID
    task_id: UUID
    owner: str
    title: str
    unit: str
    unit_name: str
    role: Role
    issuer: str
    audience: tuple[str, ...]
    board: Board
    state: AssignmentState
    t0: Moment
    clocks: tuple[Clock, ...]
    report_every: str
    historical_before: Moment | None
    moved_at: Moment
    reported_at: Moment
    heard_at: Moment
    percent: Decimal = Decimal(0)
    submitted_at: Moment | None = None
    steps: tuple[Step, ...] = ()
    paused_at: Moment | None = None

    @property
    def closed(self) -> bool:
        """Written off, or cancelled."""
        return self.state in (AssignmentState.CLOSED, AssignmentState.CANCELLED)

    @property
    def runs(self) -> bool:
        """Neither suspended nor cancelled: its clocks count."""
        return self.paused_at is None and self.state is not AssignmentState.CANCELLED

    def judged_as_of(self, now: datetime) -> datetime:
        """`now`, or the moment at which it was suspended: nothing that time brings later counts."""
        return min(now, self.paused_at or now)

    @property
    def reviewed(self) -> bool:
        """Submitted, so that it now waits for others."""
        return self.submitted_at is not None

    @property
    def progress(self) -> Decimal:
        """Per cent done: a submission says 100."""
        return Decimal(100) if self.reviewed else self.percent

    @property
    def resolving(self) -> Clock:
        """The clock that the closure stops: the last."""
        return self.clocks[-1]

    @property
    def imported(self) -> bool:
        """Some clock ran out before the part was known here."""
        before = self.historical_before
        return before is not None and any(clock.due is not None and clock.due < before for clock in self.clocks)


def opened(event: AssignmentIssued) -> Watch:
    """A part as it is issued; every clock starts at T0."""
    return Watch(
        assignment_id=event.assignment_id,
        task_id=event.task_id,
        owner=event.owner,
        title=event.title,
        unit=event.unit,
        unit_name=event.unit_name,
        role=event.role,
        issuer=event.issuer,
        audience=event.audience,
        board=event.board,
        state=event.state,
        t0=event.t0,
        clocks=tuple(Clock(clock.kind, clock.due, event.time) for clock in event.clocks),
        report_every=event.report_every,
        historical_before=event.historical_before,
        moved_at=event.t0,
        reported_at=event.t0,
        heard_at=event.time,
        steps=tuple(Step(each.name, each.due, each.weight) for each in event.milestones),
    )


def heard(watch: Watch, event: AssignmentEvent) -> Watch:
    """The part after one more event."""
    return replace(watch, state=event.state, heard_at=max(watch.heard_at, event.time), **_changes(watch, event))


def _changes(watch: Watch, event: AssignmentEvent) -> dict[str, Any]:
    match event:
        case AssignmentAcknowledged():
            return {"moved_at": max(watch.moved_at, event.time)}
        case AssignmentReported():
            return _reported(watch, event)
        case AssignmentSubmitted(submitted_at=at) | AssignmentClosed(submitted_at=at):
            met = tuple(replace(clock, met_at=clock.met_at or at) for clock in watch.clocks)
            return {"submitted_at": at, "clocks": met, "moved_at": at, "reported_at": at}
        case AssignmentReworked(time=at):
            reopened = tuple(_reopened(clock, at) for clock in watch.clocks)
            percent = watch.percent if event.percent is None else event.percent
            return {"submitted_at": None, "clocks": reopened, "moved_at": at, "reported_at": at, "percent": percent}
        case AssignmentSuspended(time=at):
            return {"paused_at": at}
        case AssignmentResumed(time=at):
            return {"paused_at": None, "moved_at": max(watch.moved_at, at), "reported_at": max(watch.reported_at, at)}
        case AssignmentDueChanged():
            return {"clocks": tuple(_moved(clock, event) for clock in watch.clocks)}
    return {}


def _reported(watch: Watch, event: AssignmentReported) -> dict[str, Any]:
    at, moves = event.submitted_at, event.increased or event.evidence or event.milestones
    return {
        "clocks": tuple(_answered(clock, event) for clock in watch.clocks),
        "percent": watch.percent if event.percent is None else event.percent,
        "moved_at": max(watch.moved_at, at) if moves else watch.moved_at,
        "reported_at": max(watch.reported_at, at),
        "steps": tuple(replace(step, reached=step.reached or step.name in event.milestones) for step in watch.steps),
    }


def _answered(clock: Clock, event: AssignmentReported) -> Clock:
    """The first report of a clock's kind stops it; the progress a ledger came with shows that both happened (R1)."""
    imported = event.kind is ReportKind.IMPORTED and event.increased
    if clock.met_at is None and clock.kind in ANSWERS and (imported or event.kind is ANSWERS[clock.kind]):
        return replace(clock, met_at=event.submitted_at)
    return clock


def _reopened(clock: Clock, now: datetime) -> Clock:
    """Sent back: the resolving clock runs on with the due date it had, but its past badges do not come back."""
    return clock if clock.kind in ANSWERS else replace(clock, told_at=now, met_at=None)


def _moved(clock: Clock, event: AssignmentDueChanged) -> Clock:
    """A due date moved: deploy or feedback by its kind, else the resolving clock, whatever its kind was."""
    same = clock.kind is event.clock if event.clock in ANSWERS else clock.kind not in ANSWERS
    return replace(clock, kind=event.clock, due=event.due, told_at=event.time) if same else clock
