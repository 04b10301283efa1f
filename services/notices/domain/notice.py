"""One document from draft to void: its state, and every event that moves it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self
from uuid import NAMESPACE_URL, UUID, uuid5

from contracts.envelope import Event
from contracts.events.notice import NoticeAmended, NoticeDrafted, NoticeRendered, NoticeSent, NoticeSigned, NoticeVoided
from contracts.notice import NoticeItem, Recipient
from contracts.terms import NoticeCause, NoticeKind, NoticeState
from services.notices.documents.content import Document, canonical, digest
from services.notices.domain.letterhead import DocNumber

BY_ITSELF = "system"
"""Who acts where time itself does."""
NAMESPACE = uuid5(NAMESPACE_URL, "duban:notices")
LARGEST = 200_000
"""Bytes that one event may take; the stream's own limit is 256 KiB."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A document as it stands; version 0, not yet said. `list_key` is what it gathers, `send_at` when it goes out."""

    notice_id: UUID
    kind: NoticeKind
    issuer: str
    issuer_name: str
    owner: str
    title: str
    items: tuple[NoticeItem, ...]
    recipients: tuple[Recipient, ...]
    copies: tuple[Recipient, ...] = ()
    paragraphs: tuple[str, ...] = ()
    cause: NoticeCause = NoticeCause.BY_HAND
    occurrence: int = 1
    cites: str = ""
    list_key: str = ""
    send_at: datetime | None = None
    version: int = 0
    state: NoticeState = NoticeState.DRAFT
    number: str = ""
    reply_by: datetime | None = None
    policy_version: int = 1

    @property
    def draft(self) -> bool:
        """Not signed yet, and not withdrawn."""
        return self.state is NoticeState.DRAFT

    def said_so_far(self, version: int) -> Self:
        """The same, after so many events."""
        return replace(self, version=version)

    def with_items(self, items: Iterable[NoticeItem], title: str) -> Self:
        """The same list with other matters; by itself it goes to exactly the units they concern."""
        kept = tuple(items)
        return replace(self, items=kept, title=title, recipients=recipients_of(kept) or self.recipients)

    def _said(self, now: datetime, after: int = 1) -> dict[str, Any]:
        return {
            "time": now,
            "aggregate": f"notice/{self.notice_id}",
            "version": self.version + after,
            "owner": self.owner,
            "address": self.issuer,
            "audience": (self.issuer,),
            "notice_id": self.notice_id,
        }

    def drafted(self, actor: str, now: datetime) -> NoticeDrafted:
        """A new document."""
        return NoticeDrafted(
            **self._said(now),
            kind=self.kind,
            issuer=self.issuer,
            issuer_name=self.issuer_name,
            recipients=self.recipients,
            copies=self.copies,
            title=self.title,
            items=self.items,
            paragraphs=self.paragraphs,
            cause=self.cause,
            occurrence=self.occurrence,
            cites=self.cites,
            list_key=self.list_key,
            send_at=self.send_at,
            policy_version=self.policy_version,
            actor=actor,
        )

    def amended(self, now: datetime) -> NoticeAmended:
        """The draft says something else."""
        said = self._said(now)
        said |= {"title": self.title, "items": self.items, "recipients": self.recipients}
        return NoticeAmended(**said, paragraphs=self.paragraphs)

    def signed(
        self, number: DocNumber, document: Document, reply_by: datetime, actor: str, now: datetime
    ) -> NoticeSigned:
        """The number taken and the content frozen: `document` already carries the number."""
        return NoticeSigned(
            **self._said(now),
            kind=self.kind,
            number=str(number),
            series=number.series,
            year=number.year,
            sequence=number.sequence,
            title=self.title,
            content=canonical(document).decode(),
            digest=digest(document),
            reply_by=reply_by,
            policy_version=self.policy_version,
            actor=actor,
        )

    def rendered(self, pdf: str, pages: int, notes: tuple[str, ...], now: datetime) -> NoticeRendered:
        """The bytes are kept."""
        return NoticeRendered(**self._said(now), number=self.number, pdf=pdf, pages=pages, notes=notes)

    def sent(self, deliveries: tuple[UUID, ...], now: datetime) -> NoticeSent:
        """On its way, right after it was rendered."""
        return NoticeSent(**self._said(now, after=2), number=self.number, deliveries=deliveries)

    def voided(self, reason: str, actor: str, now: datetime) -> NoticeVoided:
        """A draft withdrawn, or a number void on record."""
        return NoticeVoided(**self._said(now), number=self.number, reason=reason, actor=actor)


def recipients_of(items: Iterable[NoticeItem]) -> tuple[Recipient, ...]:
    """The units that matters concern, each once, in their order."""
    return tuple(Recipient(unit=unit, name=name) for unit, name in {i.unit: i.unit_name for i in items}.items())


def notice_id_of(*key: object) -> UUID:
    """The same key always names the same document, so nothing is drafted twice."""
    return uuid5(NAMESPACE, "/".join(map(str, key)))


def too_large(event: Event) -> bool:
    """More than the stream would take."""
    return len(event.model_dump_json().encode()) > LARGEST
