"""What tasks emits of a whole task."""

from pydantic import Field

from ..envelope import Event
from ..task import Task
from ..terms import TaskState


class TaskEvent(Event):
    """A task after the event. Aggregate `task/<task_id>`, at its issuer."""

    type = "task"
    task: Task


class TaskRegistered(TaskEvent):
    """A task is on the ledger and assigned; an `assignment.issued` follows for each unit."""

    type = "task.registered"
    target: str = ""
    verification_form: str = ""
    instruction: str = ""
    actor: str = Field(description="The id of the person who did it.")


class TaskAdvanced(TaskEvent):
    """The state or the progress of a task, or whether it is suspended, followed its assignments."""

    type = "task.advanced"
    previous: TaskState
