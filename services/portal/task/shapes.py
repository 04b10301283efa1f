"""A task and its assignments as pages and the API give them: the published states, and what others add to them."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, Field

from contracts.assignment import Assignment, Standing
from contracts.commands.assignment import Acknowledge, Close, Complete, Report, Rework
from contracts.commands.task import Cancel, RegisterTask, Resume, Suspend
from contracts.light import planned
from contracts.task import Task
from contracts.terms import Light, LightReason
from contracts.values import Sha256
from contracts.workdays import Calendar
from services.portal.web.bodies import Body


class NewTask(Body, of=RegisterTask):
    """A task to be registered and assigned. R8"""


class Suspension(Body, of=Suspend, address=("task_id",)):
    """Why a task is suspended."""


class Resumption(Body, of=Resume, address=("task_id",)):
    """Why it goes on, where there is more to say."""


class Cancellation(Body, of=Cancel, address=("task_id",)):
    """Why it ends undone."""


class Acknowledgement(Body, of=Acknowledge, address=("assignment_id",)):
    """The unit has it."""


class NewReport(Body, of=Report, address=("assignment_id",)):
    """Deployment or progress."""


class Completion(Body, of=Complete, address=("assignment_id",)):
    """The part is done, with evidence."""


class Return(Body, of=Rework, address=("assignment_id",)):
    """Why it goes back to work."""


class Closure(Body, of=Close, address=("assignment_id",)):
    """The verdict."""


class TaskView(Task):
    """A task with its own light."""

    light: Light = Light.NONE
    reasons: tuple[LightReason, ...] = ()
    light_since: datetime | None = None


class StandingView(Standing):
    """An assignment as the other units of the task see it."""

    light: Light = Light.NONE


class AssignmentView(Assignment):
    """An assignment as its audience sees it."""

    light: Light = Light.NONE
    reasons: tuple[LightReason, ...] = ()
    light_since: datetime | None = None
    planned: Decimal | None = Field(default=None, description="现在应达到的进度，百分比；没有时限则为空")


class WholeTask(TaskView):
    """A task with its texts and its assignments, each as far as the reader may see it."""

    target: str
    verification_form: str
    instruction: str
    assignments: list[AssignmentView | StandingView] = Field(  # type: ignore[assignment]
        description="其他单位的承办件只有单位、身份、状态、进度、预警和时限"
    )


class Uploaded(BaseModel):
    """A file that was taken."""

    sha256: Sha256
    name: str
    media_type: str
    size: int


def task_view(state: Mapping[str, Any], row: Mapping[str, Any]) -> TaskView:
    """From the published state, and the light in its row."""
    return TaskView.model_validate({**state, **_light(row)})


def assignment_view(
    state: Mapping[str, Any], row: Mapping[str, Any], whole: bool, now: datetime, calendar: Calendar
) -> AssignmentView | StandingView:
    """An assignment, or where the reader is not in its audience its standing. planned: computed for `now`. R2"""
    fields = {**state, **_light(row)}
    if not whole:
        return StandingView.model_validate(fields)
    view = AssignmentView.model_validate(fields)
    return view.model_copy(update={"planned": planned(view, now, calendar)})


def _light(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("light", "reasons", "light_since")}
