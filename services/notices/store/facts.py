"""What others said: the register's names, the calendar, the parts with their lights and clocks."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from asyncpg import Connection
from pydantic import TypeAdapter

from contracts.events.assignment import (
    AssignmentDueChanged,
    AssignmentEvent,
    AssignmentIssued,
    AssignmentReported,
    AssignmentResumed,
    AssignmentReworked,
    AssignmentSubmitted,
    AssignmentSuspended,
)
from contracts.events.light import ClockDueSoon, ClockMissed, LightChanged
from contracts.events.register import CalendarRevised, UnitRegistered
from contracts.terms import ReportKind
from contracts.workdays import Calendar, CalendarDay
from services.notices.domain.climb import StirKind

DAYS = TypeAdapter(tuple[CalendarDay, ...])
CALENDARS: dict[frozenset[UUID], Calendar] = {}
"""Calendars already built, by the events their years came with."""
KEPT = 8

PAUSES: dict[type[AssignmentEvent], bool] = {AssignmentSuspended: True, AssignmentResumed: False}
STIRS: dict[type[AssignmentEvent], StirKind] = {
    AssignmentReworked: StirKind.REWORKED,
    AssignmentSuspended: StirKind.SUSPENDED,
    AssignmentResumed: StirKind.RESUMED,
}

UNITS = """
insert into unit (address, name, short) select distinct on (address) * from unnest($1::text[], $2::text[], $3::text[])
    as said (address, name, short)
on conflict (address) do update set name = excluded.name, short = excluded.short
"""
YEAR = """
insert into calendar (year, event_id, days) values ($1, $2, $3)
on conflict (year) do update set event_id = excluded.event_id, days = excluded.days
"""
ISSUED = """
insert into assignment (assignment_id, task_id, title, unit, unit_name, role, issuer, issuer_name, owner, state, due,
    historical_before)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict (assignment_id) do nothing
"""
FOLLOW = """
update assignment set state = $2, percent = coalesce($3, percent), progress_at = least(progress_at, $4),
    paused = coalesce($5, paused)
where assignment_id = $1
"""
STIR = "insert into stir (assignment_id, at, kind) values ($1, $2, $3) on conflict do nothing"
DUE = "update assignment set state = $2, due = $3 where assignment_id = $1"
LIGHT = """
update assignment set light = $2, light_historical = $3, light_since = coalesce($4, light_since)
where assignment_id = $1
"""
MISSED = "update assignment set feedback_missed_at = $2 where assignment_id = $1"
SOON = "update assignment set due_soon_at = $2, due_soon_for = $3 where assignment_id = $1"


async def enter_units(db: Connection, events: Sequence[UnitRegistered]) -> None:
    """Names as the register has them; of two entries for one unit the later holds."""
    last = {event.unit: event for event in events}.values()
    await db.execute(UNITS, [e.unit for e in last], [e.name for e in last], [e.short for e in last])


async def unit_names(db: Connection, address: str) -> tuple[str, str] | None:
    """A unit's full name and its short one, if it is on the register."""
    row = await db.fetchrow("select name, short from unit where address = $1", address)
    return (row["name"], row["short"]) if row else None


async def registered(db: Connection, addresses: Sequence[str]) -> set[str]:
    """Those of these units that are on the register."""
    rows = await db.fetch("select address from unit where address = any($1)", addresses)
    return {row["address"] for row in rows}


async def enter_year(db: Connection, event: CalendarRevised) -> None:
    """The days of one year, as they are now known."""
    await db.execute(YEAR, event.year, event.id, DAYS.dump_json(event.days).decode())


async def calendar(db: Connection) -> Calendar:
    """The calendar as it was last revised; days nobody spoke of are Mon-Fri."""
    key = frozenset(row["event_id"] for row in await db.fetch("select event_id from calendar"))
    if key not in CALENDARS:
        years = await db.fetch("select days::text from calendar order by year")
        while len(CALENDARS) >= KEPT:
            CALENDARS.pop(next(iter(CALENDARS)))
        CALENDARS[key] = Calendar.of(day for year in years for day in DAYS.validate_json(year["days"]))
    return CALENDARS[key]


async def enter_parts(db: Connection, events: Iterable[AssignmentIssued]) -> None:
    """Units are asked to do their parts."""
    rows = (
        (e.assignment_id, e.task_id, e.title, e.unit, e.unit_name, e.role, e.issuer, e.issuer_name, e.owner, e.state,
         e.due, e.historical_before)
        for e in events
    )  # fmt: skip
    await db.executemany(ISSUED, rows)


async def follow_parts(db: Connection, events: Sequence[AssignmentEvent]) -> None:
    """State, progress and answers of parts; an imported report answers nobody."""
    rows = [
        (e.assignment_id, e.state, getattr(e, "percent", None), _progress_at(e), PAUSES.get(type(e))) for e in events
    ]
    await db.executemany(FOLLOW, rows)
    await db.executemany(STIR, [(e.assignment_id, *stir) for e in events if (stir := _stir(e))])


def _reported(event: AssignmentEvent) -> datetime | None:
    if isinstance(event, AssignmentReported):
        return event.submitted_at if event.kind is not ReportKind.IMPORTED else None
    return event.submitted_at if isinstance(event, AssignmentSubmitted) else None


def _progress_at(event: AssignmentEvent) -> datetime | None:
    deployment = isinstance(event, AssignmentReported) and event.kind is ReportKind.DEPLOYMENT
    return None if deployment else _reported(event)


def _stir(event: AssignmentEvent) -> tuple[datetime, StirKind] | None:
    if kind := STIRS.get(type(event)):
        return event.time, kind
    at = _reported(event)
    return (at, StirKind.REPORTED) if at else None


async def move_due(db: Connection, event: AssignmentDueChanged) -> None:
    """A part is due at another time."""
    await db.execute(DUE, event.assignment_id, event.state, event.due)


async def turn_lights(db: Connection, events: Sequence[LightChanged]) -> None:
    """Lights of parts; one that only changed its reasons holds since when it held."""
    rows = ((e.assignment_id, e.light, e.historical, e.time if e.light is not e.previous else None) for e in events)
    await db.executemany(LIGHT, rows)


async def miss_feedback(db: Connection, events: Sequence[ClockMissed]) -> None:
    """No feedback in three days."""
    await db.executemany(MISSED, [(e.assignment_id, e.time) for e in events])


async def come_due(db: Connection, events: Sequence[ClockDueSoon]) -> None:
    """The due date is near."""
    await db.executemany(SOON, [(e.assignment_id, e.time, e.due) for e in events])
