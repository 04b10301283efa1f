"""A task and its parts: its state and its progress follow from them and from nothing else."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from contracts.assignment import Assignment
from contracts.events.assignment import AssignmentEvent
from contracts.events.task import TaskAdvanced, TaskRegistered
from contracts.region import Node
from contracts.terms import AssignmentState, Role, TaskState
from contracts.units import UnitAddress

STEPS = list(AssignmentState)


@dataclass(frozen=True, slots=True)
class Task:
    """A task (事项) with all its parts, exactly one of them the lead's; `number` is unique in the issuer's ledger."""

    task_id: UUID
    version: int
    owner: Node
    audience: tuple[str, ...]
    issuer: UnitAddress
    ledger: str
    number: str
    title: str
    state: TaskState = TaskState.ASSIGNED
    percent: Decimal | None = None
    paused: bool = False
    parts: tuple[Assignment, ...] = ()

    @property
    def lead(self) -> Assignment:
        """The lead's part."""
        return next(part for part in self.parts if part.role is Role.LEAD)

    def part(self, assignment_id: UUID) -> Assignment:
        """One part of this task; StopIteration where it is none."""
        return next(part for part in self.parts if part.assignment_id == assignment_id)

    def others(self, part: Assignment) -> tuple[Assignment, ...]:
        """All parts but this one."""
        return tuple(other for other in self.parts if other is not part)

    def after(self, said: Iterable[AssignmentEvent]) -> "Task":
        """The same task once its parts have said this."""
        known = {part.assignment_id: part for part in self.parts}
        for event in said:
            known[event.assignment.assignment_id] = event.assignment
        return replace(self, parts=tuple(known.values()))

    def advanced(self, now: datetime) -> tuple[TaskAdvanced, ...]:
        """What the task itself says of where its parts now stand: something only if anything of it changed."""
        state, percent = state_of(self.parts), self.lead.percent
        paused = any(part.paused_at for part in self.parts)
        if (state, percent, paused) == (self.state, self.percent, self.paused):
            return ()
        advance = TaskAdvanced(
            time=now,
            aggregate=f"task/{self.task_id}",
            version=self.version + 1,
            owner=self.owner,
            address=self.issuer,
            audience=self.audience,
            task_id=self.task_id,
            title=self.title,
            previous=self.state,
            state=state,
            percent=percent,
            paused=paused,
        )
        return (advance,)


def state_of(parts: Sequence[Assignment]) -> TaskState:
    """Where a task stands (§2).

    cancelled: the lead's part is, and all with it. closed: every part is. verified: every part is, or is closed.
    completion_submitted: the lead's part is submitted or further. in_progress: some part works or is further, or has
    accepted progress. assigned: none of these.
    """
    steps = [STEPS.index(part.state) for part in parts]
    lead = next(STEPS.index(part.state) for part in parts if part.role is Role.LEAD)
    if lead == STEPS.index(AssignmentState.CANCELLED):
        return TaskState.CANCELLED
    if min(steps) >= STEPS.index(AssignmentState.CLOSED):
        return TaskState.CLOSED
    if min(steps) >= STEPS.index(AssignmentState.VERIFIED):
        return TaskState.VERIFIED
    if lead >= STEPS.index(AssignmentState.SUBMITTED):
        return TaskState.COMPLETION_SUBMITTED
    if max(steps) >= STEPS.index(AssignmentState.WORKING) or any(part.percent is not None for part in parts):
        return TaskState.IN_PROGRESS
    return TaskState.ASSIGNED


def told(known: Task | None, event: TaskRegistered | TaskAdvanced) -> Task:
    """The task, apart from its parts, after one more event; the first is its registration."""
    if isinstance(event, TaskAdvanced):
        if known is None or event.version != known.version + 1:
            raise ValueError(f"{event.aggregate}: version {event.version} does not follow {known and known.version}")
        return replace(known, version=event.version, state=event.state, percent=event.percent, paused=event.paused)
    return Task(
        task_id=event.task_id,
        version=event.version,
        owner=event.owner,
        audience=event.audience,
        issuer=event.issuer,
        ledger=event.ledger,
        number=event.number,
        title=event.title,
    )
