"""The register, the calendar and the policies; each process keeps them in memory for as long as they hold."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary

from asyncpg import Connection
from pydantic import TypeAdapter

from contracts.events.register import CalendarRevised, PolicyPublished, UnitRegistered
from contracts.workdays import Calendar, CalendarDay, ClockPolicy
from services.tasks.register.domain import Register, Unit
from services.tasks.register.domain.timetable import CLOCK_POLICY, Timetable

UNITS = TypeAdapter(list[Unit])
ENTRIES = TypeAdapter(list[UnitRegistered])
DAYS = TypeAdapter(list[CalendarDay])
POLICIES = TypeAdapter(list[ClockPolicy])
REGISTER, TIMETABLE = "register", "timetable"
T = TypeVar("T")

EDITION = "select stamp from edition where name = $1"
RENEW = """
insert into edition (name, stamp) values ($1, gen_random_uuid())
on conflict (name) do update set stamp = excluded.stamp
"""
EVERY_UNIT = "select coalesce(jsonb_agg(to_jsonb(u)), '[]') from unit u"
EVERY_DAY = "select coalesce(jsonb_agg(to_jsonb(d)), '[]') from calendar_day d"
EVERY_POLICY = "select coalesce(jsonb_agg(values), '[]') from policy where name = $1"
VERSIONS = "select extract(year from date)::int as year, max(version) as version from calendar_day group by 1"
TAKE_CALENDAR = "insert into mark (name) values ('calendar ' || $1) on conflict do nothing returning true"
SAVE_UNITS = """
insert into unit
select unit, version, name, short, level, kind, parent, aliases, valid_from, valid_to, successor
from jsonb_to_recordset($1::jsonb) u (
    unit text, version integer, name text, short text, level text, kind text, parent text, aliases text[],
    valid_from date, valid_to date, successor text
)
on conflict (address) do update set (
    version, name, short, level, kind, parent, aliases, valid_from, valid_to, successor
) = (
    excluded.version, excluded.name, excluded.short, excluded.level, excluded.kind, excluded.parent,
    excluded.aliases, excluded.valid_from, excluded.valid_to, excluded.successor
)
"""
SAVE_DAYS = """
insert into calendar_day
select date, is_workday, source, provisional, $2 from jsonb_populate_recordset(null::calendar_day, $1::jsonb)
on conflict (date) do update set (is_workday, source, provisional, version)
    = (excluded.is_workday, excluded.source, excluded.provisional, excluded.version)
"""
SAVE_POLICY = "insert into policy (name, version, effective, author, values) values ($1, $2, $3, $4, $5::jsonb)"

KEPT: dict[str, tuple[UUID, object]] = {}
"""What this process has in memory, with the stamp of its edition."""

LOADING: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()
"""Whoever comes while it is loaded waits, and does not load it again."""


class Unfounded(RuntimeError):
    """The register is not there yet: the first start is still at it, so the command is asked again."""


async def register(db: Connection) -> Register:
    """Every unit, and what it may be called. Raises Unfounded."""

    async def load() -> Register:
        units = await db.fetchval(EVERY_UNIT)
        return await asyncio.to_thread(lambda: Register.of(UNITS.validate_json(units)))

    return await _kept(db, REGISTER, load)


async def timetable(db: Connection) -> Timetable:
    """The calendar and the clock policies. Raises Unfounded."""

    async def load() -> Timetable:
        days = DAYS.validate_json(await db.fetchval(EVERY_DAY))
        policies = POLICIES.validate_json(await db.fetchval(EVERY_POLICY, CLOCK_POLICY))
        return Timetable(Calendar.of(days), tuple(policies))

    return await _kept(db, TIMETABLE, load)


async def is_founded(db: Connection) -> bool:
    """The register has been said."""
    return await db.fetchval(EDITION, REGISTER) is not None


async def take_calendar(db: Connection, edition: str) -> bool:
    """This edition of the working days was not yet looked at here, and now is."""
    return await db.fetchval(TAKE_CALENDAR, edition) is True


async def calendar_versions(db: Connection) -> dict[int, int]:
    """Year → the version in which it was last said."""
    return {row["year"]: row["version"] for row in await db.fetch(VERSIONS)}


async def _kept(db: Connection, name: str, load: Callable[[], Awaitable[T]]) -> T:
    stamp = await db.fetchval(EDITION, name)
    if stamp is None:
        raise Unfounded(name)
    async with LOADING.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
        if name not in KEPT or KEPT[name][0] != stamp:
            KEPT[name] = stamp, await load()
        return KEPT[name][1]  # type: ignore[return-value]


async def save_units(db: Connection, said: Sequence[UnitRegistered]) -> None:
    """The register as it now stands."""
    await db.execute(SAVE_UNITS, ENTRIES.dump_json(list(said)).decode())
    await db.execute(RENEW, REGISTER)


async def save_year(db: Connection, said: CalendarRevised) -> None:
    """The days of one year as they now hold."""
    await db.execute(SAVE_DAYS, DAYS.dump_json(list(said.days)).decode(), said.version)
    await db.execute(RENEW, TIMETABLE)


async def save_policy(db: Connection, said: PolicyPublished) -> None:
    """One more version of a policy."""
    values = json.dumps(said.model_dump(mode="json")["values"])
    await db.execute(SAVE_POLICY, said.name, said.policy_version, said.effective, said.author, values)
    await db.execute(RENEW, TIMETABLE)
