"""The first start writes the register, the calendar and the clock policy."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime
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
from services.tasks.register import seed, store
from services.tasks.register.calendar_seed import FIRST_YEAR, LAST_YEAR, calendar_days
from services.tasks.register.domain.timetable import CLOCK_POLICY

EDITION = f"chinesecalendar {version('chinesecalendar')}, holidays {version('holidays')}"
"""What this release knows of the working days."""


@on_tick
async def seed_register(db: Connection, now: datetime, service: Service) -> Sequence[Event]:
    """Emit all that must stand before the first task, once: whoever leads first, in one transaction."""
    if await store.is_seeded(db):
        return ()
    await store.take_calendar(db, EDITION)
    return await asyncio.to_thread(lambda: list(seed_events(service.settings.node, now)))


def seed_events(node: Node, now: datetime) -> Iterator[Event]:
    """The calendar, the policy and every unit; what is for all goes to the province's `all`."""
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        yield year_event(year, tuple(calendar_days(year, year)), 1, node, now)
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
        yield UnitRegistered(aggregate=f"unit/{unit.address}", unit=unit, **for_all)


def year_event(year: int, days: tuple[CalendarDay, ...], version: int, node: Node, now: datetime) -> CalendarRevised:
    """The working days of one year, for all."""
    return CalendarRevised(aggregate=f"calendar/{year}", version=version, year=year, days=days, **_for_all(node, now))


def _for_all(node: Node, now: datetime) -> dict[str, Any]:
    everybody = everyone(node)
    return {"time": now, "owner": node, "address": everybody, "audience": (everybody,)}
