"""What tasks does of itself: the first start founds the register, the calendar and the clock policy."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime

from asyncpg import Connection

from contracts.envelope import Event, Node
from contracts.events import CalendarRevised, PolicyPublished, UnitRegistered
from contracts.units import everyone
from contracts.workdays import DEFAULT_POLICY
from services.chassis import ticks
from services.chassis.room import Room
from services.tasks import seed, store
from services.tasks.calendar_seed import calendar_days
from services.tasks.domain.register import Unit
from services.tasks.domain.timetable import CLOCK_POLICY

FIRST_YEAR, LAST_YEAR = 2025, 2028


@ticks
async def found(db: Connection, now: datetime, room: Room) -> Sequence[Event]:
    """Say the register, the calendar and the policy, once: whoever leads first, in one transaction."""
    if await store.is_founded(db):
        return ()
    return await asyncio.to_thread(lambda: list(founding(room.settings.node, now)))


def founding(node: Node, now: datetime) -> Iterator[Event]:
    """Everything that must be known before the first task; what is for all goes to the province's `all`."""
    all_units = everyone(node)
    for_all = {"time": now, "version": 1, "owner": node, "address": all_units, "audience": (all_units,)}
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        days = tuple(calendar_days(year, year))
        yield CalendarRevised(aggregate=f"calendar/{year}", year=year, days=days, **for_all)
    yield PolicyPublished(
        aggregate=f"policy/tasks.{CLOCK_POLICY}",
        service="tasks",
        name=CLOCK_POLICY,
        policy_version=DEFAULT_POLICY.version,
        effective=DEFAULT_POLICY.effective,
        author=DEFAULT_POLICY.author,
        values=DEFAULT_POLICY.model_dump(mode="json"),
        **for_all,
    )
    for unit in seed.units(node[:2]):
        yield _entry(unit, for_all)


def _entry(unit: Unit, for_all: dict[str, object]) -> UnitRegistered:
    return UnitRegistered(
        aggregate=f"unit/{unit.address}",
        unit=unit.address,
        name=unit.name,
        short=unit.short,
        level=unit.level,
        kind=unit.kind,
        parent=unit.parent,
        aliases=unit.aliases,
        valid_from=unit.valid_from,
        valid_to=unit.valid_to,
        successor=unit.successor,
        **for_all,
    )
