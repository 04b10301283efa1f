"""A task of three units as it stands when given out, and the persons who act on it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from contracts.envelope import Actor, ActorRole, Event
from contracts.events.assignment import AssignmentEvent, AssignmentIssued
from contracts.events.task import TaskAdvanced, TaskRegistered
from contracts.refusals import Refused
from contracts.region import Level
from contracts.terms import Board, Role
from contracts.units import UnitKind
from contracts.workdays import Calendar, Weight
from services.tasks.assignments.domain.draft import Draft, registered
from services.tasks.assignments.domain.task import Task, told
from services.tasks.register.calendar_seed import calendar_days
from services.tasks.register.domain import Unit
from services.tasks.register.domain.timetable import Timetable

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
DAY = timedelta(days=1)
TIMETABLE = Timetable(Calendar.of(calendar_days(2026, 2026)), ())


def unit(address: str, short: str) -> Unit:
    return Unit(address, short, short, Level.PROVINCE, UnitKind.DEPARTMENT)


BGT = unit("14.00.00.000.bgt", "省政府办公厅")
LEAD = unit("14.00.00.000.gat", "省公安厅")
HELPER = unit("14.10.00.000.gov", "临汾市政府")
SUPPORT = unit("14.00.00.000.slt", "省水利厅")
THREE = ((LEAD, Role.LEAD), (HELPER, Role.RESPONSIBLE), (SUPPORT, Role.SUPPORTING))


def actor(person: str, at: Unit, *roles: ActorRole) -> Actor:
    return Actor(person=person, unit=at.address, roles=roles)


def clerk(at: Unit) -> Actor:
    return actor(f"clerk of {at.address}", at, ActorRole.UNIT_CLERK)


def head(at: Unit) -> Actor:
    return actor(f"head of {at.address}", at, ActorRole.UNIT_HEAD)


INSPECTOR = actor("inspector", BGT, ActorRole.INSPECTOR)
SUPERVISOR = actor("supervisor", BGT, ActorRole.SUPERVISOR)


def draft(*parts: tuple[Unit, Role], deadline: str = "7个工作日", **more: object) -> Draft:
    """A draft as the gate likes it."""
    found = TIMETABLE.deadline(deadline, NOW, Weight.ORDINARY)
    given: dict[str, object] = {
        "task_id": uuid4(),
        "issuer": BGT,
        "ledger": "2026年督办台账",
        "number": "2026-0001",
        "title": "封闭沿线水井",
        "board": Board.KEY_WORK,
        "weight": Weight.ORDINARY,
        "source": "领导建议",
        "lead_official": "分管副省长",
        "target": "封闭水井412眼",
        "verification_form": "销号台账",
        "instruction": "",
        "t0": NOW,
        "deadline_text": deadline,
        "clocks": TIMETABLE.clocks(found, NOW),
        "parts": parts or THREE,
    }
    return Draft(**(given | more))  # type: ignore[arg-type]


def task_after(said: list[Event], task: Task | None = None) -> Task:
    """The task with its parts once this has been said of them."""
    parts = {part.assignment_id: part for part in task.parts} if task else {}
    for event in said:
        if isinstance(event, TaskRegistered | TaskAdvanced):
            task = told(task, event)
        elif isinstance(event, AssignmentEvent):
            parts[event.assignment.assignment_id] = event.assignment
    assert task
    return Task(**{name: getattr(task, name) for name in Task.__slots__} | {"parts": tuple(parts.values())})


def given_out(*parts: tuple[Unit, Role], deadline: str = "7个工作日") -> Task:
    """A task just given out."""
    return task_after(registered(draft(*parts, deadline=deadline), "supervisor", "14.00.00", NOW))


def id_of(task: Task, at: Unit) -> UUID:
    return next(part.assignment_id for part in task.parts if part.unit == at.address)


def issued_to(said: list[Event], at: Unit) -> AssignmentIssued:
    return next(event for event in said if isinstance(event, AssignmentIssued) and event.assignment.unit == at.address)


def code(decision: object) -> str:
    """The named reason of a refusal, empty where it was granted."""
    return decision.code if isinstance(decision, Refused) else ""
