"""The demo's hands on the bus: it asks desks as anybody would, only that it may tell them the time."""

import json
from datetime import datetime
from typing import Any

import nats.errors
from nats.aio.client import Client

from contracts.envelope import Actor, ActorRole, Command
from deploy.local.demo.plan import SUPERVISOR_UNIT


def office() -> Actor:
    """The Inspectorate of the demo province."""
    return Actor(person="演示载入", unit=SUPERVISOR_UNIT, roles=(ActorRole.SUPERVISOR, ActorRole.OPERATOR))


async def ask(bus: Client, command: Command, now: datetime | None, seconds: float = 10) -> dict[str, Any]:
    """The desk's answer; `now` is the time it is told."""
    headers = {"duban-now": now.isoformat()} if now else None
    reply = await bus.request(command.subject(), command.model_dump_json().encode(), seconds, headers=headers)
    return json.loads(reply.data)


async def said(bus: Client, subject: str) -> list[bytes]:
    """Everything the stream holds under `subject`, first to last; waits 10 s for the first."""
    stream = bus.jetstream()
    subscription = await stream.subscribe(subject, stream="EVENTS", ordered_consumer=True)
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
