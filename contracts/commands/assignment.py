"""What may be asked for with one unit's part in a task."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from ..envelope import Command
from ..terms import DueChangeCause, Grade, ReportKind
from ..values import ONE_LINE, OneLine, Percent, Sha256, Text

MilestoneName = Annotated[str, Field(max_length=60), ONE_LINE]


class AssignmentCommand(Command):
    """A command on one unit's part."""

    assignment_id: UUID


class Acknowledge(AssignmentCommand):
    """The unit has it."""

    type = "tasks.acknowledge"
    responsible_person: OneLine = Field(default="", max_length=60)


class Report(AssignmentCommand):
    """Deployment or progress; a completion goes by `Complete`."""

    type = "tasks.report"
    kind: ReportKind = ReportKind.PROGRESS
    percent: Percent | None = None
    text: Text = Field(min_length=5, max_length=4000)
    evidence: tuple[Sha256, ...] = Field(default=(), max_length=20)
    milestones: tuple[MilestoneName, ...] = Field(default=(), max_length=30, description="The names of those reached.")
    responsible_person: OneLine = Field(default="", max_length=60)


class CorrectReport(AssignmentCommand):
    """Put right a percentage that was typed wrongly. §2: by the unit's head within 3 working days, later the office."""

    type = "tasks.correct_report"
    percent: Percent
    reason: Text = Field(min_length=2, max_length=2000)


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
