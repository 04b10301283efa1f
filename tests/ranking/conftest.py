"""The ranking service over real parts: facts come through its inbox, time through its tick."""

import random
from collections.abc import Sequence
from datetime import datetime

import pytest

from contracts.envelope import EVENT_STREAM, Event
from deploy.local import backing as local
from services.chassis import bus, db, outbox
from services.chassis.inbox import Inbox
from services.chassis.service import Service
from services.ranking import handlers, ticks
from tests.conftest import House, migrated


@pytest.fixture(scope="session")
def template(backing: local.Backing) -> str:
    return migrated(backing, ranking=handlers)


@pytest.fixture
async def ranking(house: House) -> Service:
    """The province's service."""
    return await opened_service(house)


async def opened_service(house: House) -> Service:
    """A service with an inbox for which nothing waits."""
    service = await house.service("ranking", handlers, ticks)
    await bus.rewind(service, EVENT_STREAM, service.name, Inbox(service).subject)
    return service


def message(event: Event) -> bus.Message:
    """An event as it comes from the stream."""
    return bus.Message(str(event.id), event.type, event.aggregate, event.subject(), event.model_dump_json().encode())


async def deliver(service: Service, events: Sequence[Event], dice: random.Random | None = None) -> None:
    """Through the inbox, in batches."""
    inbox = Inbox(service)
    messages = inbox.wanted([message(event) for event in events])
    async with db.connected(service) as connection:
        while messages:
            size = dice.randint(1, 40) if dice else 500
            async with connection.transaction():
                await inbox.handle(connection, messages[:size])
            messages = messages[size:]


async def tick(service: Service, now: datetime) -> list[Event]:
    """What is emitted at a moment, until nothing more is."""
    emitted: list[Event] = []
    async with db.connected(service) as connection:
        while True:
            async with connection.transaction():
                events = await ticks.rank(connection, now, service)
                await outbox.emit(connection, service.handlers, events)
            emitted += events
            if not events:
                return emitted
