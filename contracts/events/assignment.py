"""What tasks emits of one unit's part in a task."""

from uuid import UUID

from pydantic import Field

from ..assignment import Assignment
from ..envelope import Event
from ..terms import DueChangeCause, ReportKind
from ..values import Percent, Sha256
from ..workdays import ClockKind, Moment


class AssignmentEvent(Event):
    """One unit's part after the event. Aggregate `assignment/<assignment_id>`, at the unit."""

    type = "assignment"
    assignment: Assignment
    actor: str = Field(description="The id of the person who did it.")

    @property
    def order_key(self) -> str:
        return f"task/{self.assignment.task_id}"


class AssignmentIssued(AssignmentEvent):
    """A unit is asked to do its part; every clock starts at `t0`. R1. These texts are told here alone."""

    type = "assignment.issued"
    lead_official: str = ""
    target: str = ""
    verification_form: str = ""
    instruction: str = ""


class AssignmentAcknowledged(AssignmentEvent):
    """The unit has it; the receipt clock stops."""

    type = "assignment.acknowledged"


class AssignmentReported(AssignmentEvent):
    """An accepted report."""

    type = "assignment.reported"
    report_id: UUID
    kind: ReportKind
    percent: Percent | None = None
    text: str = ""
    evidence: tuple[Sha256, ...] = ()
    submitted_at: Moment
    milestones: tuple[str, ...] = Field(default=(), description="The names of those reached by it.")


class AssignmentSubmitted(AssignmentEvent):
    """The unit says its part is done, with evidence; verification follows."""

    type = "assignment.submitted"
    text: str = ""
    evidence: tuple[Sha256, ...] = ()


class AssignmentVerified(AssignmentEvent):
    """A second person confirms the part."""

    type = "assignment.verified"


class AssignmentReworked(AssignmentEvent):
    """Sent back with a reason; the original due date is kept."""

    type = "assignment.reworked"
    reason: str


class AssignmentClosed(AssignmentEvent):
    """Written off by a third person."""

    type = "assignment.closed"


class AssignmentCorrected(AssignmentEvent):
    """A percentage typed wrongly is put right (§2); the reason stays on record."""

    type = "assignment.corrected"
    previous: Percent | None
    percent: Percent
    reason: str


class AssignmentDueChanged(AssignmentEvent):
    """The only way a due date moves; the original and every later date stay on record."""

    type = "assignment.due_changed"
    cause: DueChangeCause
    clock: ClockKind
    previous: Moment | None
    due: Moment | None
    reason: str = ""


class AssignmentSuspended(AssignmentEvent):
    """The task is suspended (暂停办理): every clock of the part stands still, its light stays, nobody may act on it."""

    type = "assignment.suspended"
    reason: str


class AssignmentResumed(AssignmentEvent):
    """Work goes on; the running clocks were moved just before by the working days lost."""

    type = "assignment.resumed"
    reason: str = ""


class AssignmentCancelled(AssignmentEvent):
    """The task is cancelled (撤销事项): the part ends here and counts nowhere."""

    type = "assignment.cancelled"
    reason: str
