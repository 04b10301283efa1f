"""What notices says: documents and their deliveries."""

from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.envelope import Address, Event, Frozen
from contracts.events.kinds import Percent, Sha256
from contracts.terms import (
    Light,
    NoticeCause,
    NoticeKind,
)


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
