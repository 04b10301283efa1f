"""The facts: evidence, overdue lights, urgings, the register, the calendar."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from uuid import UUID

from asyncpg import Connection
from pydantic import TypeAdapter

from contracts.delivery import Delivery
from contracts.offices import Issued
from contracts.register import Unit
from contracts.workdays import Calendar, CalendarDay
from services.ranking.facts.domain.evidence import Evidence
from services.ranking.facts.domain.peers import Peers
from services.ranking.facts.domain.period import Period

ROWS = TypeAdapter(list[Evidence])
COLUMNS = [field.name for field in fields(Evidence)]

CHANGED = "insert into edition (n) values (1) on conflict (one) do update set n = edition.n + 1"
WITH = f"with changed as ({CHANGED})"
EVIDENCE = "select coalesce(json_agg(e), '[]') from evidence e where assignment_id = any($1)"
SAVE_EVIDENCE = f"""
{WITH}
insert into evidence ({", ".join(COLUMNS)})
select {", ".join(COLUMNS)} from jsonb_populate_recordset(null::evidence, $1::jsonb)
on conflict (assignment_id) do update set
({", ".join(COLUMNS[1:])}) = ({", ".join(f"excluded.{column}" for column in COLUMNS[1:])})
"""
OVERDUE = "select assignment_id, overdue_turns from overdue where assignment_id = any($1)"
SAVE_OVERDUE = f"""
{WITH}
insert into overdue select (row ->> 0)::uuid, array(select jsonb_array_elements_text(row -> 1)::timestamptz)
from jsonb_array_elements($1::jsonb) row
on conflict (assignment_id) do update set overdue_turns = excluded.overdue_turns
"""
SAVE_URGINGS = f"""
{WITH}
insert into urging
select * from unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[])
on conflict (delivery_id) do update set withdrawn_at = excluded.withdrawn_at
"""
SAVE_UNITS = f"""
{WITH}
insert into unit select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::date[], $6::date[])
on conflict (address) do update set (name, kind, leadership, valid_from, valid_to)
    = (excluded.name, excluded.kind, excluded.leadership, excluded.valid_from, excluded.valid_to)
"""
OFFICE = "select address as issuer, name as issuer_name, leadership from unit where address = $1"
SAVE_DAYS = """
insert into calendar_day select * from unnest($1::date[], $2::boolean[])
on conflict (date) do update set is_workday = excluded.is_workday
"""
WORKDAYS = "select date, is_workday from calendar_day where date >= $1 and date < $1 + 31"
FIRST_ISSUED = "select min(issued_at) from evidence"

OverdueTurns = Mapping[UUID, tuple[datetime, ...]]
TURNS = TypeAdapter(list[tuple[UUID, tuple[datetime, ...]]])


async def evidence(db: Connection, ids: Iterable[UUID]) -> dict[UUID, Evidence]:
    """The evidence of these assignments, of those that count."""
    return {row.assignment_id: row for row in ROWS.validate_json(await db.fetchval(EVIDENCE, list(set(ids))))}


async def save_evidence(db: Connection, evidence: Iterable[Evidence]) -> None:
    """Evidence as it now stands."""
    if rows := list(evidence):
        await db.execute(SAVE_EVIDENCE, ROWS.dump_json(rows).decode())


async def overdue(db: Connection, ids: Iterable[UUID]) -> dict[UUID, tuple[datetime, ...]]:
    """When the lights of these assignments became OVERDUE, ceased to be, …; of those that ever did."""
    return {row["assignment_id"]: tuple(row["overdue_turns"]) for row in await db.fetch(OVERDUE, list(set(ids)))}


async def save_overdue(db: Connection, turns: OverdueTurns) -> None:
    """These turns as they now stand."""
    if turns:
        await db.execute(SAVE_OVERDUE, TURNS.dump_json(list(turns.items())).decode())


async def save_urgings(db: Connection, urgings: Sequence[tuple[Delivery, Peers]]) -> None:
    """Urgings and orders that reached a unit, and those that were withdrawn."""
    last = {delivery.delivery_id: (delivery, peers) for delivery, peers in urgings}.values()
    rows = [(d.delivery_id, peers.group, peers.ranked_unit, d.sent_at, d.withdrawn_at) for d, peers in last]
    if rows:
        await db.execute(SAVE_URGINGS, *map(list, zip(*rows, strict=True)))


async def save_units(db: Connection, units: Iterable[Unit]) -> None:
    """Entries of the register; of two for one unit the later holds."""
    last = {unit.address: unit for unit in units}.values()
    rows = [(u.address, u.short, u.kind, u.leadership, u.valid_from, u.valid_to) for u in last]
    await db.execute(SAVE_UNITS, *map(list, zip(*rows, strict=True)))


async def office(db: Connection, address: str) -> Issued | None:
    """The office at this address as an issuer; None while it is not on the register."""
    row = await db.fetchrow(OFFICE, address)
    return Issued(**row) if row else None


async def save_days(db: Connection, days: Sequence[CalendarDay]) -> None:
    """Which days are worked."""
    await db.execute(SAVE_DAYS, [day.date for day in days], [day.is_workday for day in days])


async def workdays(db: Connection, first: date) -> Calendar:
    """The 31 days from `first`, as far as they are published."""
    rows = await db.fetch(WORKDAYS, first)
    return Calendar.of(CalendarDay(**row, source="tasks", provisional=False) for row in rows)


async def changed(db: Connection) -> None:
    """The running rankings may differ now; every statement above that saves something does the same."""
    await db.execute(CHANGED)


async def first_period(db: Connection) -> Period | None:
    """The month of the first assignment that counts."""
    first = await db.fetchval(FIRST_ISSUED)
    return Period.of(first) if first else None
