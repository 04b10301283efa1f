"""Documents and deliveries are stored as notices publishes them."""

from collections.abc import Sequence

from asyncpg import Connection

from contracts.events.delivery import DeliveryEvent
from contracts.events.notice import NoticeEvent
from services.chassis import on_event
from services.portal.identity.audience import audience_of
from services.portal.notices import store


@on_event(NoticeEvent, batch=True)
async def on_notice(events: list[NoticeEvent], db: Connection, bodies: Sequence[bytes]) -> None:
    await store.notices(db, events, bodies)
    await store.audience(db, {(event.notice.notice_id, place) for event in events for place in audience_of(event)})


@on_event(DeliveryEvent, batch=True)
async def on_delivery(events: list[DeliveryEvent], db: Connection, bodies: Sequence[bytes]) -> None:
    """Whoever may see a delivery may open the document."""
    await store.deliveries(db, events, bodies)
    await store.audience(db, {(event.delivery.notice_id, place) for event in events for place in audience_of(event)})
