"""What tasks says of a task and of each unit's part in it."""

from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.assignment import Assignment, Milestone
from contracts.envelope import Address, Event, Frozen
from contracts.events.kinds import Percent, Sha256
from contracts.terms import Board, DueChangeCause, ReportKind, Role, TaskState
from contracts.workdays import ClockKind, Deadline, Weight


class Part(Frozen):
    """One unit's part in a task."""

    assignment_id: UUID
    unit: Address
    name: str
    role: Role


class TaskRegistered(Event):
    """A task is on the ledger and assigned. Aggregate `task/<task_id>`, at its issuer."""

    type = "task.registered"
    task_id: UUID
    number: str = Field(description="The office's own number, unique within its ledger.")
    ledger: str
    title: str
    board: Board
    weight: Weight
    source: str = ""
    lead_official: str = ""
    lead_post: UUID | None = Field(default=None, description="The post the lead official holds, where it is known.")
    target: str = ""
    verification_form: str = ""
    instruction: str = ""
    t0: AwareDatetime
    deadline_text: str = ""
    deadline: Deadline
    parts: tuple[Part, ...]
    issuer: Address
    issuer_name: str
    actor: str
    historical_before: AwareDatetime | None = None


class TaskAdvanced(Event):
    """The state or the progress of a task, or whether it is suspended, which follow from its parts, changed."""

    type = "task.advanced"
    task_id: UUID
    title: str
    previous: TaskState
    state: TaskState
    percent: Percent | None = None
    paused: bool = Field(default=False, description="Suspended: it keeps its light and counts in no rate.")


class AssignmentEvent(Event):
    """One unit's part after the event. Aggregate `assignment/<assignment_id>`, at the unit."""

    type = "assignment"
    assignment: Assignment
    actor: str = Field(description="The person who did it.")


class AssignmentIssued(AssignmentEvent):
    """A unit is asked to do its part; every clock starts at `t0`. R1. The texts are not in the state: they stay."""

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
    submitted_at: AwareDatetime
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


class AssignmentDueChanged(AssignmentEvent):
    """The only way a due date moves; the original and every later date stay on record."""

    type = "assignment.due_changed"
    cause: DueChangeCause
    clock: ClockKind
    previous: AwareDatetime | None
    due: AwareDatetime | None
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
