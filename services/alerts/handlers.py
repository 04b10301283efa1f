"""What alerts hears, and how its own words change its own state."""

from collections.abc import Sequence

from asyncpg import Connection

from contracts.envelope import Event
from contracts.events.assignment import AssignmentEvent
from contracts.events.light import ClockDueSoon, ClockMissed, LightChanged
from contracts.events.register import CalendarRevised, PolicyPublished
from contracts.events.task import TaskRegistered
from services.alerts import store
from services.alerts.domain import MISSED, Said, follow, in_order, registered
from services.chassis import applies, on_event


@on_event(CalendarRevised)
async def turn_the_calendar(event: CalendarRevised, db: Connection) -> None:
    """Where a day is worked that was not, or the other way round, every open part is looked at again."""
    calendar = (await store.rules(db)).calendar
    await store.keep_year(db, event.year, event.days)
    if any(calendar.is_workday(day.date) != day.is_workday for day in event.days):
        await store.look_again(db, event.time)


@on_event(TaskRegistered, batch=True)
async def enter(events: list[TaskRegistered], db: Connection) -> None:
    """New tasks, still dark."""
    await store.enter(db, [registered(event) for event in events])


@on_event(AssignmentEvent, batch=True)
async def relight(events: list[AssignmentEvent], db: Connection) -> Sequence[Event]:
    """What happened to parts, and the lights that follow from it."""
    rules = await store.rules(db)
    tasks = await store.tasks_of(db, events, rules)
    said: list[Said] = []
    for event in events:
        task = event.assignment.task_id
        tasks[task], words = follow(tasks[task], event, rules)
        said += words
    parts = [part for task in tasks.values() for part in task.parts.values()]
    await store.keep(db, [part.watch for part in parts])
    await store.remind(db, parts)
    return in_order(said)


@applies(LightChanged, batch=True)
async def show(events: list[LightChanged], db: Connection) -> None:
    """The lights, as they were said."""
    await store.show(db, events)


@applies(ClockMissed, batch=True)
async def miss(events: list[ClockMissed], db: Connection) -> None:
    """A missed clock is said once."""
    await store.tell(db, [(event, MISSED) for event in events])


@applies(ClockDueSoon, batch=True)
async def warn(events: list[ClockDueSoon], db: Connection) -> None:
    """A badge is said once."""
    await store.tell(db, [(event, event.days_left) for event in events])


@applies(PolicyPublished)
async def adopt(event: PolicyPublished, db: Connection) -> None:
    """From now on everything is judged by this policy, and every open part is looked at again."""
    await store.adopt(db, event.policy_version, event.values)
    await store.look_again(db, event.time)
