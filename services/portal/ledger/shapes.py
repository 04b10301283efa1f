"""The ledger as the API gives it."""

from pydantic import BaseModel

from services.portal.task.shapes import TaskView


class Tasks(BaseModel):
    """One page of the ledger."""

    items: list[TaskView]
    next_cursor: str | None = None
