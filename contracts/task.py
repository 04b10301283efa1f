"""A task (事项) as its own events carry it: without its parts, which are aggregates of their own."""

from uuid import UUID

from pydantic import Field

from .offices import Issued
from .region import Owner
from .terms import Board, TaskState
from .units import UnitAddress
from .values import DeadlineText, Percent, TaskId, TaskNumber, Title, UnitName, Version
from .workdays import Deadline, Moment, Weight

ENDED = frozenset({TaskState.CLOSED, TaskState.CANCELLED})
OPEN = frozenset(TaskState) - ENDED


class Task(Issued):
    """What every unit of the task may know (事项)."""

    task_id: TaskId
    version: Version
    owner: Owner
    ledger: str = Field(description="The ledger on which it stands (台账).")
    number: TaskNumber
    title: Title
    board: Board
    weight: Weight
    source: str = Field(default="", description="Where it comes from, in words (事项来源).")
    lead: UnitAddress = Field(description="The unit that leads it (牵头单位).")
    lead_name: UnitName
    lead_official: str = Field(default="", description="The leading official as written (牵头领导).")
    lead_post: UUID | None = Field(default=None, description="The post that `lead_official` means, where known (职务).")
    t0: Moment = Field(description="When it was assigned, UTC (交办时间).")
    deadline_text: DeadlineText = ""
    deadline: Deadline = Field(description="The lead's resolving clock, in force (办结时限).")
    state: TaskState = TaskState.ASSIGNED
    percent: Percent | None = Field(
        default=None,
        description="Per cent, from the lead's and responsible parts; 100 only when all are done (进度).",
    )
    paused_at: Moment | None = Field(
        default=None, description="Since when it is suspended: it keeps its light and counts in no rate (暂停时间)."
    )
    closed_at: Moment | None = Field(default=None, description="When its last part was written off (销号时间).")
    assignments: int = Field(ge=1, description="How many units have a part (承办单位数).")
    historical_before: Moment | None = Field(
        default=None, description="Imported: what was due before this raises no document (历史时点)."
    )

    @property
    def open(self) -> bool:
        """Neither written off nor cancelled."""
        return self.state in OPEN
