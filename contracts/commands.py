"""Every command, in walking order; `type` is `<service>.<verb>`."""

from datetime import UTC, date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.envelope import Command, Frozen, Text
from contracts.events import Percent, Recipient, Sha256
from contracts.terms import Board, DueChangeCause, Grade, NoticeKind, ReportKind, Role
from contracts.workdays import Weight

MilestoneName = Annotated[Text, Field(max_length=60)]
Paragraph = Annotated[Text, Field(max_length=4000)]


class WantedPart(Frozen):
    """A unit that shall have a part; `unit` is its address or any name the register resolves."""

    unit: Text = Field(min_length=1, max_length=200)
    role: Role


class WantedMilestone(Frozen):
    """A dated step on the way; it ends at close of business of `due`."""

    name: Text = Field(min_length=2, max_length=60)
    due: date
    weight: int = Field(ge=1, le=100, description="Points; all together 100.")


class RegisterTask(Command):
    """Put one task on the ledger and assign it. R8: nothing essential may be empty."""

    type = "tasks.register"
    number: Text = Field(default="", max_length=60, description="Empty: the next of the ledger.")
    ledger: Text = Field(default="", max_length=120)
    title: Text = Field(min_length=2, max_length=300)
    board: Board
    weight: Weight = Weight.ORDINARY
    source: Text = Field(default="", max_length=200)
    lead_official: Text = Field(min_length=1, max_length=120)
    target: Text = Field(min_length=1, max_length=2000)
    verification_form: Text = Field(min_length=1, max_length=500)
    instruction: Text = Field(default="", max_length=4000)
    deadline_text: Text = Field(default="", max_length=60)
    milestones: tuple[WantedMilestone, ...] = Field(default=(), max_length=30)
    parts: tuple[WantedPart, ...] = Field(min_length=1, max_length=3000)


class ImportLedger(Command):
    """Read an office's ledger workbook from the blob store: a dry run, or one atomic commit. R12."""

    type = "tasks.import_ledger"
    blob: Sha256
    filename: Text = Field(max_length=255)
    dry_run: bool = False
    historical_before: AwareDatetime | None = Field(default=None, description="Default: now.")
    as_of: date | None = Field(default=None, description="Default: what the sheet says (数据截至).")


class FillPost(Command):
    """A post of a unit has a new holder, or none; `unit` is its address or any name the register resolves."""

    type = "tasks.fill_post"
    unit: Text = Field(min_length=1, max_length=200)
    title: Text = Field(min_length=2, max_length=60)
    person: Text = Field(default="", max_length=120, description="The account's person id; empty: vacant.")
    name: Text = Field(default="", max_length=60)
    deputy: Text = Field(default="", max_length=120)
    deputy_name: Text = Field(default="", max_length=60)
    valid_from: date | None = Field(default=None, description="Default: today.")
    valid_to: date | None = None


class AssignmentCommand(Command):
    """A command on one unit's part."""

    assignment_id: UUID


class Acknowledge(AssignmentCommand):
    """The unit has it."""

    type = "tasks.acknowledge"
    responsible_person: Text = Field(default="", max_length=60)


class Report(AssignmentCommand):
    """Deployment or progress; a completion goes by `Complete`."""

    type = "tasks.report"
    kind: ReportKind = ReportKind.PROGRESS
    percent: Percent | None = None
    text: Text = Field(min_length=5, max_length=4000)
    evidence: tuple[Sha256, ...] = Field(default=(), max_length=20)
    milestones: tuple[MilestoneName, ...] = Field(default=(), max_length=30, description="The names of those reached.")
    responsible_person: Text = Field(default="", max_length=60)


class Complete(AssignmentCommand):
    """The unit's head says its part is done; at least one evidence."""

    type = "tasks.complete"
    text: Text = Field(min_length=5, max_length=4000)
    evidence: tuple[Sha256, ...] = Field(min_length=1, max_length=20)


class Verify(AssignmentCommand):
    """A second person confirms; the lead unit, or for the lead's own part the first reviewer."""

    type = "tasks.verify"


class Rework(AssignmentCommand):
    """Back to work, with a reason; the due date stays."""

    type = "tasks.rework"
    reason: Text = Field(min_length=2, max_length=2000)


class Close(AssignmentCommand):
    """Write off, by a third person, with a grade."""

    type = "tasks.close"
    grade: Grade = Grade.GOOD


class ChangeDue(AssignmentCommand):
    """Move the due date, with a cause; the old ones stay on record."""

    type = "tasks.change_due"
    cause: DueChangeCause
    due: AwareDatetime = Field(lt=datetime(2100, 1, 1, tzinfo=UTC))
    reason: Text = Field(min_length=2, max_length=2000)


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


class DraftNotice(Command):
    """Draft a document about assignments; with `sign`, sign and number it in the same step. R10."""

    type = "notices.draft"
    kind: NoticeKind
    assignments: tuple[UUID, ...] = Field(min_length=1, max_length=500)
    recipients: tuple[Recipient, ...] = Field(default=(), max_length=500, description="Default: the units concerned.")
    copies: tuple[Recipient, ...] = Field(default=(), max_length=500)
    title: Text = Field(default="", max_length=120)
    paragraphs: tuple[Paragraph, ...] = Field(default=(), max_length=40)
    cites: Text = Field(default="", max_length=80)
    reason: Text = Field(default="", max_length=500)
    sign: bool = False


class NoticeCommand(Command):
    """A command on one document."""

    notice_id: UUID


class SignNotice(NoticeCommand):
    """Sign: take the number, freeze the content; it is rendered and sent by itself."""

    type = "notices.sign"


class VoidNotice(NoticeCommand):
    """Withdraw a draft, or void a number on record."""

    type = "notices.void"
    reason: Text = Field(min_length=2, max_length=500)


class ReceiveNotice(Command):
    """A unit signs for a document."""

    type = "notices.receive"
    delivery_id: UUID


class PublishRanking(Command):
    """Publish a month's boards, again if need be: a new revision. No field sets a rank."""

    type = "ranking.publish"
    period: str = Field(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")
