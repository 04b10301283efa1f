"""What notices emits of a document."""

from pydantic import Field

from ..envelope import Event
from ..notice import Notice, NoticeItem, Recipient


class NoticeEvent(Event):
    """A document after the event. Aggregate `notice/<notice_id>`, at its issuer. R3, R10."""

    type = "notice"
    notice: Notice
    actor: str = Field(default="", description="The id of the person who did it; empty: by itself.")


class NoticeDrafted(NoticeEvent):
    """A document was drafted, by the ladder or by hand."""

    type = "notice.drafted"
    recipients: tuple[Recipient, ...]
    copies: tuple[Recipient, ...] = ()
    items: tuple[NoticeItem, ...] = ()
    paragraphs: tuple[str, ...] = ()


class NoticeAmended(NoticeEvent):
    """A draft has other matters, recipients or text, before it was signed; all of them, as they stand now."""

    type = "notice.amended"
    recipients: tuple[Recipient, ...]
    copies: tuple[Recipient, ...] = ()
    items: tuple[NoticeItem, ...] = ()
    paragraphs: tuple[str, ...] = ()


class NoticeSigned(NoticeEvent):
    """The number is taken and the content frozen; the PDF follows."""

    type = "notice.signed"
    content: str = Field(description="The canonical JSON that is rendered.")


class NoticeRendered(NoticeEvent):
    """The PDF is stored; a reprint is these bytes."""

    type = "notice.rendered"


class NoticeSent(NoticeEvent):
    """The document went to its recipients; each has a delivery of its own."""

    type = "notice.sent"


class NoticeVoided(NoticeEvent):
    """A draft withdrawn, or a number void on record."""

    type = "notice.voided"
