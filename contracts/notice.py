"""A document (公文) as notices publishes it; its recipients' deliveries are aggregates of their own."""

from uuid import UUID

from pydantic import Field

from .envelope import ActorRole
from .offices import HEADS, Issued
from .region import Node
from .terms import Light, NoticeCause, NoticeKind, NoticeState
from .units import UnitAddress
from .values import Frozen, Percent, Sha256
from .workdays import Moment


def signers(kind: NoticeKind) -> tuple[ActorRole, ...]:
    """Who signs a document of this kind for its issuer; an order is signed by a leader alone. R3"""
    return (ActorRole.LEADER,) if kind is NoticeKind.ORDER else HEADS


class Recipient(Frozen):
    """A unit that a document goes to."""

    unit: UnitAddress
    name: str


class NoticeItem(Frozen):
    """One matter a document speaks of, as it stood when it was put in."""

    assignment_id: UUID
    task_id: UUID
    title: str
    unit: UnitAddress
    unit_name: str
    light: Light
    reason: str
    due: Moment | None = None
    percent: Percent | None = None
    cause: NoticeCause | None = Field(default=None, description="What raised it; a list holds several causes.")
    occurrence: int = Field(default=1, description="Counts those of this kind and cause for this assignment.")


class Notice(Issued):
    """What may be known of a document without opening it; the matters and the text stand in the events that set them.

    number, series, year, sequence: the document number, taken at signing. cites: the number of the document it
    follows. list_key: what it gathers; later matters of the same list join the draft. send_at: when it is signed and
    sent by itself. digest: of the content that was signed. notes: what a reader should know, such as a substituted
    font. signed_by, voided_by: person ids.
    """

    notice_id: UUID
    version: int
    owner: Node
    kind: NoticeKind
    state: NoticeState = NoticeState.DRAFT
    title: str
    cause: NoticeCause
    occurrence: int = 1
    policy_version: int = Field(default=1, description="Of the ladder.")
    recipients: int = Field(default=0, description="How many units it goes to, copies not counted.")
    items: int = Field(default=0, description="How many matters it speaks of.")
    cites: str = ""
    reply_by: Moment | None = None
    list_key: str = ""
    send_at: Moment | None = None
    drafted_at: Moment
    drafted_by: str = ""
    number: str = ""
    series: str = ""
    year: int | None = None
    sequence: int | None = None
    digest: Sha256 | None = None
    signed_at: Moment | None = None
    signed_by: str = ""
    pdf: Sha256 | None = Field(default=None, description="The stored document; a reprint is these bytes.")
    pages: int | None = None
    notes: tuple[str, ...] = ()
    sent_at: Moment | None = None
    voided_at: Moment | None = None
    voided_by: str = ""
    void_reason: str = ""
