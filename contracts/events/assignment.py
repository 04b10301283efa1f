"""What tasks emits of one unit's part in a task."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from ..assignment import Assignment, PendingRequest
from ..envelope import Event
from ..terms import DueChangeCause, ReportKind
from ..values import Evidence, Percent, PersonId
from ..workdays import ClockKind, Moment

Reason = Annotated[str, Field(description="Why, in words (原因).")]


class AssignmentEvent(Event):
    """One unit's part after the event (交办件). Aggregate `assignment/<assignment_id>`, at the unit."""

    type = "assignment"
    assignment: Assignment
    actor: PersonId = Field(description="Id of the person who did it (操作人).")

    @property
    def order_key(self) -> str:
        return f"task/{self.assignment.task_id}"


class AssignmentIssued(AssignmentEvent):
    """A unit is asked to do its part (交办); every clock starts at `t0`. R1. Its texts stand in this event alone."""

    type = "assignment.issued"
    lead_official: str = Field(default="", description="The leading official as written (牵头领导).")
    target: str = Field(default="", description="What must be reached, measurable (工作目标).")
    verification_form: str = Field(default="", description="How the result is checked (成果检验形式).")
    instruction: str = Field(default="", description="What else the unit is told (办理要求).")


class AssignmentAcknowledged(AssignmentEvent):
    """The unit has it (签收)."""

    type = "assignment.acknowledged"


class AssignmentReported(AssignmentEvent):
    """A report is accepted (报送进展)."""

    type = "assignment.reported"
    report_id: UUID = Field(description="Of the report: the id of the command (报送编号).")
    kind: ReportKind
    percent: Percent | None = Field(default=None, description="Stated by it, per cent; null: not stated (进度).")
    text: str = Field(default="", description="What was done, in words (进展情况).")
    evidence: Evidence = ()
    submitted_at: Moment = Field(
        description="When it was submitted; of an imported one as the sheet says, UTC (报送时间)."
    )
    milestones: tuple[str, ...] = Field(default=(), description="Names of those reached by it (完成的时间节点).")


class AssignmentSubmitted(AssignmentEvent):
    """The unit says its part is done (报完成), with evidence; verification follows."""

    type = "assignment.submitted"
    text: str = Field(default="", description="What was reached, in words (完成情况).")
    evidence: Evidence = ()


class AssignmentVerified(AssignmentEvent):
    """A second person confirms the part (核验)."""

    type = "assignment.verified"


class AssignmentReworked(AssignmentEvent):
    """Sent back with a reason (退回); the original due date is kept."""

    type = "assignment.reworked"
    reason: Reason


class AssignmentClosed(AssignmentEvent):
    """Written off by a third person (销号)."""

    type = "assignment.closed"


class AssignmentCorrected(AssignmentEvent):
    """A percentage typed wrongly is put right (更正进度); the reason stays on record. §2."""

    type = "assignment.corrected"
    previous: Percent | None = Field(description="Per cent before (更正前进度).")
    percent: Percent = Field(description="Per cent from now on (更正后进度).")
    reason: Reason


class AssignmentDueChanged(AssignmentEvent):
    """A due date moved (时限变更), which happens in no other way; the original and all later dates stay on record."""

    type = "assignment.due_changed"
    cause: DueChangeCause
    clock: ClockKind
    previous: Moment | None = Field(description="The due moment before (原时限).")
    due: Moment | None = Field(description="The due moment from now on (新时限).")
    reason: Reason = ""


class AssignmentRequested(AssignmentEvent):
    """Something is asked of the issuing office (提出申请): `assignment.request` says what."""

    type = "assignment.requested"


class AssignmentRequestWithdrawn(AssignmentEvent):
    """Who asked took it back (撤回申请)."""

    type = "assignment.request_withdrawn"
    request: PendingRequest


class AssignmentRequestRefused(AssignmentEvent):
    """The office refused it (不同意申请); every due date stays. A granted one shows in what it changed."""

    type = "assignment.request_refused"
    request: PendingRequest
    reason: Reason


class AssignmentReturned(AssignmentEvent):
    """Another unit has the matter from now on (退回、改派): this part ends here and counts nowhere."""

    type = "assignment.returned"
    request: PendingRequest
    successor: UUID = Field(description="The assignment that takes its place (接办的交办件).")
    successor_name: str = Field(description="Name of the unit that has it now (接办单位).")
    reason: Reason = ""


class AssignmentLeadChanged(AssignmentEvent):
    """Another unit leads the task from now on (牵头单位变更), and verifies this part."""

    type = "assignment.lead_changed"
    lead_name: str = Field(description="Name of the unit that leads now (牵头单位).")


class AssignmentSuspended(AssignmentEvent):
    """The task is suspended (暂停办理): every clock of the part stands still, its light stays, nobody may act on it."""

    type = "assignment.suspended"
    reason: Reason


class AssignmentResumed(AssignmentEvent):
    """Work goes on (恢复办理); the running clocks were moved just before by the working days lost."""

    type = "assignment.resumed"
    reason: Reason = ""


class AssignmentCancelled(AssignmentEvent):
    """The task is cancelled (撤销事项): the part ends here and counts nowhere."""

    type = "assignment.cancelled"
    reason: Reason
