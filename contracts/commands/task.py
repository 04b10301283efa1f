"""What may be asked for with a whole task."""

from datetime import date

from pydantic import AwareDatetime, Field

from ..envelope import Command
from ..terms import Board, Role
from ..values import Frozen, Name, OneLine, RequestedUnit, Sha256, TaskId, Text
from ..workdays import Weight


class RequestedPart(Frozen):
    """A unit that shall have a part (承办单位)."""

    unit: RequestedUnit
    role: Role


class RequestedMilestone(Frozen):
    """A dated step on the way (时间节点)."""

    name: OneLine = Field(min_length=2, max_length=60, description="What is reached by then (节点名称).")
    due: date = Field(description="It ends at close of business of this day, in Asia/Shanghai (节点时限).")
    weight: int = Field(ge=1, le=100, description="Points; all together 100 (权重).")


class RegisterTask(Command):
    """Put one task on the ledger and assign it (立项交办). R8."""

    type = "tasks.register"
    number: Name = Field(default="", max_length=60, description="Empty: the next of the ledger (事项序号).")
    ledger: OneLine = Field(default="", max_length=120, description="Empty: the office's ledger of the year (台账).")
    title: OneLine = Field(min_length=2, max_length=300, description="What the matter is called (事项名称).")
    board: Board
    weight: Weight = Weight.ORDINARY
    source: OneLine = Field(default="", max_length=200, description="Where it comes from, in words (事项来源).")
    lead_official: OneLine = Field(min_length=1, max_length=120, description="Who leads, by post or name (牵头领导).")
    target: Text = Field(min_length=1, max_length=2000, description="What must be reached, measurable (工作目标).")
    verification_form: Text = Field(
        min_length=1, max_length=500, description="How the result is checked (成果检验形式)."
    )
    instruction: Text = Field(default="", max_length=4000, description="What else the units are told (办理要求).")
    deadline_text: OneLine = Field(
        default="",
        max_length=60,
        description="As offices write it, such as `7个工作日` or `11月底前`; empty: by `weight` (完成时限).",
    )
    milestones: tuple[RequestedMilestone, ...] = Field(
        default=(), max_length=30, description="None, or 100 points together (时间节点)."
    )
    parts: tuple[RequestedPart, ...] = Field(
        min_length=1, max_length=3000, description="Exactly one with the role `lead` (承办单位)."
    )


class ImportLedger(Command):
    """Read an office's ledger workbook that was uploaded before (导入台账): all good rows, or none. R12."""

    type = "tasks.import_ledger"
    blob: Sha256 = Field(description="SHA-256 of the file (文件).")
    filename: OneLine = Field(max_length=255, description="As it was called at the sender's (文件名).")
    dry_run: bool = Field(default=False, description="Only say what would happen (试导入).")
    historical_before: AwareDatetime | None = Field(
        default=None, description="What was due before raises no document; default: now (历史时点)."
    )
    as_of: date | None = Field(default=None, description="Default: what the sheet says (数据截至).")


class TaskCommand(Command):
    """A command of the issuing office's head on a whole task (事项)."""

    task_id: TaskId


class Suspend(TaskCommand):
    """Let every clock of a task stand still (暂停办理)."""

    type = "tasks.suspend"
    reason: Text = Field(min_length=2, max_length=2000, description="Why, for the units concerned (原因).")


class Resume(TaskCommand):
    """Let a suspended task go on (恢复办理), its running clocks moved by the working days lost."""

    type = "tasks.resume"
    reason: Text = Field(default="", max_length=2000, description="Why, in words (原因).")


class Cancel(TaskCommand):
    """End a task that is not to be done any more (撤销事项)."""

    type = "tasks.cancel"
    reason: Text = Field(min_length=2, max_length=2000, description="Why, for the units concerned (原因).")
