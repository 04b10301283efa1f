"""What may be asked for with one unit's part in a task."""

from datetime import date
from typing import Annotated

from pydantic import Field

from ..envelope import Command
from ..terms import Grade, ReportKind
from ..values import NAME, ONE_LINE, AssignmentId, Evidence, OneLine, Percent, RequestedUnit, Text

Reason = Annotated[Text, Field(min_length=2, max_length=2000, description="Why, for the units concerned (原因).")]
Plan = Annotated[Text, Field(max_length=4000, description="How it will be solved until then (办理方案).")]
Day = Annotated[date, Field(lt=date(2100, 1, 1), description="It ends at close of business of this day (申请的时限).")]
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
    reason: Reason


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
    reason: Reason


class Close(AssignmentCommand):
    """Write off, by a third person, with a grade (销号)."""

    type = "tasks.close"
    grade: Grade = Grade.GOOD


class RequestReturn(AssignmentCommand):
    """The unit's head says that the matter is not the unit's (申请退回); once, within 1 working day. §2."""

    type = "tasks.request_return"
    reason: Reason
    unit: Annotated[
        str, Field(max_length=200, description="Which unit should have it: address or name (建议单位)."), NAME
    ] = ""


class RequestExtension(AssignmentCommand):
    """The unit's head, or an inspector of the office, asks for a later date (申请延期), before the due date. §2."""

    type = "tasks.request_extension"
    due: Day
    reason: Reason
    plan: Plan = Field(min_length=5)


class ProposePlan(AssignmentCommand):
    """What cannot be solved in time gets a plan with a date (报送解决方案). X2."""

    type = "tasks.propose_plan"
    due: Day
    plan: Plan = Field(min_length=5)
    reason: Reason


class RequestReclassification(AssignmentCommand):
    """An ordinary matter turns out to be a major one (申请转为重大事项): a month in place of seven days. R1."""

    type = "tasks.request_reclassification"
    reason: Reason


class ProposeReassignment(AssignmentCommand):
    """An inspector of the office proposes another unit (提出改派)."""

    type = "tasks.propose_reassignment"
    unit: RequestedUnit
    reason: Reason


class WithdrawRequest(AssignmentCommand):
    """Who asked takes the request back (撤回申请)."""

    type = "tasks.withdraw_request"


class DecideRequest(AssignmentCommand):
    """The head of the issuing office grants a request or refuses it (审批申请). §2."""

    type = "tasks.decide_request"
    approved: bool = Field(description="Granted, or refused (是否同意).")
    reason: Text = Field(default="", max_length=2000, description="Needed where it is refused (审批意见).")
    due: Day | None = Field(default=None, description="Another date than the one asked for (批准的时限).")
    unit: Annotated[str, Field(max_length=200, description="Another unit than the one proposed (改派单位)."), NAME] = ""
