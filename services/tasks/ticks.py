"""What tasks does of itself: the first start founds the register and the calendar, a later release may revise it."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from importlib.metadata import version
from typing import Any

from asyncpg import Connection

from contracts.envelope import Event
from contracts.events.register import CalendarRevised, PolicyPublished, UnitRegistered
from contracts.region import Node
from contracts.units import everyone
from contracts.workdays import DEFAULT_POLICY, CalendarDay
from services.chassis import on_tick
from services.chassis.service import Service
from services.tasks import seed, store
from services.tasks.assignments.domain.due import settled
from services.tasks.register.calendar_seed import calendar_days
from services.tasks.register.domain import Unit
from services.tasks.register.domain.timetable import CLOCK_POLICY, Timetable

FIRST_YEAR, LAST_YEAR = 2025, 2028
EDITION = f"chinesecalendar {version('chinesecalendar')}, holidays {version('holidays')}"
"""What this release knows of the working days."""


@on_tick
async def found(db: Connection, now: datetime, service: Service) -> Sequence[Event]:
    """Say the register, the calendar and the policy, once: whoever leads first, in one transaction."""
    if await store.is_founded(db):
        return ()
    await store.take_calendar(db, EDITION)
    return await asyncio.to_thread(lambda: list(founding(service.settings.node, now)))


@on_tick
async def revise(db: Connection, now: datetime, service: Service) -> Sequence[Event]:
    """When this release knows years better than the last, say them, and what they do to running clocks (R1)."""
    if not await store.is_founded(db) or not await store.take_calendar(db, EDITION):
        return ()
    timetable, versions = await store.timetable(db), await store.calendar_versions(db)
    years = await asyncio.to_thread(lambda: list(revisions(timetable, versions, service.settings.node, now)))
    revised = timetable.revised(day for year in years for day in year.days)
    parts = await store.provisional(db) if years else []
    return [*years, *(event for part in parts for event in settled(part, revised, now))]


def revisions(
    timetable: Timetable, versions: Mapping[int, int], node: Node, now: datetime
) -> Iterator[CalendarRevised]:
    """The years this release knows otherwise than they were said; a published one never becomes a computed one again.

    versions: year → the version said last.
    """
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        days, first = tuple(calendar_days(year, year)), date(year, 1, 1)
        forgotten = days[0].provisional and not timetable.calendar.is_provisional(first)
        if not forgotten and not set(days) <= set(timetable.calendar.days):
            yield _year(year, days, versions.get(year, 0) + 1, node, now)


def _year(year: int, days: tuple[CalendarDay, ...], version: int, node: Node, now: datetime) -> CalendarRevised:
    return CalendarRevised(aggregate=f"calendar/{year}", version=version, year=year, days=days, **_for_all(node, now))


def _for_all(node: Node, now: datetime) -> dict[str, Any]:
    everybody = everyone(node)
    return {"time": now, "owner": node, "address": everybody, "audience": (everybody,)}


def founding(node: Node, now: datetime) -> Iterator[Event]:
    """Everything that must be known before the first task; what is for all goes to the province's `all`."""
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        yield _year(year, tuple(calendar_days(year, year)), 1, node, now)
    for_all = _for_all(node, now) | {"version": 1}
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


def _entry(unit: Unit, for_all: dict[str, Any]) -> UnitRegistered:
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
