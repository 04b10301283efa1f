"""What may be asked for with a whole task."""

from datetime import date
from uuid import UUID

from pydantic import AwareDatetime, Field

from ..envelope import Command
from ..terms import Board, Role
from ..values import Frozen, Name, OneLine, Sha256, Text
from ..workdays import Weight


class RequestedPart(Frozen):
    """A unit that shall have a part; `unit` is its address or any name the register resolves."""

    unit: Name = Field(min_length=1, max_length=200)
    role: Role


class RequestedMilestone(Frozen):
    """A dated step on the way; it ends at close of business of `due`."""

    name: OneLine = Field(min_length=2, max_length=60)
    due: date
    weight: int = Field(ge=1, le=100, description="Points; all together 100.")


class RegisterTask(Command):
    """Put one task on the ledger and assign it. R8: nothing essential may be empty."""

    type = "tasks.register"
    number: Name = Field(default="", max_length=60, description="Empty: the next of the ledger.")
    ledger: OneLine = Field(default="", max_length=120)
    title: OneLine = Field(min_length=2, max_length=300)
    board: Board
    weight: Weight = Weight.ORDINARY
    source: OneLine = Field(default="", max_length=200)
    lead_official: OneLine = Field(min_length=1, max_length=120)
    target: Text = Field(min_length=1, max_length=2000)
    verification_form: Text = Field(min_length=1, max_length=500)
    instruction: Text = Field(default="", max_length=4000)
    deadline_text: OneLine = Field(default="", max_length=60)
    milestones: tuple[RequestedMilestone, ...] = Field(default=(), max_length=30)
    parts: tuple[RequestedPart, ...] = Field(min_length=1, max_length=3000)


class ImportLedger(Command):
    """Read an office's ledger workbook from the blob store: a dry run, or one atomic commit. R12."""

    type = "tasks.import_ledger"
    blob: Sha256
    filename: OneLine = Field(max_length=255)
    dry_run: bool = False
    historical_before: AwareDatetime | None = Field(default=None, description="Default: now.")
    as_of: date | None = Field(default=None, description="Default: what the sheet says (数据截至).")


class TaskCommand(Command):
    """A command of the issuing office's head on a whole task."""

    task_id: UUID


class Suspend(TaskCommand):
    """Let every clock of a task stand still."""

    type = "tasks.suspend"
    reason: Text = Field(min_length=2, max_length=2000)


class Resume(TaskCommand):
    """Let a suspended task go on, its running clocks moved by the working days lost."""

    type = "tasks.resume"
    reason: Text = Field(default="", max_length=2000)


class Cancel(TaskCommand):
    """End a task that is not to be done any more."""

    type = "tasks.cancel"
    reason: Text = Field(min_length=2, max_length=2000)
