"""The alerts service on a real database, without its jobs: a test hands it messages and lets time pass."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from contracts.envelope import Event
from contracts.events.light import ClockDueSoon, ClockMissed, LightChanged
from contracts.events.register import CalendarRevised, PolicyPublished
from contracts.terms import Light
from deploy.local import backing as local
from services.alerts import handlers, ticks
from services.chassis import outbox
from services.chassis.bus import Message
from services.chassis.inbox import Inbox
from services.chassis.service import Service
from tests.alerts.judge import CALENDAR
from tests.conftest import House, migrated
from tests.story import moment
from tests.story.province import EVERYONE, NODE, YEARS

EMITTED = {kind.type: kind for kind in (LightChanged, ClockMissed, ClockDueSoon, PolicyPublished)}


@pytest.fixture(scope="session")
def template(backing: local.Backing) -> str:
    return migrated(backing, alerts=handlers)


class Alerts:
    """What a test does with the service."""

    def __init__(self, service: Service) -> None:
        self.service, self.inbox = service, Inbox(service)

    async def handle(self, *events: Event) -> None:
        """These events come in one batch."""
        async with self.service.pool.acquire() as db:
            await self.inbox.take(db, self.messages(*events))

    def messages(self, *events: Event) -> list[Message]:
        """The events as they travel, without the kinds that the inbox drops."""
        messages = [Message(str(e.id), e.type, e.aggregate, e.subject(), e.model_dump_json().encode()) for e in events]
        return self.inbox.wanted(messages)

    async def turn(self, until: datetime) -> int:
        """Time passes; how many events were emitted in one go."""
        async with self.service.pool.acquire() as db, db.transaction():
            events = await ticks.turn_lights(db, until)
            await outbox.emit(db, self.service.handlers, events)
        return len(events)

    async def wait(self, until: datetime) -> None:
        """Time passes until nothing more is to be emitted."""
        while await self.turn(until):
            pass

    async def emitted(self, kind: type[Event] | None = None) -> Sequence[Any]:
        """What was emitted so far, in order."""
        wanted = kind.type if kind else ""
        rows = await self.fetch("select type, body from outbox where $1 in ('', type) order by seq", wanted)
        return [EMITTED[row["type"]].model_validate_json(row["body"]) for row in rows]

    async def lights(self, where: str) -> set[Light]:
        """The lights kept in the rows that satisfy a condition."""
        return {Light(row["light"]) for row in await self.fetch(f"select light from light where {where}")}

    async def fetch(self, sql: str, *args: object) -> Sequence[Any]:
        """Rows of the service's own schema."""
        return await self.service.pool.fetch(sql, *args)


def calendars() -> list[CalendarRevised]:
    """The years as tasks publishes them."""
    return [
        calendar(year, [d for d in CALENDAR.days if d.date.year == year], moment("2025-01-01 00:00"), 1)
        for year in YEARS
    ]


def calendar(year: int, days: Sequence[Any], now: datetime, version: int = 2) -> CalendarRevised:
    """A year as it is known now."""
    return CalendarRevised(
        time=now,
        aggregate=f"calendar/{year}",
        version=version,
        owner=NODE,
        address=EVERYONE,
        year=year,
        days=tuple(days),
    )


@pytest.fixture
async def alerts(house: House) -> Alerts:
    """The service with the calendar handled."""
    service = Alerts(await house.service("alerts", handlers, ticks))
    await service.handle(*calendars())
    return service
