"""The ledger as the API gives it."""

from enum import StrEnum

from pydantic import BaseModel, Field

from services.portal.ledger.filters import ACCOUNTABLE
from services.portal.task.shapes import AssignmentView, TaskView
from services.portal.web.cursors import NEXT


class Accountable(StrEnum):
    """The lead and the responsible units: those that colour a task."""

    ACCOUNTABLE = ACCOUNTABLE


class Tasks(BaseModel):
    """One page of the ledger."""

    items: list[TaskView] = Field(description="In the order that was asked for.")
    next_cursor: str | None = NEXT


class Assignments(BaseModel):
    """One page of assignments."""

    items: list[AssignmentView] = Field(description="In the order that was asked for.")
    next_cursor: str | None = NEXT
