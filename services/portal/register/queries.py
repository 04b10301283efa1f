"""The register of units, the working days and the rules, as they were said."""

import json
from collections.abc import Sequence
from typing import Any

from asyncpg import Connection, Record

from contracts.events.register import CalendarRevised, PolicyPublished, UnitRegistered
from contracts.workdays import Calendar, CalendarDay
from services.portal.store import rows

REGISTERED = """
insert into unit
select distinct on (unit) u.unit, name, short, level, kind, parent, coalesce(aliases, '{}'), valid_from, valid_to,
    successor
from jsonb_array_elements($1::jsonb) with ordinality as e (said, n), jsonb_populate_record(null::unit, said) u
order by unit, n desc
on conflict (unit) do update set name = excluded.name, short = excluded.short, level = excluded.level,
    kind = excluded.kind, parent = excluded.parent, aliases = excluded.aliases, valid_from = excluded.valid_from,
    valid_to = excluded.valid_to, successor = excluded.successor
"""
REVISED = """
insert into workday select * from jsonb_populate_recordset(null::workday, $1::jsonb)
on conflict (date) do update
set is_workday = excluded.is_workday, source = excluded.source, provisional = excluded.provisional
"""
RULED = """
insert into policy select p.* from jsonb_populate_recordset(null::policy, $1::jsonb) p on conflict do nothing
"""
NAMED = """
select unit, name, short, level from unit
where valid_to is null and (short = $1 or name = $1 or unit = $1 or $1 = any(aliases)) order by unit limit 2
"""
BELOW = """
select unit, name, short, level, kind, parent from unit
where valid_to is null and ($1 = '' or unit >= $1 and unit < $1 || '/') and level = any($2) and kind = any($3)
order by unit limit $4
"""


async def registered(db: Connection, events: Sequence[UnitRegistered]) -> None:
    """The latest entry of each unit."""
    await db.execute(REGISTERED, rows(events))


async def revised(db: Connection, events: Sequence[CalendarRevised]) -> None:
    """The working days of whole years."""
    days = [day.model_dump_json() for event in events for day in event.days]
    await db.execute(REVISED, f"[{','.join(days)}]")


async def ruled(db: Connection, events: Sequence[PolicyPublished]) -> None:
    """Rules, each version once."""
    await db.execute(RULED, rows(events))


async def rule(db: Connection, service: str, name: str, version: int) -> dict[str, Any]:
    """The values of one version of a rule; empty where it was never said."""
    asked = "select values from policy where service = $1 and name = $2 and policy_version = $3"
    found = await db.fetchval(asked, service, name, version)
    return json.loads(found) if found else {}


async def calendar(db: Connection) -> Calendar:
    """The working days from last year on; what is not known counts Monday to Friday."""
    found = await db.fetch("select * from workday where date > current_date - 400 order by date")
    return Calendar.of(CalendarDay(**day) for day in found)


async def named(db: Connection, text: str) -> Record | None:
    """The one unit of this address, name, short name or alias; None where there is none or more than one."""
    found = await db.fetch(NAMED, text)
    return found[0] if len(found) == 1 else None


async def name_of(db: Connection, unit: str) -> str:
    """A unit's short name; its address where it is not on the register."""
    return await db.fetchval("select short from unit where unit = $1", unit) or unit


async def below(
    db: Connection, region: str, levels: Sequence[str], kinds: Sequence[str], limit: int = 500
) -> list[Record]:
    """Units of these levels and kinds within a region prefix, in the order of their addresses."""
    return await db.fetch(BELOW, region, levels, kinds, limit)
