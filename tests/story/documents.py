"""Documents about assignments of a story, for the readers after notices."""

from dataclasses import dataclass, field
from typing import Any

from contracts.assignment import Assignment
from contracts.delivery import Delivery
from contracts.envelope import Event
from contracts.events.delivery import DeliveryReceived, DeliverySent, DeliveryWithdrawn
from contracts.events.notice import NoticeDrafted, NoticeRendered, NoticeSent, NoticeSigned, NoticeVoided
from contracts.notice import Notice, NoticeItem, Recipient
from contracts.terms import DeliveryState, Light, NoticeCause, NoticeKind, NoticeState
from tests.story.province import clerk, register, supervisor
from tests.story.story import Story

DIGEST, PDF = "c" * 64, "d" * 64


@dataclass
class Document:
    """One document of the story from its draft on; every step returns its events."""

    story: Story
    notice: Notice
    items: tuple[NoticeItem, ...]
    recipients: tuple[Recipient, ...]
    deliveries: list[Delivery] = field(default_factory=list)

    def _event(self, kind: type[Any], **fields: Any) -> Event:
        return kind(
            time=self.story.now, aggregate=f"notice/{self.notice.notice_id}", version=self.notice.version,
            owner=self.story.node, address=self.notice.issuer, audience=(self.notice.issuer,), notice=self.notice,
            **fields,
        )  # fmt: skip

    def _evolve(self, **changes: Any) -> None:
        self.notice = self.notice.model_copy(update={"version": self.notice.version + 1, **changes})

    def _delivery(self, kind: type[Any], delivery: Delivery, **fields: Any) -> Event:
        audience = {delivery.issuer, delivery.unit, *register().offices_over(delivery.unit)}
        return kind(
            time=self.story.now, aggregate=f"delivery/{delivery.delivery_id}", version=delivery.version,
            owner=self.story.node, address=delivery.unit, audience=tuple(sorted(audience)),
            delivery=delivery, **fields,
        )  # fmt: skip

    def drafted(self) -> list[Event]:
        content = {"recipients": self.recipients, "items": self.items}
        return self.story.tell([self._event(NoticeDrafted, actor=self.notice.drafted_by, **content)])

    def sign(self, number: str = "晋政办督〔2026〕1号") -> list[Event]:
        """Signed, numbered, rendered and sent, all at once."""
        story, by = self.story, supervisor(self.notice.issuer).person
        events: list[Event] = []
        self._evolve(
            state=NoticeState.SIGNED, number=number, series="督", year=2026, sequence=1, digest=DIGEST,
            signed_at=story.now, signed_by=by,
        )  # fmt: skip
        events.append(self._event(NoticeSigned, content="{}", actor=by))
        self._evolve(pdf=PDF, pages=1)
        events.append(self._event(NoticeRendered))
        self._evolve(state=NoticeState.SENT, sent_at=story.now)
        events.append(self._event(NoticeSent))
        for recipient in self.recipients:
            delivery = self._sent(recipient)
            own = tuple(item for item in self.items if item.unit == recipient.unit)
            events.append(self._delivery(DeliverySent, delivery, items=own))
        return story.tell(events)

    def _sent(self, recipient: Recipient) -> Delivery:
        notice = self.notice
        issued = {"issuer": notice.issuer, "issuer_name": notice.issuer_name, "leadership": notice.leadership}
        delivery = Delivery(
            delivery_id=self.story.id(), version=1, owner=self.story.node, notice_id=notice.notice_id,
            kind=notice.kind, number=notice.number, title=notice.title, unit=recipient.unit,
            unit_name=recipient.name, pdf=PDF, reply_by=notice.reply_by, sent_at=self.story.now, **issued,
        )  # fmt: skip
        self.deliveries.append(delivery)
        return delivery

    def receive(self, unit: str) -> list[Event]:
        """A unit signs for it."""
        return self._deliver(unit, DeliveryReceived, state=DeliveryState.RECEIVED, received_at=self.story.now,
                             received_by=clerk(unit).person)  # fmt: skip

    def void(self, reason: str = "文号有误") -> list[Event]:
        """Withdrawn, with every delivery."""
        by = supervisor(self.notice.issuer).person
        sent = self.notice.state is not NoticeState.DRAFT
        state = NoticeState.VOID if sent else NoticeState.WITHDRAWN
        self._evolve(state=state, voided_at=self.story.now, voided_by=by, void_reason=reason)
        events = self.story.tell([self._event(NoticeVoided, actor=by)])
        for delivery in self.deliveries:
            events += self._deliver(delivery.unit, DeliveryWithdrawn, state=DeliveryState.WITHDRAWN,
                                    withdrawn_at=self.story.now, withdraw_reason=reason)  # fmt: skip
        return events

    def _deliver(self, unit: str, kind: type[Any], **changes: Any) -> list[Event]:
        place = next(n for n, delivery in enumerate(self.deliveries) if delivery.unit == unit)
        before = self.deliveries[place]
        self.deliveries[place] = before.model_copy(update={"version": before.version + 1, **changes})
        return self.story.tell([self._delivery(kind, self.deliveries[place], actor=changes.get("received_by", ""))])


def draft(
    story: Story,
    *parts: Assignment,
    kind: NoticeKind = NoticeKind.URGING,
    cause: NoticeCause = NoticeCause.OVERDUE,
    title: str = "",
    light: Light = Light.OVERDUE,
) -> Document:
    """A document about these assignments is drafted, for their units."""
    first = parts[0]
    recipients = tuple({p.unit: Recipient(unit=p.unit, name=p.unit_name) for p in parts}.values())
    items = tuple(
        NoticeItem(assignment_id=p.assignment_id, task_id=p.task_id, title=p.title, unit=p.unit,
                   unit_name=p.unit_name, light=light, reason="逾期未办结", due=p.due, percent=p.percent, cause=cause)
        for p in parts
    )  # fmt: skip
    notice = Notice(
        notice_id=story.id(), version=1, owner=story.node, kind=kind, title=title or f"关于{first.title}的催办单",
        cause=cause, recipients=len(recipients), items=len(items), drafted_at=story.now, drafted_by="",
        issuer=first.issuer, issuer_name=first.issuer_name, leadership=first.leadership,
    )  # fmt: skip
    document = Document(story, notice, items, recipients)
    document.drafted()
    return document
