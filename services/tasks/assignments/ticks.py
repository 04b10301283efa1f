"""A later release may know the calendar better: the years it revises, and the due dates that follow."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from asyncpg import Connection

from contracts.envelope import Event
from contracts.events.assignment import AssignmentDueChanged
from contracts.events.register import CalendarRevised
from contracts.region import Node
from services.chassis import on_tick
from services.chassis.service import Service
from services.tasks.assignments.domain.due import settled
from services.tasks.assignments.domain.task import TaskAggregate
from services.tasks.assignments.store import hold_provisional
from services.tasks.register import store
from services.tasks.register.calendar_seed import FIRST_YEAR, LAST_YEAR, calendar_days
from services.tasks.register.domain.timetable import Timetable
from services.tasks.register.ticks import EDITION, year_event


@on_tick
async def revise_calendar(db: Connection, now: datetime, service: Service) -> Sequence[Event]:
    """When this release knows years better than the last, emit them, and what they do to running clocks (R1)."""
    if not await store.is_seeded(db) or not await store.take_calendar(db, EDITION):
        return ()
    timetable, versions = await store.timetable(db), await store.calendar_versions(db)
    years = await asyncio.to_thread(lambda: list(revisions(timetable, versions, service.settings.node, now)))
    if not years:
        return ()
    revised = timetable.revised(day for year in years for day in year.days)
    return [*years, *(event for task in await hold_provisional(db) for event in recompute(task, revised, now))]


def recompute(task: TaskAggregate, timetable: Timetable, now: datetime) -> list[Event]:
    """What a new timetable does to one task: the clocks of its assignments, and then its own deadline."""
    events: list[AssignmentDueChanged] = []
    for assignment in task.whole:
        events += settled(task, assignment, timetable, now)
    return [*events, *task.evolve(events, now)[1]]


def revisions(
    timetable: Timetable, versions: Mapping[int, int], node: Node, now: datetime
) -> Iterator[CalendarRevised]:
    """The years this release knows otherwise; a published one never becomes a computed one again.

    versions: year → the last version.
    """
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        days, first = tuple(calendar_days(year, year)), date(year, 1, 1)
        forgotten = days[0].provisional and not timetable.calendar.is_provisional(first)
        if not forgotten and not set(days) <= set(timetable.calendar.days):
            yield year_event(year, days, versions.get(year, 0) + 1, node, now)
