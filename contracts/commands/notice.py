"""What may be asked for with a document and its deliveries."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from ..envelope import Command
from ..terms import NoticeKind
from ..units import UnitAddress
from ..values import TEXT, Frozen, Name, OneLine, Text

Paragraph = Annotated[str, Field(max_length=4000), TEXT]


class RequestedRecipient(Frozen):
    """A unit that a document shall go to (主送或抄送单位); the register says what it is called."""

    unit: UnitAddress
    name: Name = Field(default="", max_length=120, description="Not needed: the register's is taken (单位名称).")


class DraftNotice(Command):
    """Draft a document about assignments (起草公文). R10."""

    type = "notices.draft"
    kind: NoticeKind
    assignments: tuple[UUID, ...] = Field(min_length=1, max_length=500, description="What it speaks of (交办件).")
    recipients: tuple[RequestedRecipient, ...] = Field(
        default=(), max_length=500, description="Default: the units concerned (主送单位)."
    )
    copies: tuple[RequestedRecipient, ...] = Field(
        default=(), max_length=500, description="For information (抄送单位)."
    )
    title: OneLine = Field(default="", max_length=120, description="Default: composed (公文标题).")
    paragraphs: tuple[Paragraph, ...] = Field(default=(), max_length=40, description="Default: composed (正文).")
    cites: OneLine = Field(default="", max_length=80, description="Number of the document it follows (引用文号).")
    reason: Text = Field(default="", max_length=500, description="Why by hand, in words (事由).")
    sign: bool = Field(default=False, description="Sign and number it in the same step (同时签发).")


class NoticeCommand(Command):
    """A command on one document (公文)."""

    notice_id: UUID = Field(description="The document (公文编号).")


class SignNotice(NoticeCommand):
    """Sign (签发): take the number, freeze the content; it is rendered and sent by itself."""

    type = "notices.sign"


class VoidNotice(NoticeCommand):
    """Withdraw a draft, or void a number on record (作废)."""

    type = "notices.void"
    reason: Text = Field(min_length=2, max_length=500, description="Why, in words (作废原因).")


class ReceiveNotice(Command):
    """A unit signs for a document (签收公文)."""

    type = "notices.receive"
    delivery_id: UUID = Field(description="Of `delivery.sent` (送达编号).")
