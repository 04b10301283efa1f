"""The ranking service over real parts: facts come through its mailbox, time through its clock."""

import random
from collections.abc import Sequence
from datetime import datetime

import pytest

from contracts.envelope import Event
from services.chassis import bus, db, outbox
from services.chassis.inbox import Inbox
from services.chassis.service import Service
from services.ranking import handlers, ticks
from tests.conftest import House


@pytest.fixture
async def ranking(house: House) -> Service:
    """The province's service."""
    return await opened_room(house)


async def opened_room(house: House) -> Service:
    """A service with a mailbox that has nothing to wait for."""
    service = await house.service("ranking", handlers, ticks)
    await bus.rewind(service, service.settings.stream, service.name, Inbox(service).subjects)
    return service


def letter(event: Event) -> bus.Letter:
    """An event as it comes from the stream."""
    return bus.Letter(event.id, event.type, event.aggregate, event.subject(), event.model_dump_json().encode())


async def hear(service: Service, events: Sequence[Event], dice: random.Random | None = None) -> None:
    """Through the mailbox, in batches; a word it does not listen to does not reach it."""
    mailbox = Inbox(service)
    letters = [letter(event) for event in events if event.type in mailbox.ears]
    async with db.connected(service) as connection:
        while letters:
            size = dice.randint(1, 40) if dice else 500
            async with connection.transaction():
                await mailbox.open(connection, letters[:size])
            letters = letters[size:]


async def tick(service: Service, now: datetime) -> list[Event]:
    """What the clock says at a moment, until it says no more."""
    said: list[Event] = []
    async with db.connected(service) as connection:
        while True:
            async with connection.transaction():
                events = await ticks.tick(connection, now, service)
                await outbox.emit(connection, service.handlers, events)
            said += events
            if not events:
                return said
