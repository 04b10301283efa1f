"""A document (公文) as notices publishes it; its recipients' deliveries are aggregates of their own."""

from uuid import UUID

from pydantic import Field

from .envelope import ActorRole
from .offices import HEADS, Issued
from .region import Owner
from .terms import Light, NoticeCause, NoticeKind, NoticeState
from .units import UnitAddress
from .values import (
    AssignmentId,
    Frozen,
    Percent,
    PersonId,
    PolicyVersion,
    Sha256,
    TaskId,
    Title,
    UnitName,
    Version,
)
from .workdays import Moment


def signers(kind: NoticeKind) -> tuple[ActorRole, ...]:
    """Who signs a document of this kind for its issuer; an order is signed by a leader alone. R3"""
    return (ActorRole.LEADER,) if kind is NoticeKind.ORDER else HEADS


class Recipient(Frozen):
    """A unit that a document goes to (主送或抄送单位)."""

    unit: UnitAddress
    name: UnitName


class NoticeItem(Frozen):
    """One matter a document speaks of, as it stood when it was put in (公文所列事项)."""

    assignment_id: AssignmentId
    task_id: TaskId
    title: Title
    unit: UnitAddress = Field(description="The unit that has to do it (承办单位).")
    unit_name: UnitName
    light: Light
    reason: str = Field(description="Why it stands in the document, in words (事由).")
    due: Moment | None = Field(default=None, description="Its due moment; null without one (办结时限).")
    percent: Percent | None = Field(default=None, description="Accepted progress, per cent (进度).")
    cause: NoticeCause | None = Field(default=None, description="What raised it; a list holds several causes (事由).")
    occurrence: int = Field(default=1, description="Counts those of this kind and cause for this assignment (第几次).")


class Notice(Issued):
    """What may be known of a document without opening it (公文).

    The matters and the text stand in the events that set them.
    """

    notice_id: UUID = Field(description="Of the document, for life (公文编号).")
    version: Version
    owner: Owner
    kind: NoticeKind
    state: NoticeState = NoticeState.DRAFT
    title: str = Field(description="Of the document (公文标题).")
    cause: NoticeCause
    occurrence: int = Field(default=1, description="Counts those of this kind and cause (第几次).")
    policy_version: PolicyVersion = 1
    recipients: int = Field(default=0, description="How many units it goes to, copies not counted (主送单位数).")
    items: int = Field(default=0, description="How many matters it speaks of (事项数).")
    cites: str = Field(default="", description="Number of the document it follows; empty: none (引用文号).")
    reply_by: Moment | None = Field(default=None, description="By when an answer is due; null: none is (回复时限).")
    list_key: str = Field(
        default="", description="What it gathers: later matters of the same list join the draft (清单标识)."
    )
    send_at: Moment | None = Field(default=None, description="When it is signed and sent by itself (自动发送时间).")
    drafted_at: Moment = Field(description="UTC (起草时间).")
    drafted_by: PersonId = Field(default="", description="Id of the person; empty: drafted by itself (起草人).")
    number: str = Field(default="", description="Document number, taken at signing; empty before (文号).")
    series: str = Field(default="", description="The letters of its number, such as `晋政办督催` (机关代字).")
    year: int | None = Field(default=None, description="Year of its number (文号年份).")
    sequence: int | None = Field(default=None, description="Its place in series and year, without gaps (文号顺序).")
    digest: Sha256 | None = Field(default=None, description="SHA-256 of the content that was signed (内容摘要).")
    signed_at: Moment | None = Field(default=None, description="Null before (签发时间).")
    signed_by: PersonId = Field(default="", description="Id of the person who signed (签发人).")
    pdf: Sha256 | None = Field(
        default=None, description="SHA-256 of the stored document; a reprint is these bytes (公文文件)."
    )
    pages: int | None = Field(default=None, description="How many, once it is rendered (页数).")
    notes: tuple[str, ...] = Field(
        default=(), description="What a reader should know, such as a substituted font (排版说明)."
    )
    sent_at: Moment | None = Field(default=None, description="Null before (发送时间).")
    voided_at: Moment | None = Field(default=None, description="When it was withdrawn or voided (作废时间).")
    voided_by: PersonId = Field(default="", description="Id of the person who did (作废人).")
    void_reason: str = Field(default="", description="In words (作废原因).")
