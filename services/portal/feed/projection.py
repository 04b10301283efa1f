"""The feed follows every event there is, also of kinds this version does not know."""

from collections.abc import Sequence
from uuid import UUID

from asyncpg import Connection

from contracts.envelope import Event
from contracts.events.assignment import AssignmentEvent
from contracts.events.delivery import DeliveryEvent
from contracts.events.light import ClockEvent, LightEvent
from contracts.events.notice import NoticeEvent
from contracts.events.task import TaskEvent
from services.chassis import on_event
from services.portal.feed import queries
from services.portal.feed.queries import Entry
from services.portal.feed.timeline import is_shown
from services.portal.identity.audience import audience_of

UNRELEASED = "ranking_draft/"
"""Computed often and for its issuer alone: the rankings page shows it, the feed does not."""


@on_event(Event, batch=True)
async def on_any(events: list[Event], db: Connection, bodies: Sequence[bytes]) -> None:
    """Keep the raw bodies: a county may read fields that this portal has never heard of."""
    entries = [
        Entry(event, body.decode(), audience_of(event), task_of(event), notice_of(event), is_shown(event))
        for event, body in zip(events, bodies, strict=True)
        if not event.aggregate.startswith(UNRELEASED)
    ]
    await queries.add(db, entries)


def task_of(event: Event) -> UUID | None:
    """The task an event belongs to."""
    match event:
        case TaskEvent():
            return event.task.task_id
        case AssignmentEvent():
            return event.assignment.task_id
        case LightEvent():
            return event.light.task_id
        case ClockEvent():
            return event.alarm.task_id
    return None


def notice_of(event: Event) -> UUID | None:
    """The document an event belongs to."""
    match event:
        case NoticeEvent():
            return event.notice.notice_id
        case DeliveryEvent():
            return event.delivery.notice_id
    return None
