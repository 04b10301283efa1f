"""What the API takes and gives: additive only, unknown fields of a request refused."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts import commands
from contracts.envelope import Done
from contracts.notice import Recipient
from contracts.ranking import RankingRow
from contracts.terms import (
    AssignmentState,
    Board,
    Grade,
    Light,
    LightReason,
    NoticeKind,
    NoticeState,
    PeerGroup,
    ReportKind,
    Role,
    TaskState,
)
from contracts.values import Percent, Sha256, Text
from contracts.workdays import ClockKind, Weight


class Body(BaseModel):
    """Something asked for."""

    model_config = ConfigDict(extra="forbid")


class NewTask(Body):
    """A task to be registered and assigned (R8)."""

    number: Text = Field(default="", max_length=60, description="空：本台账的下一号")
    ledger: Text = Field(default="", max_length=120)
    title: Text = Field(min_length=2, max_length=300)
    board: Board
    weight: Weight = Weight.ORDINARY
    source: Text = Field(default="", max_length=200)
    lead_official: Text = Field(min_length=1, max_length=120, description="牵头领导")
    target: Text = Field(min_length=1, max_length=2000, description="可量化的目标")
    verification_form: Text = Field(min_length=1, max_length=500, description="成果检验形式")
    instruction: Text = Field(default="", max_length=4000)
    deadline_text: Text = Field(default="", max_length=60, description="如“11月底前”“7个工作日”；空则按类别")
    milestones: tuple[commands.WantedMilestone, ...] = Field(
        default=(), max_length=30, description="时间节点：名称、日期、分值，合计 100"
    )
    parts: tuple[commands.WantedPart, ...] = Field(min_length=1, max_length=3000)


class Acknowledgement(Body):
    """The unit has it."""

    responsible_person: Text = Field(default="", max_length=60)


class NewReport(Body):
    """Deployment or progress."""

    kind: ReportKind = ReportKind.PROGRESS
    percent: Percent | None = None
    text: Text = Field(min_length=5, max_length=4000)
    evidence: tuple[Sha256, ...] = Field(default=(), max_length=20, description="先经 POST /v1/evidence 上传")
    milestones: tuple[commands.MilestoneName, ...] = Field(default=(), max_length=30, description="这次达到的时间节点")
    responsible_person: Text = Field(default="", max_length=60)


class Completion(Body):
    """The part is done, with evidence."""

    text: Text = Field(min_length=5, max_length=4000)
    evidence: tuple[Sha256, ...] = Field(min_length=1, max_length=20)


class Closure(Body):
    """The verdict."""

    grade: Grade = Grade.GOOD


class Reason(Body):
    """Why."""

    reason: Text = Field(min_length=2, max_length=2000)


class MaybeReason(Body):
    """Why, where there is more to say."""

    reason: Text = Field(default="", max_length=2000)


class NewNotice(Body):
    """A document about assignments; with `sign`, signed and numbered in the same step."""

    kind: NoticeKind
    assignments: tuple[UUID, ...] = Field(min_length=1, max_length=500)
    recipients: tuple[Recipient, ...] = Field(default=(), max_length=500)
    copies: tuple[Recipient, ...] = Field(default=(), max_length=500)
    title: Text = Field(default="", max_length=120)
    paragraphs: tuple[commands.Paragraph, ...] = Field(default=(), max_length=40)
    cites: Text = Field(default="", max_length=80)
    reason: Text = Field(default="", max_length=500)
    sign: bool = False


class Granted(BaseModel):
    """What was done, and to what."""

    aggregate: str
    version: int
    settled: bool = Field(default=True, description="本平台的台账已反映；为假时稍后再读")
    detail: dict[str, Any] = {}


class Task(BaseModel):
    """A task on the ledger."""

    task_id: UUID
    number: str
    ledger: str
    title: str
    board: Board
    weight: Weight
    source: str
    lead_official: str
    target: str
    verification_form: str
    instruction: str
    deadline_text: str
    t0: datetime
    due: datetime | None
    issuer: str
    issuer_name: str
    lead: str
    lead_name: str
    state: TaskState
    percent: Decimal | None
    paused: bool = Field(description="暂停办理：时限停止计算，预警保持不变")
    light: Light
    reasons: list[LightReason]


class Clock(BaseModel):
    """A clock of one part (R1)."""

    kind: ClockKind
    due: datetime | None
    provisional: bool
    review: date | None
    met_at: datetime | None


class Milestone(BaseModel):
    """A dated step of a part's plan."""

    name: str
    due: datetime
    weight: int
    reached_at: datetime | None


class Assignment(BaseModel):
    """One unit's part."""

    assignment_id: UUID
    unit: str
    unit_name: str
    role: Role
    state: AssignmentState
    due: datetime | None
    original: datetime | None
    light: Light
    reasons: list[LightReason]
    percent: Decimal
    planned: Decimal | None
    responsible_person: str
    acknowledged_at: datetime | None
    submitted_at: datetime | None
    closed_at: datetime | None
    grade: Grade | None
    on_time: bool | None
    on_time_original: bool | None
    stopped_at: datetime | None = Field(description="从何时起时限停止计算：暂停或撤销")
    clocks: list[Clock] = []
    milestones: list[Milestone] = []


class WholeTask(Task):
    """A task with its parts and their clocks."""

    assignments: list[Assignment]


class Tasks(BaseModel):
    """One page of the ledger."""

    items: list[Task]
    next_cursor: str | None = None


class Notice(BaseModel):
    """A document."""

    notice_id: UUID
    kind: NoticeKind
    state: NoticeState
    number: str
    title: str
    issuer: str
    issuer_name: str
    cites: str
    reply_by: datetime | None
    drafted_at: datetime
    signed_at: datetime | None
    sent_at: datetime | None
    digest: str = Field(description="规范 JSON 内容的 SHA-256")
    pdf: str | None = Field(description="PDF 字节的 SHA-256；取回：/v1/notices/{id}.pdf")


class Notices(BaseModel):
    """One page of documents."""

    items: list[Notice]
    next_cursor: str | None = None


class RankingBoard(BaseModel):
    """One group's board of one month."""

    group: PeerGroup
    published: bool
    revision: int
    scheme_version: int
    as_of: datetime
    digest: str
    standings: list[RankingRow]


class Boards(BaseModel):
    """A month's boards."""

    period: str
    boards: list[RankingBoard]


class CloudEvent(BaseModel):
    """An event as CloudEvents 1.0 has it; `data` is as in /v1's schemas of events."""

    specversion: str = "1.0"
    id: UUID
    type: str
    source: str
    subject: str = Field(description="聚合：同一聚合的事件按 data.version 递增")
    time: datetime
    datacontenttype: str = "application/json"
    data: dict[str, Any]


class Events(BaseModel):
    """What was said, in order; go on with `next`, also where there was nothing."""

    events: list[CloudEvent]
    next: str


class Kept(BaseModel):
    """A file that was taken."""

    sha256: Sha256
    name: str
    media_type: str
    size: int


def told(answer: Done) -> Granted:
    """A granted answer."""
    detail = dict(answer.detail)
    settled = bool(detail.pop("settled", True))
    return Granted(aggregate=answer.aggregate, version=answer.version, settled=settled, detail=detail)


def row(found: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A row of the ledger for a shape to pick from."""
    return {**dict(found), **more}
