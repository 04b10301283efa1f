"""A task and its assignments as pages and the API give them: the published states, and what others add to them."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from contracts.assignment import Assignment, Standing
from contracts.commands.assignment import (
    Acknowledge,
    Close,
    Complete,
    CorrectReport,
    DecideRequest,
    ProposePlan,
    ProposeReassignment,
    Report,
    RequestExtension,
    RequestReclassification,
    RequestReturn,
    Rework,
)
from contracts.commands.task import Cancel, RegisterTask, Resume, Suspend
from contracts.light import planned
from contracts.task import Task
from contracts.terms import Light, LightReason, ReportKind
from contracts.values import Percent, Sha256
from contracts.workdays import Calendar
from services.portal.web.bodies import NEXT, Body


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


class Correction(Body, of=CorrectReport, address=("assignment_id",)):
    """The right figure in place of one that was typed wrongly."""


class ReturnRequest(Body, of=RequestReturn, address=("assignment_id",)):
    """Why the matter is not the unit's, and whose it is."""


class ExtensionRequest(Body, of=RequestExtension, address=("assignment_id",)):
    """Until when, why, and how it will be done by then."""


class ResolutionPlan(Body, of=ProposePlan, address=("assignment_id",)):
    """By when and how it will be solved, and why not in time."""


class ReclassificationRequest(Body, of=RequestReclassification, address=("assignment_id",)):
    """Why it is a major matter."""


class Reassignment(Body, of=ProposeReassignment, address=("assignment_id",)):
    """Which unit should have it, and why."""


class RequestDecision(Body, of=DecideRequest, address=("assignment_id",)):
    """Granted or refused."""


class Completion(Body, of=Complete, address=("assignment_id",)):
    """The part is done, with evidence."""


class Return(Body, of=Rework, address=("assignment_id",)):
    """Why it goes back to work."""


class Closure(Body, of=Close, address=("assignment_id",)):
    """The verdict."""


LIGHT = Field(default=Light.NONE, description="The warning light (预警灯).")
REASONS = Field(default=(), description="Why the light is what it is (预警原因).")
SINCE = Field(default=None, description="Since when, UTC (亮灯时间).")


class TaskView(Task):
    """A task with its own light."""

    light: Light = LIGHT
    reasons: tuple[LightReason, ...] = REASONS
    light_since: datetime | None = SINCE


class StandingView(Standing):
    """An assignment as the other units of the task see it."""

    light: Light = LIGHT


class AssignmentView(Assignment):
    """An assignment as its audience sees it."""

    light: Light = LIGHT
    reasons: tuple[LightReason, ...] = REASONS
    light_since: datetime | None = SINCE
    planned: Decimal | None = Field(
        default=None, description="Progress that is due by now, in per cent (应达进度); null without a due date."
    )


class WholeTask(TaskView):
    """A task with its texts and its assignments, each as far as the reader may see it."""

    target: str = Field(description="What shall be reached, measurable (量化目标).")
    verification_form: str = Field(description="By what it is verified (成果检验形式).")
    instruction: str = Field(description="What the leader wrote on it (批示内容).")
    assignments: list[AssignmentView | StandingView] = Field(  # type: ignore[assignment]
        description="Lead first (承办件); of other units only unit, role, state, progress, light, clocks."
    )


class Uploaded(BaseModel):
    """A file that was taken (佐证材料)."""

    sha256: Sha256 = Field(description="By which it is cited: SHA-256 of its bytes, hexadecimal.")
    name: str = Field(description="The name it came with, without any path.")
    media_type: str = Field(description="What its content is, whatever its name says.")
    size: int = Field(description="Bytes.")


class StoredFile(Uploaded):
    """A file that the token's unit uploaded."""

    uploaded_at: datetime = Field(description="When last, UTC.")


class Files(BaseModel):
    """One page of files, latest first."""

    items: list[StoredFile] = Field(description="Each file once, under its last name.")
    next_cursor: str | None = NEXT


class ReportView(BaseModel):
    """A report that was accepted (报送)."""

    report_id: UUID = Field(description="The id of the report; of a completion, of its event.")
    kind: ReportKind = Field(description="deployment (部署), progress (进展), completion (办结), imported (导入).")
    percent: Percent | None = Field(default=None, description="Progress in per cent, as reported (进度).")
    text: str = Field(default="", description="What was done (进展情况).")
    evidence: tuple[Sha256, ...] = Field(default=(), description="Files: `GET /v1/evidence/{sha256}` (佐证材料).")
    milestones: tuple[str, ...] = Field(default=(), description="The milestones it says are reached (时间节点).")
    person: str = Field(description="The id of the person who reported (报送人).")
    reported_at: datetime = Field(description="When, UTC.")


class Reports(BaseModel):
    """One page of an assignment's reports, latest first."""

    items: list[ReportView] = Field(description="Latest first.")
    next_cursor: str | None = NEXT


def task_view(state: Mapping[str, Any], row: Mapping[str, Any]) -> TaskView:
    """From the published state, and the light in its row."""
    return TaskView.model_validate({**state, **_light(row)})


def standing_view(state: Mapping[str, Any], row: Mapping[str, Any]) -> StandingView:
    """What a reader sees of an assignment without being in its audience."""
    return StandingView.model_validate({**state, **_light(row)})


def assignment_view(
    state: Mapping[str, Any], row: Mapping[str, Any], now: datetime, calendar: Calendar
) -> AssignmentView:
    """An assignment as its audience sees it. planned: computed for `now`. R2"""
    view = AssignmentView.model_validate({**state, **_light(row)})
    return view.model_copy(update={"planned": planned(view, now, calendar)})


def _light(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("light", "reasons", "light_since")}
