"""One document from draft to void: its state with what it says, and every event that moves it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self
from uuid import NAMESPACE_URL, UUID, uuid5

from contracts.envelope import Event
from contracts.events.notice import NoticeAmended, NoticeDrafted, NoticeRendered, NoticeSent, NoticeSigned, NoticeVoided
from contracts.notice import Notice, NoticeItem, Recipient
from contracts.terms import NoticeState
from services.notices.documents.domain.content import Document, canonical, digest
from services.notices.numbers.domain import DocNumber

BY_ITSELF = ""
"""The actor where time itself acts."""
NAMESPACE = uuid5(NAMESPACE_URL, "duban:notices")
LARGEST = 200_000
"""Bytes that one event may take; the stream's own limit is 256 KiB."""


@dataclass(frozen=True, slots=True)
class FullNotice:
    """A document, and what its published state leaves out: matters, recipients, its own paragraphs.

    trace: the traceparent of the span that drafted, amended or signed it last.
    """

    notice: Notice
    items: tuple[NoticeItem, ...]
    recipients: tuple[Recipient, ...]
    copies: tuple[Recipient, ...] = ()
    paragraphs: tuple[str, ...] = ()
    trace: str = ""

    def with_items(self, items: Iterable[NoticeItem], title: str) -> Self:
        """The same list with other matters; it goes to exactly the units they concern."""
        kept = tuple(items)
        notice = self.notice.model_copy(update={"title": title})
        return replace(self, notice=notice, items=kept, recipients=recipients_of(kept) or self.recipients)

    def drafted(self) -> NoticeDrafted:
        """A new document, at the moment its state gives."""
        return NoticeDrafted(**self._with_words(self.notice, self.notice.drafted_at, self.notice.drafted_by))

    def amended(self, now: datetime) -> NoticeAmended:
        """Other matters or recipients."""
        return NoticeAmended(**self._with_words(evolve(self.notice), now, BY_ITSELF))

    def _with_words(self, notice: Notice, now: datetime, actor: str) -> dict[str, Any]:
        counted = notice.model_copy(update={"recipients": len(self.recipients), "items": len(self.items)})
        words = {"recipients": self.recipients, "copies": self.copies, "items": self.items}
        return _carrying(counted, now, actor) | words | {"paragraphs": self.paragraphs}


def evolve(notice: Notice, **after: object) -> Notice:
    """The state after one more event."""
    return notice.model_copy(update=after | {"version": notice.version + 1})


def _carrying(notice: Notice, now: datetime, actor: str = BY_ITSELF) -> dict[str, Any]:
    """What every event of a document holds; its recipients learn of it by their deliveries."""
    return {
        "time": now,
        "aggregate": f"notice/{notice.notice_id}",
        "version": notice.version,
        "owner": notice.owner,
        "address": notice.issuer,
        "audience": (notice.issuer,),
        "notice": notice,
        "actor": actor,
    }


def draft(notice: Notice) -> bool:
    """Neither signed nor withdrawn."""
    return notice.state is NoticeState.DRAFT


def signed(
    notice: Notice, number: DocNumber, document: Document, actor: str, now: datetime, **terms: object
) -> NoticeSigned:
    """The number taken and the content frozen: `document` carries the number; `terms`: reply_by, cites, policy."""
    after = evolve(
        notice,
        state=NoticeState.SIGNED,
        number=str(number),
        series=number.series,
        year=number.year,
        sequence=number.sequence,
        digest=digest(document),
        signed_at=now,
        signed_by=actor,
        **terms,
    )
    return NoticeSigned(**_carrying(after, now, actor), content=canonical(document).decode())


def rendered(notice: Notice, pdf: str, pages: int, notes: tuple[str, ...], now: datetime) -> NoticeRendered:
    """The bytes are stored under their hash `pdf`."""
    return NoticeRendered(**_carrying(evolve(notice, pdf=pdf, pages=pages, notes=notes), now))


def sent(notice: Notice, now: datetime) -> NoticeSent:
    """On its way, right after it was rendered."""
    return NoticeSent(**_carrying(evolve(notice, state=NoticeState.SENT, sent_at=now), now))


def voided(notice: Notice, reason: str, actor: str, now: datetime) -> NoticeVoided:
    """A draft withdrawn, or a number void on record."""
    state = NoticeState.VOID if notice.number else NoticeState.WITHDRAWN
    after = evolve(notice, state=state, voided_at=now, voided_by=actor, void_reason=reason)
    return NoticeVoided(**_carrying(after, now, actor))


def recipients_of(items: Iterable[NoticeItem]) -> tuple[Recipient, ...]:
    """The units that matters concern, each once, in their order."""
    return tuple(Recipient(unit=unit, name=name) for unit, name in {i.unit: i.unit_name for i in items}.items())


def notice_id_of(*key: object) -> UUID:
    """The same key always names the same document, so nothing is drafted twice."""
    return uuid5(NAMESPACE, "/".join(map(str, key)))


def too_large(event: Event) -> bool:
    """More than the stream would take."""
    return len(event.model_dump_json().encode()) > LARGEST
