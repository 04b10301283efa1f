"""What notices emits of a document."""

from typing import Annotated

from pydantic import Field

from ..envelope import Event
from ..notice import Notice, NoticeItem, Recipient
from ..values import PersonId

Recipients = Annotated[tuple[Recipient, ...], Field(description="Units that have to answer it (主送单位).")]
Copies = Annotated[tuple[Recipient, ...], Field(description="Units that get it for information (抄送单位).")]
Items = Annotated[tuple[NoticeItem, ...], Field(description="What it speaks of (事项).")]
Paragraphs = Annotated[tuple[str, ...], Field(description="Text by hand; empty: composed by the platform (正文).")]


class NoticeEvent(Event):
    """A document after the event (公文). Aggregate `notice/<notice_id>`, at its issuer. R3, R10."""

    type = "notice"
    notice: Notice
    actor: PersonId = Field(default="", description="Id of the person who did it; empty: by itself (操作人).")


class NoticeDrafted(NoticeEvent):
    """A document was drafted (起草), by a rule or by hand."""

    type = "notice.drafted"
    recipients: Recipients
    copies: Copies = ()
    items: Items = ()
    paragraphs: Paragraphs = ()


class NoticeAmended(NoticeEvent):
    """A draft has other matters, recipients or text (修改草稿): all of them, as they stand now."""

    type = "notice.amended"
    recipients: Recipients
    copies: Copies = ()
    items: Items = ()
    paragraphs: Paragraphs = ()


class NoticeSigned(NoticeEvent):
    """The number is taken and the content frozen (签发); the PDF follows."""

    type = "notice.signed"
    content: str = Field(description="What is rendered, JSON in a string; `digest` is its SHA-256 (公文内容).")


class NoticeRendered(NoticeEvent):
    """The PDF is stored (成文); a reprint is these bytes."""

    type = "notice.rendered"


class NoticeSent(NoticeEvent):
    """The document went to its recipients (发送); each has a delivery of its own."""

    type = "notice.sent"


class NoticeVoided(NoticeEvent):
    """A draft is withdrawn, or a number void on record (作废)."""

    type = "notice.voided"
