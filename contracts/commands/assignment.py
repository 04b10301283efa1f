"""What may be asked for with one unit's part in a task."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from ..envelope import Command
from ..terms import DueChangeCause, Grade, ReportKind
from ..values import ONE_LINE, AssignmentId, Evidence, OneLine, Percent, Text

MilestoneName = Annotated[str, Field(max_length=60), ONE_LINE]


class AssignmentCommand(Command):
    """A command on one unit's part (交办件)."""

    assignment_id: AssignmentId


class Acknowledge(AssignmentCommand):
    """The unit has it (签收)."""

    type = "tasks.acknowledge"
    responsible_person: OneLine = Field(
        default="", max_length=60, description="Who does it; named here or in the first report (责任人)."
    )


class Report(AssignmentCommand):
    """Deployment or progress (报送进展); a completion goes by `tasks.complete`."""

    type = "tasks.report"
    kind: ReportKind = ReportKind.PROGRESS
    percent: Percent | None = Field(default=None, description="Per cent; null: not stated (进度).")
    text: Text = Field(min_length=5, max_length=4000, description="What was done, in words (进展情况).")
    evidence: Evidence = Field(default=(), max_length=20)
    milestones: tuple[MilestoneName, ...] = Field(
        default=(), max_length=30, description="Names of those reached, as the assignment has them (完成的时间节点)."
    )
    responsible_person: OneLine = Field(
        default="", max_length=60, description="Who does it; named here or in the first report (责任人)."
    )


class CorrectReport(AssignmentCommand):
    """Put right a percentage that was typed wrongly (更正进度).

    The unit's head within 3 working days, later the office. §2.
    """

    type = "tasks.correct_report"
    percent: Percent = Field(description="The right one, per cent, 0 to 100 (进度).")
    reason: Text = Field(min_length=2, max_length=2000, description="Why, for the units concerned (原因).")


class Complete(AssignmentCommand):
    """The unit's head says its part is done (报完成); at least one evidence."""

    type = "tasks.complete"
    text: Text = Field(min_length=5, max_length=4000, description="What was reached, in words (完成情况).")
    evidence: Evidence = Field(min_length=1, max_length=20)


class Verify(AssignmentCommand):
    """A second person confirms (核验): the lead unit, or for the lead's own part the first reviewer."""

    type = "tasks.verify"


class Rework(AssignmentCommand):
    """Back to work, with a reason (退回); the due date stays."""

    type = "tasks.rework"
    reason: Text = Field(min_length=2, max_length=2000, description="Why, for the units concerned (原因).")


class Close(AssignmentCommand):
    """Write off, by a third person, with a grade (销号)."""

    type = "tasks.close"
    grade: Grade = Grade.GOOD


class ChangeDue(AssignmentCommand):
    """Move the due date, with a cause (时限变更); the old ones stay on record."""

    type = "tasks.change_due"
    cause: DueChangeCause
    due: AwareDatetime = Field(lt=datetime(2100, 1, 1, tzinfo=UTC), description="The new one, with a zone (新时限).")
    reason: Text = Field(min_length=2, max_length=2000, description="Why, for the units concerned (原因).")
