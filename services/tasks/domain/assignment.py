"""One unit's part in a task: what is known of it, and how that follows from what was said."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from contracts.envelope import Address, Node
from contracts.events import (
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
    AssignmentVerified,
    Milestone,
)
from contracts.terms import AssignmentState, DueChangeCause, ReportKind, Role
from contracts.workdays import ClockKind, Deadline

DONE = Decimal(100)
FIRST_CLOCKS = (ClockKind.DEPLOY_1D, ClockKind.FEEDBACK_3D)
E = TypeVar("E", bound=AssignmentEvent)


@dataclass(frozen=True, slots=True)
class Assignment:
    """One unit's part in a task (交办件), one per task, unit and role.

    clocks: in order, the resolving one last; original_due: its end as issued, None for a "0" clock.
    percent: accepted progress; percent_before: the same before the standing submission, to which a rework returns.
    milestones: by due date; reached: the names of those reached, which a rework does not take back.
    stated: the unit itself has given a figure; until then the progress is what a ledger said.
    submitter, evidence, submitted_at, on_time: of the standing submission, empty once it is sent back.
    on_time_original: by `original_due`. extensions: how often the due date was extended.
    paused_at: since when it is suspended.
    """

    assignment_id: UUID
    task_id: UUID
    version: int
    owner: Node
    audience: tuple[str, ...]
    title: str
    unit: Address
    unit_name: str
    role: Role
    lead: Address
    issuer: Address
    state: AssignmentState
    t0: datetime
    deadline_text: str
    clocks: tuple[Deadline, ...]
    original_due: datetime | None
    extensions: int = 0
    percent: Decimal | None = None
    percent_before: Decimal | None = None
    stated: bool = False
    milestones: tuple[Milestone, ...] = ()
    reached: tuple[str, ...] = ()
    responsible_person: str = ""
    submitter: str = ""
    evidence: tuple[str, ...] = ()
    submitted_at: datetime | None = None
    on_time: bool | None = None
    on_time_original: bool | None = None
    verifier: str = ""
    paused_at: datetime | None = None

    @property
    def resolving(self) -> Deadline:
        """The clock that ends with the closure."""
        return self.clocks[-1]

    @property
    def due(self) -> datetime | None:
        """The due date in force, None for a "0" clock."""
        return self.resolving.due

    def says(self, kind: type[E], person: str, now: datetime, /, **more: Any) -> E:
        """The next event of this part, done by `person`; the state stays unless `more` holds another."""
        return kind(
            time=now,
            aggregate=f"assignment/{self.assignment_id}",
            version=self.version + 1,
            owner=self.owner,
            address=self.unit,
            audience=self.audience,
            actor=person,
            **{
                "assignment_id": self.assignment_id,
                "task_id": self.task_id,
                "title": self.title,
                "unit": self.unit,
                "unit_name": self.unit_name,
                "role": self.role,
                "state": self.state,
            }
            | more,
        )


def after(known: Assignment | None, event: AssignmentEvent) -> Assignment:
    """The part as it stands after one more event; the first is its issue, and needs nothing known."""
    if isinstance(event, AssignmentIssued):
        return _issued(event)
    if known is None or event.version != known.version + 1:
        raise ValueError(f"{event.aggregate}: version {event.version} does not follow {known and known.version}")
    return replace(known, version=event.version, state=event.state, **_changes(known, event))


def _issued(event: AssignmentIssued) -> Assignment:
    return Assignment(
        assignment_id=event.assignment_id,
        task_id=event.task_id,
        version=event.version,
        owner=event.owner,
        audience=event.audience,
        title=event.title,
        unit=event.unit,
        unit_name=event.unit_name,
        role=event.role,
        lead=event.lead,
        issuer=event.issuer,
        state=event.state,
        t0=event.t0,
        deadline_text=event.deadline_text,
        clocks=event.clocks,
        original_due=event.due,
        milestones=event.milestones,
    )


def _changes(known: Assignment, event: AssignmentEvent) -> dict[str, Any]:
    match event:
        case AssignmentAcknowledged():
            return {"responsible_person": event.responsible_person}
        case AssignmentReported():
            return {
                "percent": known.percent if event.percent is None else event.percent,
                "stated": known.stated or (event.percent is not None and event.kind is not ReportKind.IMPORTED),
                "responsible_person": event.responsible_person or known.responsible_person,
                "reached": (*known.reached, *event.milestones),
            }
        case AssignmentSubmitted():
            return {
                "percent": DONE,
                "percent_before": known.percent,
                "submitter": event.actor,
                "evidence": event.evidence,
                "submitted_at": event.submitted_at,
                "on_time": event.on_time,
                "on_time_original": event.on_time_original,
            }
        case AssignmentVerified():
            return {"verifier": event.actor}
        case AssignmentReworked():
            return _without_submission(event)
        case AssignmentDueChanged():
            return {
                "clocks": moved(known.clocks, event),
                "extensions": known.extensions + (event.cause is DueChangeCause.EXTENSION),
            }
        case AssignmentClosed():
            return {}
        case AssignmentSuspended():
            return {"paused_at": event.time}
        case AssignmentResumed() | AssignmentCancelled():
            return {"paused_at": None}
    raise ValueError(f"no fold for {event.type}")


def _without_submission(event: AssignmentReworked) -> dict[str, Any]:
    return {
        "percent": event.percent,
        "percent_before": None,
        "submitter": "",
        "evidence": (),
        "submitted_at": None,
        "on_time": None,
        "on_time_original": None,
        "verifier": "",
    }


def moved(clocks: tuple[Deadline, ...], event: AssignmentDueChanged) -> tuple[Deadline, ...]:
    """The clocks with one of them moved: deploy or feedback by its kind, else the resolving one, whatever its kind."""
    new = Deadline(kind=event.clock, due=event.due, provisional=event.provisional, policy_version=event.policy_version)
    if event.clock in FIRST_CLOCKS:
        return tuple(new if clock.kind is event.clock else clock for clock in clocks)
    return (*clocks[:-1], new)
