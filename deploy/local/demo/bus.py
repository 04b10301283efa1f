"""The demo on the bus: it sends commands as anybody would, only that it may claim the time at which they are given."""

import json
from datetime import datetime
from typing import Any

import nats.errors
from nats.aio.client import Client

from contracts.envelope import EVENT_STREAM, Command


async def ask(bus: Client, command: Command, now: datetime | None, seconds: float = 10) -> dict[str, Any]:
    """The answer; `now`: the time that is claimed."""
    headers = {"duban-now": now.isoformat()} if now else None
    reply = await bus.request(command.subject(), command.model_dump_json().encode(), seconds, headers=headers)
    return json.loads(reply.data)


async def events_of(bus: Client, subject: str) -> list[bytes]:
    """The bodies of all events that the stream holds under `subject`, first to last; waits 10 s for the first."""
    stream = bus.jetstream()
    subscription = await stream.subscribe(subject, stream=EVENT_STREAM, ordered_consumer=True)
    bodies: list[bytes] = []
    while True:
        try:
            message = await subscription.next_msg(timeout=10)
        except nats.errors.TimeoutError:
            if bodies:
                raise
            return bodies
        bodies.append(message.data)
        if message.metadata.num_pending == 0:
            return bodies
