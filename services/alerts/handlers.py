"""What alerts handles, and how its own events change its own state."""

from collections.abc import Sequence

from asyncpg import Connection

from contracts.envelope import Event
from contracts.events.assignment import AssignmentEvent
from contracts.events.light import ClockEvent, LightEvent
from contracts.events.register import CalendarRevised, PolicyPublished
from contracts.events.task import TaskEvent
from services.alerts import store
from services.alerts.domain import decide, in_order
from services.chassis import applies, on_event
from services.chassis.service import Service


@on_event(CalendarRevised)
async def on_calendar_revised(event: CalendarRevised, db: Connection) -> None:
    """Where a working day became a day off, or the other way round, every open assignment is judged again."""
    calendar = (await store.rules(db)).calendar
    await store.save_year(db, event.year, event.days)
    if any(calendar.is_workday(day.date) != day.is_workday for day in event.days):
        await store.judge_again(db, event.time)


@on_event(TaskEvent, AssignmentEvent, batch=True)
async def on_task_or_assignment(
    events: Sequence[TaskEvent | AssignmentEvent], db: Connection, service: Service
) -> Sequence[Event]:
    """Tasks and assignments that this node owns, and what follows for their lights.

    One handler for both: they alternate in the stream, and a run of one handler is one batch.
    """
    if not (own := [event for event in events if event.owner == service.settings.node]):
        return ()
    rules = await store.rules(db)
    tasks, emitted = decide(await store.tasks_of(db, own, rules), own, rules)
    await store.save(db, own, tasks)
    return in_order(emitted)


@applies(LightEvent, batch=True, latest=True)
async def on_light(events: Sequence[LightEvent], db: Connection) -> None:
    await store.save_lights(db, events)


@applies(ClockEvent, batch=True)
async def on_clock(events: Sequence[ClockEvent], db: Connection) -> None:
    await store.save_alarms(db, events)


@applies(PolicyPublished)
async def on_policy_published(event: PolicyPublished, db: Connection) -> None:
    """From now on everything is judged by this policy, and every open assignment is judged again."""
    await store.save_policy(db, event.policy_version, event.values)
    await store.judge_again(db, event.time)
