"""A task (事项) as its own events carry it: without its parts, which are aggregates of their own."""

from uuid import UUID

from pydantic import Field

from .offices import Issued
from .region import Node
from .terms import Board, TaskState
from .units import UnitAddress
from .values import Percent
from .workdays import Deadline, Moment, Weight

ENDED = frozenset({TaskState.CLOSED, TaskState.CANCELLED})
OPEN = frozenset(TaskState) - ENDED


class Task(Issued):
    """What every unit of the task may know.

    percent: rolled up from the assignments that colour it (R9): 100 only when all of them are done.
    assignments: how many units have a part. lead_official: as written; lead_post: the post that means, where known.
    source: where it comes from, in words. deadline: the lead's resolving clock, in force.
    """

    task_id: UUID
    version: int
    owner: Node
    ledger: str
    number: str = Field(description="The office's own number, unique within its ledger.")
    title: str
    board: Board
    weight: Weight
    source: str = ""
    lead: UnitAddress
    lead_name: str
    lead_official: str = ""
    lead_post: UUID | None = None
    t0: Moment
    deadline_text: str = ""
    deadline: Deadline
    state: TaskState = TaskState.ASSIGNED
    percent: Percent | None = None
    paused_at: Moment | None = Field(default=None, description="Suspended: it keeps its light and counts in no rate.")
    closed_at: Moment | None = None
    assignments: int = Field(ge=1)
    historical_before: Moment | None = None

    @property
    def open(self) -> bool:
        """Neither written off nor cancelled."""
        return self.state in OPEN
