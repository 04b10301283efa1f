"""The life of a part, told as tasks would say it; moments are written in Beijing time."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4

from contracts.assignment import Milestone
from contracts.events import Part
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
    AssignmentVerified,
)
from contracts.events.task import TaskRegistered
from contracts.terms import AssignmentState, Board, DueChangeCause, Grade, Light, ReportKind, Role
from contracts.workdays import ZONE, Calendar, ClockKind, Deadline, Weight, clocks_of, deadline_of
from services.alerts import domain
from services.alerts.domain import LightPolicy, Rules, Task, Verdict
from services.tasks.register.calendar_seed import calendar_days

CALENDAR = Calendar.of(calendar_days(2026, 2027))
RULES = Rules(LightPolicy(), CALENDAR)
NODE, ISSUER, UNIT = "14.00.00", "14.00.00.000.bgt", "14.10.02.000.gov"


def at(text: str) -> datetime:
    """`2026-09-18 10:00`, in Beijing."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@lru_cache
def clocks(deadline: str, t0: datetime, weight: Weight) -> tuple[Deadline, ...]:
    """The clocks as tasks computes them."""
    return clocks_of(deadline_of(deadline, t0, weight, CALENDAR), t0, CALENDAR)


@dataclass
class Story:
    """One part from its issue on; every method returns the next event. `deadline` as an office writes it."""

    t0: datetime
    deadline: str = ""
    weight: Weight = Weight.ORDINARY
    role: Role = Role.LEAD
    board: Board = Board.KEY_WORK
    unit: str = UNIT
    task_id: UUID = field(default_factory=uuid4)
    assignment_id: UUID = field(default_factory=uuid4)
    historical_before: datetime | None = None
    state: AssignmentState = AssignmentState.ISSUED
    version: int = 0
    submitted_at: datetime | None = None
    milestones: tuple[Milestone, ...] = ()

    @property
    def clocks(self) -> tuple[Deadline, ...]:
        return clocks(self.deadline, self.t0, self.weight)

    def registered(self, *others: "Story", now: datetime | None = None) -> TaskRegistered:
        parts = [
            Part(assignment_id=each.assignment_id, unit=each.unit, name="某单位", role=each.role)
            for each in (self, *others)
        ]
        return TaskRegistered(
            time=now or self.t0,
            aggregate=f"task/{self.task_id}",
            version=1,
            owner=NODE,
            address=ISSUER,
            audience=(ISSUER, *(part.unit for part in parts)),
            task_id=self.task_id,
            number="1",
            ledger="台账",
            title="污水处理厂提标改造",
            board=self.board,
            weight=self.weight,
            t0=self.t0,
            deadline=self.clocks[-1],
            parts=tuple(parts),
            issuer=ISSUER,
            issuer_name="省政府办公厅",
            actor="p1",
            historical_before=self.historical_before,
        )

    def issued(self, now: datetime | None = None) -> AssignmentIssued:
        return self._says(
            AssignmentIssued,
            now or self.t0,
            number="1",
            board=self.board,
            weight=self.weight,
            lead=UNIT,
            issuer=ISSUER,
            issuer_name="省政府办公厅",
            t0=self.t0,
            clocks=self.clocks,
            due=self.clocks[-1].due,
            milestones=self.milestones,
            report_every="3wd" if self.board is Board.DAILY else "month",
            historical_before=self.historical_before,
        )

    def acknowledged(self, now: datetime) -> AssignmentAcknowledged:
        self.state = AssignmentState.ACKNOWLEDGED
        return self._says(AssignmentAcknowledged, now)

    def reported(
        self,
        now: datetime,
        percent: object = None,
        kind: ReportKind = ReportKind.PROGRESS,
        increased: bool | None = None,
        **more: Any,
    ) -> AssignmentReported:
        if kind is not ReportKind.IMPORTED:
            self.state = AssignmentState.WORKING
        grew = percent is not None if increased is None else increased
        done = None if percent is None else Decimal(str(percent))
        facts = {"report_id": uuid4(), "kind": kind, "percent": done, "increased": grew, "submitted_at": now}
        return self._says(AssignmentReported, now, **facts | more)

    def submitted(self, now: datetime) -> AssignmentSubmitted:
        self.state, self.submitted_at = AssignmentState.SUBMITTED, now
        due = self.clocks[-1].due
        return self._says(AssignmentSubmitted, now, submitted_at=now, on_time=None if due is None else now <= due)

    def verified(self, now: datetime) -> AssignmentVerified:
        self.state = AssignmentState.VERIFIED
        return self._says(AssignmentVerified, now)

    def reworked(self, now: datetime, percent: object = None) -> AssignmentReworked:
        self.state, self.submitted_at = AssignmentState.WORKING, None
        done = None if percent is None else Decimal(str(percent))
        return self._says(AssignmentReworked, now, reason="佐证不足", percent=done)

    def closed(self, now: datetime) -> AssignmentClosed:
        self.state = AssignmentState.CLOSED
        return self._says(AssignmentClosed, now, grade=Grade.GOOD, submitted_at=self.submitted_at or now, on_time=True)

    def suspended(self, now: datetime) -> AssignmentSuspended:
        return self._says(AssignmentSuspended, now, reason="汛期停工")

    def resumed(self, now: datetime) -> AssignmentResumed:
        return self._says(AssignmentResumed, now)

    def cancelled(self, now: datetime) -> AssignmentCancelled:
        self.state = AssignmentState.CANCELLED
        return self._says(AssignmentCancelled, now, reason="任务调整")

    def moved(
        self, now: datetime, due: datetime | None, clock: ClockKind = ClockKind.CUSTOM, cause: str = "extension"
    ) -> AssignmentDueChanged:
        facts = {"clock": clock, "previous": None, "due": due, "original": None, "policy_version": 1}
        return self._says(AssignmentDueChanged, now, cause=DueChangeCause(cause), **facts)

    def _says(self, event: type[AssignmentEvent], now: datetime, /, **facts: Any) -> Any:
        self.version += 1
        return event(
            time=now,
            aggregate=f"assignment/{self.assignment_id}",
            version=self.version,
            owner=NODE,
            address=self.unit,
            audience=(ISSUER, self.unit),
            assignment_id=self.assignment_id,
            task_id=self.task_id,
            title="污水处理厂提标改造",
            unit=self.unit,
            unit_name="某单位",
            role=self.role,
            state=self.state,
            actor="p2",
            **facts,
        )


def watched(*events: AssignmentEvent) -> domain.Watch:
    """The facts after these events, the first being the issue."""
    watch = domain.opened(events[0])
    for event in events[1:]:
        watch = domain.heard(watch, event)
    return watch


def lit(watch: domain.Watch, now: datetime, rules: Rules = RULES) -> Verdict:
    """The verdict at a moment."""
    return domain.light(watch, now, rules.policy, rules.calendar)


def colour(watch: domain.Watch, now: datetime) -> Light:
    """The light at a moment."""
    return lit(watch, now).light


def told(task: Task, *events: AssignmentEvent, until: datetime | None = None) -> tuple[Task, list[Any]]:
    """The task after these events and what time brought until then, with everything that was said."""
    said: list[Any] = []
    for event in events:
        task, words = domain.follow(task, event, RULES)
        said += words
    if until:
        task, words = domain.passed(task, until, RULES)
        said += words
    return task, said


def brief(said: list[Any]) -> list[tuple[Any, ...]]:
    """What was said, without ids, in a form that can be compared."""
    return [(e.type, *sorted(e.model_dump(mode="json", exclude={"id"}).items(), key=lambda kv: kv[0])) for e in said]
