"""Tasks, assignments and their lights are stored as their owners publish them."""

from collections.abc import Sequence

from asyncpg import Connection

from contracts.events.assignment import AssignmentEvent
from contracts.events.light import LightEvent
from contracts.events.task import TaskEvent
from services.chassis import on_event
from services.portal.identity.audience import audience_of
from services.portal.task import store


@on_event(TaskEvent, batch=True)
async def on_task(events: list[TaskEvent], db: Connection, bodies: Sequence[bytes]) -> None:
    await store.tasks(db, events, bodies)
    await store.task_audience(db, {(event.task.task_id, place) for event in events for place in audience_of(event)})


@on_event(AssignmentEvent, batch=True)
async def on_assignment(events: list[AssignmentEvent], db: Connection, bodies: Sequence[bytes]) -> None:
    await store.assignments(db, events, bodies)


@on_event(LightEvent, batch=True)
async def on_light(events: list[LightEvent], db: Connection) -> None:
    """Of assignments, and of whole tasks."""
    await store.lights(db, [event.light for event in events])
