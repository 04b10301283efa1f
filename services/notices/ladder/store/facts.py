"""What other services published: the calendar, and each assignment with its light and its alarms."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from asyncpg import Connection
from pydantic import TypeAdapter

from contracts.assignment import Assignment
from contracts.events.register import CalendarRevised
from contracts.light import PublishedLight
from contracts.workdays import Calendar, CalendarDay
from services.notices.ladder.domain.escalation import UnitActivity

DAYS = TypeAdapter(tuple[CalendarDay, ...])
CALENDARS: dict[frozenset[UUID], Calendar] = {}
"""Calendars already built, by the events their years came with."""
KEPT = 8

YEAR = """
insert into calendar (year, event_id, days) values ($1, $2, $3)
on conflict (year) do update set event_id = excluded.event_id, days = excluded.days
"""
ASSIGNMENTS = "select assignment::text from assignment where assignment_id = any($1)"
SAVE = """
insert into assignment (assignment_id, assignment) select * from unnest($1::uuid[], $2::json[])
on conflict (assignment_id) do update set assignment = excluded.assignment
"""
ACTIVITY = "insert into activity (assignment_id, at, kind) values ($1, $2, $3) on conflict do nothing"
LIGHT = """
insert into light (assignment_id, light, since, historical)
select * from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::boolean[])
on conflict (assignment_id) do update
set light = excluded.light, since = excluded.since, historical = excluded.historical
"""
MISSED = """
insert into alarm (assignment_id, feedback_missed_at) values ($1, $2)
on conflict (assignment_id) do update set feedback_missed_at = excluded.feedback_missed_at
"""
SOON = """
insert into alarm (assignment_id, due_soon_at, due_soon_for) values ($1, $2, $3)
on conflict (assignment_id) do update set due_soon_at = excluded.due_soon_at, due_soon_for = excluded.due_soon_for
"""


async def save_year(db: Connection, event: CalendarRevised) -> None:
    """The days of one year."""
    await db.execute(YEAR, event.year, event.id, DAYS.dump_json(event.days).decode())


async def calendar(db: Connection) -> Calendar:
    """The calendar as it was last revised; other days are Mon-Fri."""
    key = frozenset(row["event_id"] for row in await db.fetch("select event_id from calendar"))
    if key not in CALENDARS:
        years = await db.fetch("select days::text from calendar order by year")
        while len(CALENDARS) >= KEPT:
            CALENDARS.pop(next(iter(CALENDARS)))
        CALENDARS[key] = Calendar.of(day for year in years for day in DAYS.validate_json(year["days"]))
    return CALENDARS[key]


async def assignments(db: Connection, ids: Iterable[UUID]) -> dict[UUID, Assignment]:
    """The last states of these assignments, as far as they are stored."""
    rows = await db.fetch(ASSIGNMENTS, list(ids))
    states = [Assignment.model_validate_json(row["assignment"]) for row in rows]
    return {state.assignment_id: state for state in states}


async def save_assignments(db: Connection, states: Mapping[UUID, Assignment]) -> None:
    """The last states."""
    await db.execute(SAVE, list(states), [state.model_dump_json() for state in states.values()])


async def save_activities(db: Connection, activities: Sequence[tuple[UUID, UnitActivity]]) -> None:
    """Moments that stop or restart reply clocks."""
    await db.executemany(ACTIVITY, [(id, activity.at, activity.kind) for id, activity in activities])


async def save_lights(db: Connection, lights: Mapping[UUID, PublishedLight]) -> None:
    """The last light of each assignment."""
    each = list(lights.values())
    await db.execute(
        LIGHT, list(lights), [x.light for x in each], [x.since for x in each], [x.historical for x in each]
    )


async def save_feedback_missed(db: Connection, missed: Sequence[tuple[UUID, datetime]]) -> None:
    """No feedback within its clock."""
    await db.executemany(MISSED, missed)


async def save_due_soon(db: Connection, soon: Sequence[tuple[UUID, datetime, datetime]]) -> None:
    """When the badge came, and for which due date."""
    await db.executemany(SOON, soon)
