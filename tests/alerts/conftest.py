"""The alerts service in a house of its own, without its jobs: a test hands it letters and lets time pass."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from contracts.envelope import Event
from contracts.events.light import ClockDueSoon, ClockMissed, LightChanged
from contracts.events.register import CalendarRevised, PolicyPublished
from contracts.terms import Light
from services.alerts import handlers, ticks
from services.chassis import outbox
from services.chassis.bus import Letter
from services.chassis.inbox import Inbox
from services.chassis.service import Service
from tests.alerts.story import CALENDAR, NODE, at
from tests.conftest import House

SAID = {word.type: word for word in (LightChanged, ClockMissed, ClockDueSoon, PolicyPublished)}


class Alerts:
    """What a test does with the service."""

    def __init__(self, service: Service) -> None:
        self.service, self.mailbox = service, Inbox(service)

    async def hear(self, *events: Event) -> None:
        """These letters come in one batch."""
        letters = [Letter(str(e.id), e.type, e.aggregate, e.subject(), e.model_dump_json().encode()) for e in events]
        async with self.service.pool.acquire() as db:
            await self.mailbox.take(db, letters)

    async def turn(self, until: datetime) -> int:
        """Time passes; how many events were said in one go."""
        async with self.service.pool.acquire() as db, db.transaction():
            said = await ticks.turn(db, until)
            await outbox.emit(db, self.service.handlers, said)
        return len(said)

    async def wait(self, until: datetime) -> None:
        """Time passes until nothing more is to be said."""
        while await self.turn(until):
            pass

    async def said(self, kind: type[Event] | None = None) -> Sequence[Any]:
        """What was said so far, in order."""
        wanted = kind.type if kind else ""
        rows = await self.fetch("select type, body from outbox where $1 in ('', type) order by seq", wanted)
        return [SAID[row["type"]].model_validate_json(row["body"]) for row in rows]

    async def lights(self, sql: str) -> list[Light]:
        """The column `light` of the rows."""
        return [Light(row["light"]) for row in await self.fetch(sql)]

    async def fetch(self, sql: str, *args: object) -> Sequence[Any]:
        """Rows of the service's own schema."""
        return await self.service.pool.fetch(sql, *args)


def calendars() -> list[CalendarRevised]:
    """The years as tasks publishes them."""
    return [
        CalendarRevised(
            time=at("2025-01-01 00:00"),
            aggregate=f"calendar/{year}",
            version=1,
            owner=NODE,
            address="14.00.00.000.all",
            year=year,
            days=tuple(day for day in CALENDAR.days if day.date.year == year),
        )
        for year in (2026, 2027)
    ]


@pytest.fixture
async def alerts(house: House) -> Alerts:
    """The service with the calendar heard."""
    service = Alerts(await house.service("alerts", handlers, ticks))
    await service.hear(*calendars())
    return service
