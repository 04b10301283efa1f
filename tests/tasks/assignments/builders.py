"""A task of three units as it stands when issued, and the persons who act on it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

from contracts.assignment import Assignment
from contracts.envelope import Actor, ActorRole, Event
from contracts.events.assignment import AssignmentEvent, AssignmentIssued
from contracts.refusals import Refused
from contracts.register import Unit
from contracts.terms import AssignmentState, Board, Role
from contracts.workdays import Weight
from services.tasks.assignments.domain import review, work
from services.tasks.assignments.domain.draft import Draft, aggregate_of, registered
from services.tasks.assignments.domain.task import TaskAggregate
from tests.story import province
from tests.story.province import NODE, clerk, head

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
DAY = timedelta(days=1)
TIMETABLE = province.timetable()
REGISTER = province.register()

submit, confirm = (partial(decide, timetable=TIMETABLE) for decide in (work.complete, review.verify))

BGT, LEAD, HELPER, SUPPORT = (
    REGISTER.units[address]
    for address in ("14.00.00.000.bgt", "14.00.00.000.gat", "14.10.00.000.gov", "14.00.00.000.slt")
)
THREE = ((LEAD, Role.LEAD), (HELPER, Role.RESPONSIBLE), (SUPPORT, Role.SUPPORTING))


def actor(person: str, at: Unit, *roles: ActorRole) -> Actor:
    return Actor(person=person, unit=at.address, roles=roles)


def clerk_of(at: Unit) -> Actor:
    return clerk(at.address)


def head_of(at: Unit) -> Actor:
    return head(at.address)


INSPECTOR = actor("inspector", BGT, ActorRole.INSPECTOR)
SUPERVISOR = actor("supervisor", BGT, ActorRole.SUPERVISOR)
LEADER = actor("leader", REGISTER.units[province.GOVERNMENT], ActorRole.LEADER)


def draft(*parts: tuple[Unit, Role], deadline: str = "7个工作日", **more: object) -> Draft:
    """A draft as the gate likes it."""
    t0 = more.get("t0", NOW)
    due = TIMETABLE.deadline(deadline, t0, Weight.ORDINARY)
    fields: dict[str, object] = {
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
        "clocks": TIMETABLE.clocks(due, t0),
        "return_until": TIMETABLE.within(1, t0),
        "parts": parts or THREE,
    }
    return Draft(**(fields | more))  # type: ignore[arg-type]


def events_of(new: Draft, person: str = "supervisor", now: datetime = NOW) -> list[Event]:
    """Every event of its registration."""
    return registered(new, person, NODE, now, REGISTER)


def task_of(new: Draft, now: datetime = NOW) -> TaskAggregate:
    """The task that these events register."""
    return evolve(aggregate_of(new, NODE, now, REGISTER), events_of(new, now=now), now)


def evolve(task: TaskAggregate, events: Sequence[Event], now: datetime = NOW) -> TaskAggregate:
    """The task after these events of its assignments."""
    return task.evolve([event for event in events if isinstance(event, AssignmentEvent)], now)[0]


def issued(*parts: tuple[Unit, Role], deadline: str = "7个工作日", **more: object) -> TaskAggregate:
    """A task just issued."""
    return task_of(draft(*parts, deadline=deadline, **more))


def at_unit(task: TaskAggregate, unit: Unit) -> Assignment:
    """The unit's part; of one that was given to another unit, not that."""
    parts = [each for each in task.assignments if each.unit == unit.address]
    return next((each for each in parts if each.state is not AssignmentState.RETURNED), parts[0])


def id_of(task: TaskAggregate, unit: Unit) -> UUID:
    return at_unit(task, unit).assignment_id


def issued_to(events: list[Event], at: Unit) -> AssignmentIssued:
    return next(e for e in events if isinstance(e, AssignmentIssued) and e.assignment.unit == at.address)


def code(decision: object) -> str:
    """The named reason of a refusal, empty where it was granted."""
    return decision.code if isinstance(decision, Refused) else ""
