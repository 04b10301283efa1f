"""What tasks emits of a whole task."""

from pydantic import Field

from ..envelope import Event
from ..task import Task
from ..terms import TaskState
from ..values import PersonId


class TaskEvent(Event):
    """A task after the event (事项). Aggregate `task/<task_id>`, at its issuer."""

    type = "task"
    task: Task


class TaskRegistered(TaskEvent):
    """A task is on the ledger and assigned (立项交办); an `assignment.issued` follows for each unit."""

    type = "task.registered"
    target: str = Field(default="", description="What must be reached, measurable (工作目标).")
    verification_form: str = Field(default="", description="How the result is checked (成果检验形式).")
    instruction: str = Field(default="", description="What else the units are told (办理要求).")
    actor: PersonId = Field(description="Id of the person who did it (操作人).")


class TaskAdvanced(TaskEvent):
    """The state or the progress of a task, or whether it is suspended, followed its assignments (事项进展)."""

    type = "task.advanced"
    previous: TaskState = Field(description="The state before (原状态).")
