"""One document on its way to one unit: sent, received, or withdrawn (R10)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid5

from contracts.delivery import Delivery
from contracts.envelope import UNIT_SIDE, Actor
from contracts.events.delivery import DeliveryReceived, DeliverySent, DeliveryWithdrawn
from contracts.notice import Notice, NoticeItem, Recipient
from contracts.refusals import Refused
from contracts.terms import DeliveryState
from contracts.workdays import ZONE
from services.notices.refusals import Code, refuse

Overseers = Mapping[str, Sequence[str]]
"""The offices that oversee each unit."""


def send(
    notice: Notice,
    recipients: Sequence[Recipient],
    copies: Sequence[Recipient],
    items: Sequence[NoticeItem],
    over: Overseers,
) -> tuple[DeliverySent, ...]:
    """One delivery for each recipient and each copy of a notice that is just sent; a unit that is both is a recipient.

    items: the matters of the document; a unit gets those that concern it, a unit that none concerns gets all.
    over: the offices that oversee each unit; they see what it gets (§1b).
    """
    units = {unit.unit: (unit, True) for unit in copies} | {unit.unit: (unit, False) for unit in recipients}
    deliveries = (_sent(notice, unit, copy) for _, (unit, copy) in sorted(units.items()))
    return tuple(
        DeliverySent(**_carrying(delivery, over, delivery.sent_at), items=_concerning(items, delivery.unit))
        for delivery in deliveries
    )


def _concerning(items: Sequence[NoticeItem], unit: str) -> tuple[NoticeItem, ...]:
    return tuple(item for item in items if item.unit == unit) or tuple(items)


def _sent(notice: Notice, recipient: Recipient, copy: bool) -> Delivery:
    assert notice.pdf and notice.sent_at, "rendered, and sent at a moment"
    return Delivery(
        delivery_id=uuid5(notice.notice_id, recipient.unit),
        version=1,
        owner=notice.owner,
        issuer=notice.issuer,
        issuer_name=notice.issuer_name,
        leadership=notice.leadership,
        notice_id=notice.notice_id,
        kind=notice.kind,
        number=notice.number,
        title=notice.title,
        unit=recipient.unit,
        unit_name=recipient.name,
        copy_only=copy,
        pdf=notice.pdf,
        reply_by=None if copy else notice.reply_by,
        sent_at=notice.sent_at,
    )


def _carrying(delivery: Delivery, over: Overseers, now: datetime, actor: str = "") -> dict[str, Any]:
    """What every event of a delivery holds."""
    return {
        "time": now,
        "aggregate": f"delivery/{delivery.delivery_id}",
        "version": delivery.version,
        "owner": delivery.owner,
        "address": delivery.unit,
        "audience": tuple(sorted({delivery.unit, delivery.issuer, *over.get(delivery.unit, ())})),
        "delivery": delivery,
        "actor": actor,
    }


def receive(delivery: Delivery, over: Overseers, actor: str, now: datetime) -> DeliveryReceived:
    """The unit signs for it."""
    after = {"state": DeliveryState.RECEIVED, "received_at": now, "received_by": actor}
    return DeliveryReceived(**_carrying(_evolved(delivery, after), over, now, actor))


def withdraw(delivery: Delivery, over: Overseers, reason: str, actor: str, now: datetime) -> DeliveryWithdrawn:
    """The number is void; a receipt stays on record."""
    after = {"state": DeliveryState.WITHDRAWN, "withdrawn_at": now, "withdraw_reason": reason}
    return DeliveryWithdrawn(**_carrying(_evolved(delivery, after), over, now, actor))


def _evolved(delivery: Delivery, after: dict[str, Any]) -> Delivery:
    return delivery.model_copy(update=after | {"version": delivery.version + 1})


def not_receiver(actor: Actor, delivery: Delivery) -> Refused | None:
    """A document is received by its own unit."""
    if actor.unit == delivery.unit and actor.may(*UNIT_SIDE):
        return None
    return refuse(Code.FORBIDDEN, f"只有{delivery.unit_name}的经办人或负责人可以签收", "/actor")


def not_receivable(delivery: Delivery) -> Refused | None:
    """A document is received once, while it holds."""
    if delivery.withdrawn_at:
        return refuse(Code.VOID, f"{delivery.number} 已经作废，不用签收", "/delivery_id")
    if delivery.received_at:
        at = delivery.received_at.astimezone(ZONE)
        message = f"已于 {at:%Y-%m-%d %H:%M} 由 {delivery.received_by} 签收"
        return refuse(Code.ALREADY_RECEIVED, message, "/delivery_id")
    return None
