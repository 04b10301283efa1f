"""The ranking service over real parts: facts come through its mailbox, time through its clock."""

import random
from collections.abc import Sequence
from datetime import datetime

import pytest

from contracts.envelope import Event
from services.chassis import bus, db, outbox
from services.chassis.mailbox import Mailbox
from services.chassis.room import Room
from services.ranking import clock, handlers
from tests.conftest import House


@pytest.fixture
async def ranking(house: House) -> Room:
    """The province's room."""
    return await opened_room(house)


async def opened_room(house: House) -> Room:
    """A room with a mailbox that has nothing to wait for."""
    room = await house.room("ranking", handlers, clock)
    await bus.rewind(room, room.settings.stream, room.service, Mailbox(room).subjects)
    return room


def letter(event: Event) -> bus.Letter:
    """An event as it comes from the stream."""
    return bus.Letter(event.id, event.type, event.aggregate, event.subject(), event.model_dump_json().encode())


async def hear(room: Room, events: Sequence[Event], dice: random.Random | None = None) -> None:
    """Through the mailbox, in batches; a word it does not listen to does not reach it."""
    mailbox = Mailbox(room)
    letters = [letter(event) for event in events if event.type in mailbox.ears]
    async with db.connected(room) as connection:
        while letters:
            size = dice.randint(1, 40) if dice else 500
            async with connection.transaction():
                await mailbox.open(connection, letters[:size])
            letters = letters[size:]


async def tick(room: Room, now: datetime) -> list[Event]:
    """What the clock says at a moment, until it says no more."""
    said: list[Event] = []
    async with db.connected(room) as connection:
        while True:
            async with connection.transaction():
                events = await clock.tick(connection, now, room)
                await outbox.say(connection, room.handlers, events)
            said += events
            if not events:
                return said
