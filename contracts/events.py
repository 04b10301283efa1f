"""Every event, in walking order: tasks, alerts, notices, ranking."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.envelope import Address, Event, Frozen
from contracts.terms import (
    AssignmentState,
    Board,
    DueChangeCause,
    Grade,
    Indicator,
    Light,
    LightReason,
    NoticeCause,
    NoticeKind,
    PeerGroup,
    ReportKind,
    Role,
    TaskState,
)
from contracts.workdays import CalendarDay, ClockKind, Deadline, Weight

Percent = Annotated[Decimal, Field(ge=0, le=100, decimal_places=2)]
"""Progress in per cent, 0 to 100, two places."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


# tasks: the register, the calendar, the policies


class UnitRegistered(Event):
    """A unit is on the register, or its entry changed. Aggregate `unit/<address>`, for all."""

    type = "unit.registered"
    unit: Address
    name: str
    short: str
    level: str
    kind: str
    parent: Address | None = None
    aliases: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    successor: Address | None = None


class CalendarRevised(Event):
    """The working days of one year, as published or as computed. Aggregate `calendar/<year>`, for all. R1."""

    type = "calendar.revised"
    year: int
    days: tuple[CalendarDay, ...]


class PolicyPublished(Event):
    """A numeric rule as it holds from `effective` on. Aggregate `policy/<service>.<name>`, for all."""

    type = "policy.published"
    service: str
    name: str
    policy_version: int
    effective: date
    author: str
    values: Mapping[str, object]


# tasks: a task and its parts


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
    """The state or the progress of a task, which follow from its parts, changed."""

    type = "task.advanced"
    task_id: UUID
    title: str
    previous: TaskState
    state: TaskState
    percent: Percent | None = None


class AssignmentEvent(Event):
    """What every event of one unit's part says of it. Aggregate `assignment/<assignment_id>`, at the unit."""

    type = "assignment"
    assignment_id: UUID
    task_id: UUID
    title: str
    unit: Address
    unit_name: str
    role: Role
    state: AssignmentState
    actor: str = Field(description="The person who did it.")


class AssignmentIssued(AssignmentEvent):
    """A unit is asked to do its part; every clock starts at `t0`. R1."""

    type = "assignment.issued"
    number: str
    board: Board
    weight: Weight
    lead: Address
    issuer: Address
    issuer_name: str
    lead_official: str = ""
    target: str = ""
    verification_form: str = ""
    instruction: str = ""
    t0: AwareDatetime
    deadline_text: str = ""
    clocks: tuple[Deadline, ...]
    due: AwareDatetime | None
    report_every: str = Field(default="month", description="`month`, or a number of working days such as `3wd`.")
    historical_before: AwareDatetime | None = None


class AssignmentAcknowledged(AssignmentEvent):
    """The unit has it; the receipt clock stops."""

    type = "assignment.acknowledged"
    responsible_person: str = ""


class AssignmentReported(AssignmentEvent):
    """An accepted report; staleness counts from `submitted_at`."""

    type = "assignment.reported"
    report_id: UUID
    kind: ReportKind
    percent: Percent | None = None
    text: str = ""
    evidence: tuple[Sha256, ...] = ()
    submitted_at: AwareDatetime
    increased: bool = Field(description="The accepted progress grew.")
    responsible_person: str = Field(default="", description="Named here where the acknowledgement named nobody.")


class AssignmentSubmitted(AssignmentEvent):
    """The unit says its part is done, with evidence; verification follows."""

    type = "assignment.submitted"
    text: str = ""
    evidence: tuple[Sha256, ...] = ()
    submitted_at: AwareDatetime
    on_time: bool | None = Field(description="By the due date in force; none where there is no due date.")
    on_time_original: bool | None = None


class AssignmentVerified(AssignmentEvent):
    """A second person confirms the part."""

    type = "assignment.verified"


class AssignmentReworked(AssignmentEvent):
    """Sent back with a reason; the original due date is kept."""

    type = "assignment.reworked"
    reason: str
    percent: Percent | None = Field(default=None, description="Accepted progress again as before the submission.")


class AssignmentClosed(AssignmentEvent):
    """Written off by a third person."""

    type = "assignment.closed"
    grade: Grade
    submitted_at: AwareDatetime
    on_time: bool | None
    on_time_original: bool | None = None


class AssignmentDueChanged(AssignmentEvent):
    """The only way a due date moves; the original and every later date stay on record."""

    type = "assignment.due_changed"
    cause: DueChangeCause
    clock: ClockKind
    previous: AwareDatetime | None
    due: AwareDatetime | None
    original: AwareDatetime | None
    provisional: bool = False
    policy_version: int
    reason: str = ""


# alerts


class LightChanged(Event):
    """A light turned by itself. Aggregate `light/<assignment_id>`, or `light/<task_id>` for a task. R2."""

    type = "light.changed"
    task_id: UUID
    assignment_id: UUID | None = Field(description="None where the light is the task's own: the worst of its parts.")
    title: str
    unit: Address
    unit_name: str = ""
    role: Role | None = None
    previous: Light
    light: Light
    reasons: tuple[LightReason, ...]
    since: AwareDatetime = Field(description="The moment from which the light holds.")
    next_change_at: AwareDatetime | None = Field(default=None, description="When time alone will next change it.")
    due: AwareDatetime | None = None
    percent: Percent | None = None
    planned: Percent | None = None
    issuer: Address
    historical: bool = Field(default=False, description="Raises no rung: it was so before the import.")
    policy_version: int


class ClockMissed(Event):
    """A clock ran out. Aggregate `clock/<assignment_id>`."""

    type = "clock.missed"
    assignment_id: UUID
    task_id: UUID
    title: str
    unit: Address
    unit_name: str
    role: Role
    clock: ClockKind
    due: AwareDatetime
    issuer: Address
    historical: bool = False


class ClockDueSoon(Event):
    """A badge, not a colour: 3 working days, 1 working day, or the day itself before the due date. R2."""

    type = "clock.due_soon"
    assignment_id: UUID
    task_id: UUID
    title: str
    unit: Address
    unit_name: str
    role: Role
    clock: ClockKind
    due: AwareDatetime
    days_left: int
    issuer: Address
    historical: bool = False


# notices


class Recipient(Frozen):
    """A unit that a document goes to."""

    unit: Address
    name: str


class NoticeItem(Frozen):
    """One matter a document speaks of."""

    assignment_id: UUID
    task_id: UUID
    title: str
    unit: Address
    unit_name: str
    light: Light
    reason: str
    due: AwareDatetime | None = None
    percent: Percent | None = None
    cause: NoticeCause | None = Field(default=None, description="What raised it; a list holds several causes.")
    occurrence: int = Field(default=1, description="Counts those of this kind and cause for this part.")


class NoticeDrafted(Event):
    """A document was drafted, by the ladder or by hand. Aggregate `notice/<notice_id>`, at its issuer. R3, R10."""

    type = "notice.drafted"
    notice_id: UUID
    kind: NoticeKind
    issuer: Address
    issuer_name: str
    recipients: tuple[Recipient, ...]
    copies: tuple[Recipient, ...] = ()
    title: str
    items: tuple[NoticeItem, ...] = ()
    paragraphs: tuple[str, ...] = ()
    cause: NoticeCause
    occurrence: int = 1
    cites: str = Field(default="", description="The number of the document it follows.")
    reply_by: AwareDatetime | None = None
    list_key: str = Field(default="", description="What it gathers: later matters of the same list join the draft.")
    send_at: AwareDatetime | None = Field(default=None, description="When it is signed and sent by itself.")
    policy_version: int = Field(default=1, description="Of the ladder.")
    actor: str


class NoticeAmended(Event):
    """A draft gained or changed its items before it was signed."""

    type = "notice.amended"
    notice_id: UUID
    title: str
    items: tuple[NoticeItem, ...]
    paragraphs: tuple[str, ...] = ()
    recipients: tuple[Recipient, ...] = Field(default=(), description="Empty: as before.")


class NoticeSigned(Event):
    """The number is taken and the content frozen; the PDF follows."""

    type = "notice.signed"
    notice_id: UUID
    kind: NoticeKind
    number: str
    series: str
    year: int
    sequence: int
    title: str
    content: str = Field(description="The canonical JSON that is rendered.")
    digest: Sha256
    reply_by: AwareDatetime | None = None
    policy_version: int = Field(default=1, description="Of the ladder.")
    actor: str


class NoticeRendered(Event):
    """The PDF is stored; a reprint is these bytes."""

    type = "notice.rendered"
    notice_id: UUID
    number: str
    pdf: Sha256
    pages: int
    notes: tuple[str, ...] = Field(default=(), description="What a reader should know, such as a substituted font.")


class NoticeSent(Event):
    """The document went to its recipients; each has a delivery of its own."""

    type = "notice.sent"
    notice_id: UUID
    number: str
    deliveries: tuple[UUID, ...]


class NoticeVoided(Event):
    """A draft withdrawn, or a number void on record."""

    type = "notice.voided"
    notice_id: UUID
    number: str = ""
    reason: str
    actor: str


class DeliverySent(Event):
    """A unit has a document to receive. Aggregate `delivery/<delivery_id>`, at the recipient. R6, R10."""

    type = "delivery.sent"
    delivery_id: UUID
    notice_id: UUID
    kind: NoticeKind
    number: str
    title: str
    issuer: Address
    issuer_name: str
    unit: Address
    unit_name: str
    copy_only: bool = False
    items: tuple[NoticeItem, ...] = ()
    pdf: Sha256
    reply_by: AwareDatetime | None = None


class DeliveryReceived(Event):
    """The unit signed for the document."""

    type = "delivery.received"
    delivery_id: UUID
    notice_id: UUID
    unit: Address
    actor: str


class DeliveryWithdrawn(Event):
    """The document is void: its recipient need not answer it."""

    type = "delivery.withdrawn"
    delivery_id: UUID
    notice_id: UUID
    unit: Address
    number: str
    reason: str


# ranking


class Cell(Frozen):
    """One indicator of one unit: `ratio = points x min(1, num/den)`; no denominator, not applicable. R4."""

    indicator: Indicator
    numerator: Decimal
    denominator: Decimal
    points: Decimal | None
    weight: Decimal


class Standing(Frozen):
    """One row of a board; equal scores share a rank. R5."""

    rank: int
    unit: Address
    name: str
    score: Decimal
    cells: tuple[Cell, ...]
    overdue: int
    on_time_original: Decimal | None = None
    notices: int = 0


class RankingComputed(Event):
    """The running month's board, for its issuer. Aggregate `ranking_draft/<period>.<group>`. R4, R5."""

    type = "ranking.computed"
    period: str = Field(pattern=r"^\d{4}-\d{2}$")
    group: PeerGroup
    scheme_version: int
    as_of: AwareDatetime
    standings: tuple[Standing, ...]
    digest: Sha256


class RankingPublished(Event):
    """A month's board, for all. Aggregate `ranking/<period>.<group>`; a recomputation is a new revision. R4, R5."""

    type = "ranking.published"
    period: str = Field(pattern=r"^\d{4}-\d{2}$")
    group: PeerGroup
    revision: int = 1
    scheme_version: int
    as_of: AwareDatetime
    standings: tuple[Standing, ...]
    digest: Sha256 = Field(description="SHA-256 of the canonical input; the same log gives the same digits.")
