"""One document on its way to one unit: sent, received, or withdrawn (R10)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from contracts.events.delivery import DeliveryReceived, DeliverySent, DeliveryWithdrawn
from services.notices.domain.notice import Notice


@dataclass(frozen=True, slots=True)
class Delivery:
    """A document as its recipient has it."""

    delivery_id: UUID
    notice_id: UUID
    number: str
    issuer: str
    owner: str
    unit: str
    unit_name: str
    version: int
    received_at: datetime | None = None
    received_by: str = ""
    withdrawn: bool = False

    def _said(self, now: datetime) -> dict[str, Any]:
        return {
            "time": now,
            "aggregate": f"delivery/{self.delivery_id}",
            "version": self.version + 1,
            "owner": self.owner,
            "address": self.unit,
            "audience": (self.unit, self.issuer),
            "delivery_id": self.delivery_id,
            "notice_id": self.notice_id,
            "unit": self.unit,
        }

    def received(self, actor: str, now: datetime) -> DeliveryReceived:
        """The unit signed for it."""
        return DeliveryReceived(**self._said(now), actor=actor)

    def withdraw(self, reason: str, now: datetime) -> DeliveryWithdrawn:
        """The number is void."""
        return DeliveryWithdrawn(**self._said(now), number=self.number, reason=reason)


def sent(notice: Notice, pdf: str, now: datetime) -> tuple[DeliverySent, ...]:
    """One delivery for each recipient and each copy; a unit that is both is a recipient."""
    units = {unit.unit: (unit.name, True) for unit in notice.copies}
    units |= {unit.unit: (unit.name, False) for unit in notice.recipients}
    return tuple(_sent(notice, pdf, now, unit, name, copy) for unit, (name, copy) in sorted(units.items()))


def _sent(notice: Notice, pdf: str, now: datetime, unit: str, name: str, copy: bool) -> DeliverySent:
    about = [item for item in notice.items if item.unit == unit] or notice.items
    fresh = Delivery(
        delivery_id=uuid5(notice.notice_id, unit),
        notice_id=notice.notice_id,
        number=notice.number,
        issuer=notice.issuer,
        owner=notice.owner,
        unit=unit,
        unit_name=name,
        version=0,
    )
    return DeliverySent(
        **fresh._said(now),
        kind=notice.kind,
        number=notice.number,
        title=notice.title,
        issuer=notice.issuer,
        issuer_name=notice.issuer_name,
        unit_name=name,
        copy_only=copy,
        items=tuple(about),
        pdf=pdf,
        reply_by=None if copy else notice.reply_by,
    )


def ids(deliveries: Iterable[DeliverySent]) -> tuple[UUID, ...]:
    """Their names, for `notice.sent`."""
    return tuple(delivery.delivery_id for delivery in deliveries)
