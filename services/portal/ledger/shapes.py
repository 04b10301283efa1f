"""The ledger as the API gives it."""

from enum import StrEnum

from pydantic import BaseModel, Field

from services.portal.ledger.filters import Scope
from services.portal.task.shapes import AssignmentView, TaskView
from services.portal.web.bodies import NEXT


class Issued(StrEnum):
    """What the reader's office issued."""

    ISSUED = Scope.ISSUED


class Tasks(BaseModel):
    """One page of the ledger."""

    items: list[TaskView] = Field(description="In the order that was asked for.")
    next_cursor: str | None = NEXT


class Assignments(BaseModel):
    """One page of assignments."""

    items: list[AssignmentView] = Field(description="In the order that was asked for.")
    next_cursor: str | None = NEXT
