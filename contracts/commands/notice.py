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
    """A unit that a document shall go to; the register says what it is called."""

    unit: UnitAddress
    name: Name = Field(default="", max_length=120)


class DraftNotice(Command):
    """Draft a document about assignments; with `sign`, sign and number it in the same step. R10."""

    type = "notices.draft"
    kind: NoticeKind
    assignments: tuple[UUID, ...] = Field(min_length=1, max_length=500)
    recipients: tuple[RequestedRecipient, ...] = Field(
        default=(), max_length=500, description="Default: the units concerned."
    )
    copies: tuple[RequestedRecipient, ...] = Field(default=(), max_length=500)
    title: OneLine = Field(default="", max_length=120)
    paragraphs: tuple[Paragraph, ...] = Field(default=(), max_length=40)
    cites: OneLine = Field(default="", max_length=80)
    reason: Text = Field(default="", max_length=500)
    sign: bool = False


class NoticeCommand(Command):
    """A command on one document."""

    notice_id: UUID


class SignNotice(NoticeCommand):
    """Sign: take the number, freeze the content; it is rendered and sent by itself."""

    type = "notices.sign"


class VoidNotice(NoticeCommand):
    """Withdraw a draft, or void a number on record."""

    type = "notices.void"
    reason: Text = Field(min_length=2, max_length=500)


class ReceiveNotice(Command):
    """A unit signs for a document."""

    type = "notices.receive"
    delivery_id: UUID
