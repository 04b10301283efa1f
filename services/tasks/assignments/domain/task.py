"""A task with its assignments, the boundary of every decision: its own state follows from them alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeVar
from uuid import UUID

from contracts.assignment import VOID, Assignment, Clock
from contracts.events.assignment import AssignmentEvent
from contracts.events.task import TaskAdvanced, TaskEvent
from contracts.task import ENDED, Task
from contracts.terms import AssignmentState, Role, TaskState
from contracts.units import UnitAddress
from contracts.values import Frozen, Percent
from contracts.workdays import Deadline
from services.tasks.assignments.domain.assignment import DONE
from services.tasks.assignments.domain.audience import Audience

STEPS = list(AssignmentState)
COLOURING = (Role.LEAD, Role.RESPONSIBLE)
"""The roles whose assignments make a task's progress and its light."""
_CENT = Decimal("0.01")
E = TypeVar("E", bound=AssignmentEvent)
T = TypeVar("T", bound=TaskEvent)


class Sibling(Frozen):
    """Another unit's assignment as far as a decision on one asks for it: a task may have hundreds."""

    assignment_id: UUID
    unit: UnitAddress
    unit_name: str
    role: Role
    state: AssignmentState
    percent: Percent | None
    paused_at: datetime | None


Member = Assignment | Sibling


@dataclass(frozen=True, slots=True)
class TaskAggregate:
    """A task (事项) and all its assignments, one of them the lead's, each with the audience decided at registration.

    The lead's and those that are decided on stand here whole; the others may be siblings.
    """

    task: Task
    audience: Audience
    assignments: tuple[Member, ...]
    audiences: Mapping[UUID, Audience]

    @property
    def whole(self) -> tuple[Assignment, ...]:
        """The assignments that may be decided on."""
        return tuple(each for each in self.assignments if isinstance(each, Assignment))

    @property
    def lead(self) -> Assignment:
        """The lead's assignment: of one that was given to another unit, its successor."""
        return next(e for e in self.whole if e.role is Role.LEAD and e.state is not AssignmentState.RETURNED)

    def assignment(self, assignment_id: UUID) -> Assignment:
        """One assignment of this task; StopIteration where it is none."""
        return next(each for each in self.whole if each.assignment_id == assignment_id)

    def others(self, assignment: Assignment) -> tuple[Member, ...]:
        """All assignments but this one and those that other units have now."""
        return tuple(each for each in _live(self.assignments) if each.assignment_id != assignment.assignment_id)

    def event(self, kind: type[E], after: Assignment, person: str, now: datetime, /, **happened: Any) -> E:
        """An event of an assignment that leaves it in this state."""
        return kind(
            time=now,
            aggregate=f"assignment/{after.assignment_id}",
            version=after.version,
            owner=after.owner,
            address=after.unit,
            audience=self.audiences[after.assignment_id],
            actor=person,
            assignment=after,
            **happened,
        )

    def task_event(self, kind: type[T], now: datetime, /, **happened: Any) -> T:
        """An event of the task that leaves it in the state it has here."""
        return kind(
            time=now,
            aggregate=f"task/{self.task.task_id}",
            version=self.task.version,
            owner=self.task.owner,
            address=self.task.issuer,
            audience=self.audience,
            task=self.task,
            **happened,
        )

    def evolve(
        self, events: Sequence[AssignmentEvent], now: datetime
    ) -> tuple["TaskAggregate", tuple[TaskAdvanced, ...]]:
        """The aggregate after these events of its assignments, and what follows for the task itself, if anything."""
        states: dict[UUID, Member] = {each.assignment_id: each for each in self.assignments}
        states |= {event.assignment.assignment_id: event.assignment for event in events}
        audiences = {**self.audiences, **{event.assignment.assignment_id: event.audience for event in events}}
        audience = tuple(sorted({*self.audience}.union(*(event.audience for event in events))))
        after = replace(self, audience=audience, assignments=tuple(states.values()), audiences=audiences)
        changes = after._followed(now)
        if audience == self.audience and all(getattr(self.task, name) == value for name, value in changes.items()):
            return after, ()
        task = self.task.model_copy(update={"version": self.task.version + 1, **changes})
        after = replace(after, task=task)
        return after, (after.task_event(TaskAdvanced, now, previous=self.task.state),)

    def _followed(self, now: datetime) -> dict[str, Any]:
        """The fields of the task that follow from its assignments."""
        state = state_of(self.assignments)
        live, lead = _live(self.assignments), self.lead
        paused = [each.paused_at for each in live if each.paused_at]
        return {
            "lead": lead.unit,
            "lead_name": lead.unit_name,
            "weight": lead.weight,
            "assignments": len(live),
            "state": state,
            "percent": percent_of(self.assignments),
            "deadline": deadline_of(lead.resolving),
            "paused_at": min(paused, default=None),
            "closed_at": (self.task.closed_at or now) if state in ENDED else None,
        }


def _live(assignments: Sequence[Member]) -> tuple[Member, ...]:
    """Without the parts that were given to other units."""
    return tuple(each for each in assignments if each.state is not AssignmentState.RETURNED)


def state_of(assignments: Sequence[Member]) -> TaskState:
    """Where a task stands (§2); parts that other units have now say nothing of it.

    cancelled: the lead's assignment is, and all with it. closed: every one is. verified: every one is, or is closed.
    completion_submitted: the lead's is submitted or further. in_progress: some unit works or is further, or has
    accepted progress. assigned: none of these.
    """
    live = _live(assignments)
    steps = [STEPS.index(each.state) for each in live]
    lead = next(STEPS.index(each.state) for each in live if each.role is Role.LEAD)
    if lead == STEPS.index(AssignmentState.CANCELLED):
        return TaskState.CANCELLED
    if min(steps) >= STEPS.index(AssignmentState.CLOSED):
        return TaskState.CLOSED
    if min(steps) >= STEPS.index(AssignmentState.VERIFIED):
        return TaskState.VERIFIED
    if lead >= STEPS.index(AssignmentState.SUBMITTED):
        return TaskState.COMPLETION_SUBMITTED
    if max(steps) >= STEPS.index(AssignmentState.WORKING) or any(each.percent is not None for each in live):
        return TaskState.IN_PROGRESS
    return TaskState.ASSIGNED


def percent_of(assignments: Sequence[Member]) -> Decimal | None:
    """The mean over the assignments that colour the task, without those that ended undone; nobody reported → None (R9).

    One without a figure counts 0. It is 100 only when all are: what rounding alone would make 100 stays 99.99.
    """
    counted = [e.percent for e in assignments if e.role in COLOURING and e.state not in VOID]
    figures = [percent or Decimal(0) for percent in counted]
    if not any(percent is not None for percent in counted):
        return None
    if all(percent == DONE for percent in figures):
        return DONE
    return min((sum(figures, Decimal(0)) / len(figures)).quantize(_CENT, ROUND_HALF_UP), DONE - _CENT)


def deadline_of(clock: Clock) -> Deadline:
    """What a task tells of its lead's resolving clock."""
    return Deadline(**{name: getattr(clock, name) for name in Deadline.model_fields})
