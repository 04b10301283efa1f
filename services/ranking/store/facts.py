"""What others said, as far as it counts: parts, red lights, urgings, the register, the calendar."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from asyncpg import Connection
from pydantic import TypeAdapter

from contracts.events.delivery import DeliverySent
from contracts.events.light import LightChanged
from contracts.events.notice import NoticeVoided
from contracts.events.register import CalendarRevised, UnitRegistered
from contracts.terms import Light
from contracts.workdays import Calendar, CalendarDay
from services.ranking.domain.part import Part
from services.ranking.domain.peers import Peers

PARTS = TypeAdapter(list[Part])

CHANGED = "insert into edition (n) values (1) on conflict (one) do update set n = edition.n + 1"
WITH = f"with changed as ({CHANGED})"
PARTS_BY_ID = "select coalesce(jsonb_agg(to_jsonb(p)), '[]') from part p where assignment_id = any($1)"
KEEP_PARTS = f"""
{WITH}
insert into part select * from jsonb_populate_recordset(null::part, $1::jsonb)
on conflict (assignment_id) do update set (
    receipt_due, acknowledged_at, feedback_due, fed_back_at, submitted_at, lost_at, closed_at, closed_in_time,
    turns, reported, original_due, left_at, pauses
) = (
    excluded.receipt_due, excluded.acknowledged_at, excluded.feedback_due, excluded.fed_back_at,
    excluded.submitted_at, excluded.lost_at, excluded.closed_at, excluded.closed_in_time,
    excluded.turns, excluded.reported, excluded.original_due, excluded.left_at, excluded.pauses
)
"""
BEGIN_REDS = f"""
{WITH}
insert into red (assignment_id, version, at) select * from unnest($1::uuid[], $2::int[], $3::timestamptz[])
"""
END_REDS = f"""
{WITH}
update red set until = ended.at
from unnest($1::uuid[], $2::int[], $3::timestamptz[]) as ended (assignment_id, version, at)
where red.assignment_id = ended.assignment_id and red.until is null and red.version = (
    select max(begun.version) from red begun
    where begun.assignment_id = ended.assignment_id and begun.version < ended.version
)
"""
KEEP_URGINGS = f"""
{WITH}
insert into urging select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[])
"""
KEEP_VOID = f"{WITH} insert into void (notice_id, at) values ($1, $2)"
ENTER_UNITS = f"""
{WITH}
insert into unit select * from unnest($1::text[], $2::text[], $3::text[])
on conflict (address) do update set name = excluded.name, kind = excluded.kind
"""
KEEP_YEAR = """
insert into calendar_day select * from unnest($1::date[], $2::boolean[])
on conflict (date) do update set is_workday = excluded.is_workday
"""
WORKDAYS = "select date, is_workday from calendar_day where date >= $1 and date < $1 + 31"
FIRST_KNOWN = "select min(known_at) from part"


async def parts(db: Connection, ids: Sequence[UUID]) -> dict[UUID, Part]:
    """Parts by id."""
    found = PARTS.validate_json(await db.fetchval(PARTS_BY_ID, ids))
    return {part.assignment_id: part for part in found}


async def keep_parts(db: Connection, known: Iterable[Part]) -> None:
    """Keep these parts as they now stand."""
    if rows := list(known):
        await db.execute(KEEP_PARTS, PARTS.dump_json(rows).decode())


async def keep_reds(db: Connection, said: Sequence[LightChanged]) -> None:
    """When parts turned red, and when they ceased to be."""
    for begins, statement in ((True, BEGIN_REDS), (False, END_REDS)):
        rows = [(e.assignment_id, e.version, e.time) for e in said if (e.light is Light.OVERDUE) is begins]
        if rows:
            await db.execute(statement, *map(list, zip(*rows, strict=True)))


async def keep_urgings(db: Connection, said: Sequence[tuple[DeliverySent, Peers]]) -> None:
    """Urgings and orders, at the places they reached."""
    rows = [(e.delivery_id, e.notice_id, peers.group, peers.place, e.time) for e, peers in said]
    if rows:
        await db.execute(KEEP_URGINGS, *map(list, zip(*rows, strict=True)))


async def keep_void(db: Connection, said: NoticeVoided) -> None:
    """A document counts no longer."""
    await db.execute(KEEP_VOID, said.notice_id, said.time)


async def enter_units(db: Connection, said: Sequence[UnitRegistered]) -> None:
    """The names and kinds of units; of two entries for one the later holds."""
    last = {event.unit: event for event in said}.values()
    await db.execute(ENTER_UNITS, [e.unit for e in last], [e.short for e in last], [e.kind for e in last])


async def keep_year(db: Connection, said: CalendarRevised) -> None:
    """Which days of a year are worked."""
    await db.execute(KEEP_YEAR, [day.date for day in said.days], [day.is_workday for day in said.days])


async def workdays(db: Connection, first: date) -> Calendar:
    """The 31 days from `first`, as far as they are known."""
    rows = await db.fetch(WORKDAYS, first)
    return Calendar.of(CalendarDay(**row, source="heard", provisional=False) for row in rows)


async def changed(db: Connection) -> None:
    """The running boards may look different now; every statement above that keeps something says so too."""
    await db.execute(CHANGED)


async def first_known(db: Connection) -> datetime | None:
    """When the first part was heard of."""
    return await db.fetchval(FIRST_KNOWN)
