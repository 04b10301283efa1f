"""Tasks as they live: each step is a command, decided by tasks' own domain at the story's time."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID, uuid5

from contracts.assignment import Assignment
from contracts.commands.assignment import (
    Acknowledge,
    Close,
    Complete,
    CorrectReport,
    DecideRequest,
    ProposePlan,
    ProposeReassignment,
    Report,
    RequestExtension,
    RequestReturn,
    Rework,
    Verify,
    WithdrawRequest,
)
from contracts.commands.task import Cancel, RegisterTask, RequestedMilestone, RequestedPart, Resume, Suspend
from contracts.envelope import Actor, Event
from contracts.events.assignment import AssignmentEvent
from contracts.events.register import CalendarRevised, PersonRegistered, UnitRegistered
from contracts.register import Person
from contracts.task import Task
from contracts.terms import AssignmentState, Board, DueChangeCause, Grade, ReportKind, Role
from contracts.units import everyone
from contracts.workdays import ZONE, Weight, day_of
from services.tasks.assignments.deciding import one
from services.tasks.assignments.domain import correction, decisions, requests, review, suspension, work
from services.tasks.assignments.domain.draft import aggregate_of, registered
from services.tasks.assignments.domain.registration import draft_of
from services.tasks.assignments.domain.successor import Reference
from services.tasks.assignments.domain.task import TaskAggregate
from services.tasks.register.calendar_seed import calendar_days
from tests.story import province
from tests.story.province import NODE, OFFICE, POLICE, clerk, head, inspector, leader, supervisor

EVIDENCE = "e" * 64
NAMESPACE = UUID("5f0b8b39-6c0e-4d5c-9d4b-1f3a53f9c001")


def moment(text: str | datetime) -> datetime:
    """`2026-09-18 10:00`, in Beijing; in UTC, as every moment of ours."""
    return (text if isinstance(text, datetime) else datetime.fromisoformat(text).replace(tzinfo=ZONE)).astimezone(UTC)


@dataclass
class Story:
    """Events of one node in the order in which they happen; `now` is the story's own time.

    name: tells its ids from those of another story in the same database.
    """

    start: str | datetime = "2026-09-01 10:00"
    node: str = NODE
    name: str = ""
    events: list[Event] = field(default_factory=list)
    versions: Counter[str] = field(default_factory=Counter)
    count: int = 0

    def __post_init__(self) -> None:
        self.now = moment(self.start)

    def at(self, text: str | datetime) -> "Story":
        """Go on at that moment."""
        self.now = moment(text)
        return self

    def later(self, **span: float) -> "Story":
        """Go on so much later: `days=1, hours=2`."""
        self.now += timedelta(**span)
        return self

    def id(self) -> UUID:
        """The next id; the same story always has the same ones."""
        self.count += 1
        return uuid5(NAMESPACE, f"{self.node} {self.name}{self.count}")

    def version(self, aggregate: str) -> int:
        """The next version of an aggregate that is told without its service's domain."""
        self.versions[aggregate] += 1
        return self.versions[aggregate]

    def opening(self, units: Iterable[str] | None = None) -> list[Event]:
        """What stands before the first task: the working days and the units, all of them or these alone."""
        for_all = {"time": self.now, "version": 1, "owner": self.node, "address": everyone(self.node)}
        for_all["audience"] = (everyone(self.node),)
        events: list[Event] = [
            CalendarRevised(aggregate=f"calendar/{y}", year=y, days=tuple(calendar_days(y, y)), **for_all)
            for y in province.YEARS
        ]
        chosen = province.register().units
        for address in units if units is not None else chosen:
            events.append(UnitRegistered(aggregate=f"unit/{address}", unit=chosen[address], **for_all))
        return self.tell(events)

    def person(self, actor: Actor, name: str) -> PersonRegistered:
        """Somebody is on the register."""
        entry = Person(person_id=actor.person, name=name, unit=actor.unit, unit_name=province.name_of(actor.unit))
        event = PersonRegistered(
            time=self.now, aggregate=f"person/{actor.person}", version=1, owner=self.node, address=actor.unit,
            audience=(OFFICE, actor.unit), person=entry,
        )  # fmt: skip
        self.tell([event])
        return event

    def register(
        self,
        title: str = "封闭沿线水井",
        lead: str = POLICE,
        responsible: Sequence[str] = (),
        supporting: Sequence[str] = (),
        deadline: str = "7个工作日",
        *,
        by: Actor | None = None,
        milestones: Sequence[tuple[str, date, int]] = (),
        t0: str | datetime | None = None,
        percent: int | None = None,
        as_of: str | datetime | None = None,
        historical_before: str | datetime | None = None,
        **fields: Any,
    ) -> "Matter":
        """A task is registered and issued to its units; with `percent` or `t0` it comes from an office's ledger."""
        roles = {Role.LEAD: [lead], Role.RESPONSIBLE: responsible, Role.SUPPORTING: supporting}
        body = {
            "id": self.id(),
            "actor": by or supervisor(),
            "title": title,
            "board": Board.KEY_WORK,
            "lead_official": "分管副省长",
            "target": "封闭水井412眼",
            "verification_form": "销号台账",
            "deadline_text": deadline,
            "milestones": [RequestedMilestone(name=n, due=d, weight=w) for n, d, w in milestones],
            "parts": [RequestedPart(unit=unit, role=role) for role, units in roles.items() for unit in units],
        }
        begun = moment(t0) if t0 else self.now
        draft = draft_of(RegisterTask(**body | fields), province.register(), province.timetable(), (), begun)
        assert not hasattr(draft, "code"), draft
        draft = replace(
            draft,
            number=draft.number or f"2026-{self.count:04}",
            percent=None if percent is None else Decimal(percent),
            as_of=moment(as_of) if as_of else None,
            historical_before=moment(historical_before) if historical_before else None,
        )
        person = (by or supervisor()).person
        events = registered(draft, person, self.node, self.now, province.register())
        start = aggregate_of(draft, self.node, self.now, province.register())
        matter = Matter(self, start.evolve([e for e in events if isinstance(e, AssignmentEvent)], self.now)[0])
        self.tell(events)
        return matter

    def tell(self, events: Sequence[Event]) -> list[Event]:
        self.events += events
        return list(events)


@dataclass
class Matter:
    """One task of the story. Every step returns its events; `unit`: whose part, by default the lead's."""

    story: Story
    aggregate: TaskAggregate

    @property
    def task(self) -> Task:
        return self.aggregate.task

    @property
    def assignments(self) -> tuple[Assignment, ...]:
        return self.aggregate.assignments

    def part(self, unit: str = "") -> Assignment:
        """The assignment of a unit; of one that was given to another unit, not that."""
        parts = [each for each in self.assignments if each.unit == (unit or self.task.lead)]
        return next((each for each in parts if each.state is not AssignmentState.RETURNED), parts[0])

    def decide(self, decision: Callable[..., Any], command: Any) -> list[Event]:
        """The events of a command that is granted; a refusal ends the test."""
        answer, events, after = one(decision, self.aggregate, command, self.story.now)
        assert after is not None, answer
        self.aggregate = after
        return self.story.tell(list(events))

    def _do(self, decide: Callable[..., Any], command: type[Any], by: Actor, unit: str, /, **body: Any) -> list[Event]:
        part = self.part(unit)
        return self.decide(decide, command(id=self.story.id(), actor=by, assignment_id=part.assignment_id, **body))

    def acknowledge(self, unit: str = "", responsible_person: str = "张某") -> list[Event]:
        by = clerk(self.part(unit).unit)
        return self._do(work.acknowledge, Acknowledge, by, unit, responsible_person=responsible_person)

    def report(
        self, percent: float | str | None = None, unit: str = "", kind: ReportKind = ReportKind.PROGRESS, **body: Any
    ) -> list[Event]:
        """A report; `evidence`, `milestones`, `text` as in the command."""
        body = {"text": "已按要求办理", "responsible_person": "张某", **body}
        figure = None if percent is None else Decimal(str(percent))
        return self._do(work.report, Report, clerk(self.part(unit).unit), unit, kind=kind, percent=figure, **body)

    def deploy(self, unit: str = "") -> list[Event]:
        """The first of the three clocks is met by a report of this kind."""
        return self.report(unit=unit, kind=ReportKind.DEPLOYMENT)

    def correct(self, percent: float, unit: str = "") -> list[Event]:
        by = head(self.part(unit).unit)
        return self._do(
            partial(correction.correct_report, timetable=province.timetable()),
            CorrectReport,
            by,
            unit,
            percent=Decimal(str(percent)),
            reason="填报笔误",
        )

    def complete(self, unit: str = "", evidence: Sequence[str] = (EVIDENCE,)) -> list[Event]:
        """Submitted by the unit's head; progress is stated as 100 before, where it was not."""
        before = [] if self.part(unit).percent == 100 else self.report(100, unit)
        by = head(self.part(unit).unit)
        return before + self._do(
            partial(work.complete, timetable=province.timetable()),
            Complete,
            by,
            unit,
            text="已全部办结",
            evidence=tuple(evidence),
        )

    def verify(self, unit: str = "") -> list[Event]:
        return self._do(partial(review.verify, timetable=province.timetable()), Verify, self._reviewer(unit), unit)

    def rework(self, unit: str = "", reason: str = "佐证不足") -> list[Event]:
        verified = self.part(unit).state is AssignmentState.VERIFIED
        by = inspector(self.task.issuer) if verified else self._reviewer(unit)
        return self._do(review.rework, Rework, by, unit, reason=reason)

    def close(self, unit: str = "", grade: Grade = Grade.GOOD) -> list[Event]:
        return self._do(review.close, Close, supervisor(self.task.issuer), unit, grade=grade)

    def finish(self, unit: str = "") -> list[Event]:
        """From wherever it stands to written off, within the hour."""
        part, events = self.part(unit), list[Event]()
        if part.state is AssignmentState.ISSUED:
            events += self.acknowledge(unit)
        for step in (self.complete, self.verify, self.close):
            events += step(unit)
        return events

    def change_due(
        self, to: str | datetime, unit: str = "", cause: DueChangeCause = DueChangeCause.EXTENSION
    ) -> list[Event]:
        """Asked for by the unit's head, granted by the office, a second extension by a leader."""
        extends = cause is DueChangeCause.EXTENSION
        by = leader(self.task.leadership) if extends and self.part(unit).extensions else supervisor(self.task.issuer)
        decision, kind = (
            (requests.request_extension, RequestExtension) if extends else (requests.propose_plan, ProposePlan)
        )
        body = {"due": day_of(moment(to)), "reason": "汛期停工", "plan": "汛期过后复工，分三段推进"}
        decide = partial(decision, timetable=province.timetable())
        return [*self._do(decide, kind, head(self.part(unit).unit), unit, **body), *self.granted(unit, by)]

    def ask_for(self, days: int, unit: str = "") -> list[Event]:
        """An extension by so many days is asked for by the unit's head."""
        due = day_of(self.part(unit).due or self.story.now) + timedelta(days=days)
        body = {"due": due, "reason": "汛期停工", "plan": "汛期过后复工，分三段推进"}
        decide = partial(requests.request_extension, timetable=province.timetable())
        return self._do(decide, RequestExtension, head(self.part(unit).unit), unit, **body)

    def request_return(self, unit: str = "", to: str = "") -> list[Event]:
        decide = partial(requests.request_return, timetable=province.timetable(), register=province.register())
        return self._do(decide, RequestReturn, head(self.part(unit).unit), unit, reason="不属于本单位职责", unit=to)

    def propose_reassignment(self, to: str, unit: str = "") -> list[Event]:
        decide = partial(requests.propose_reassignment, timetable=province.timetable(), register=province.register())
        by = inspector(self.task.issuer)
        return self._do(decide, ProposeReassignment, by, unit, reason="由主管部门承办更合适", unit=to)

    def withdraw(self, unit: str = "") -> list[Event]:
        """The unit takes its request back."""
        return self._do(requests.withdraw_request, WithdrawRequest, head(self.part(unit).unit), unit)

    def granted(self, unit: str = "", by: Actor | None = None, approved: bool = True, reason: str = "") -> list[Event]:
        """What was asked for is decided."""
        texts = {"target": "封闭水井412眼", "verification_form": "销号台账", "instruction": ""}
        decide = partial(decisions.decide_request, by=Reference(province.timetable(), province.register(), texts))
        by = by or supervisor(self.task.issuer)
        return self._do(decide, DecideRequest, by, unit, approved=approved, reason=reason)

    def suspend(self) -> list[Event]:
        return self._whole(suspension.suspend, Suspend, reason="汛期停工")

    def resume(self) -> list[Event]:
        return self._whole(partial(suspension.resume, timetable=province.timetable()), Resume)

    def cancel(self) -> list[Event]:
        return self._whole(suspension.cancel, Cancel, reason="任务调整")

    def _whole(self, decision: Callable[..., Any], kind: type[Any], **body: Any) -> list[Event]:
        by = supervisor(self.task.issuer)
        return self.decide(decision, kind(id=self.story.id(), actor=by, task_id=self.task.task_id, **body))

    def _reviewer(self, unit: str) -> Actor:
        """The lead unit verifies the others, the issuing office the lead."""
        part = self.part(unit)
        return inspector(self.task.issuer) if part.role is Role.LEAD else head(self.task.lead)


__all__ = ["EVIDENCE", "Matter", "Story", "Weight", "moment"]
