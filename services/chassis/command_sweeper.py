"""Commands that no service takes: answered where they name a node, and removed, so that they do not wait for ever.

One service on every node runs it for all; each of the others reads the verbs of its own handlers alone.
"""

import asyncio
import json
from base64 import b64decode
from collections.abc import Collection
from datetime import datetime
from typing import Any

import structlog
from asyncpg import Connection

from services.chassis import bus, command_queue, leading, outbox
from services.chassis.queued_command import QueuedCommand, node_in
from services.chassis.service import Service
from services.chassis.trouble import ApiError

logger = structlog.get_logger(__name__)

PAUSE = 10
"""Seconds between two looks."""


async def keep_swept(service: Service, verbs: Collection[str]) -> None:
    """For ever, on one replica. `verbs`: those that some service takes, running or not."""

    async def lead(held: Connection) -> None:
        while True:
            await sweep(held, service, verbs)
            await asyncio.sleep(PAUSE)

    await leading.campaign(service, {"sweeper": lead})


async def sweep(held: Connection, service: Service, verbs: Collection[str]) -> None:
    """Everything there is now, a subject in a transaction."""
    info = await stream_api(service, "INFO", subjects_filter=">")
    for subject in info["state"].get("subjects") or ():
        if subject.split(".")[3] in verbs:
            continue
        messages = await messages_of(service, subject)
        logger.warning("removes commands that no service takes", subject=subject, messages=len(messages))
        if node := node_in(subject):
            commands = [QueuedCommand(None, node, message) for message in messages]
            last_sent = {command.id: command for command in commands}
            await command_queue.answer(held, service, list(last_sent.values()))
            await outbox.poke(service)
        if messages:
            await stream_api(service, "PURGE", filter=subject, seq=messages[-1].sequence + 1)


async def messages_of(service: Service, subject: str) -> list[bus.Message]:
    """What waits under a subject, in order, and no more than one transaction takes."""
    messages: list[bus.Message] = []
    while len(messages) < bus.QUEUED:
        after = messages[-1].sequence if messages else 0
        try:
            answer = await stream_api(service, "MSG.GET", seq=after + 1, next_by_subj=subject)
        except ApiError as error:
            if error.code != bus.NO_MESSAGE:
                raise
            break
        message = answer["message"]
        sent_at, body = datetime.fromisoformat(message["time"]), b64decode(message.get("data", ""))
        messages.append(bus.Message("", "", "", subject, body, sequence=message["seq"], sent_at=sent_at))
    return messages


async def stream_api(service: Service, request: str, **body: Any) -> dict[str, Any]:
    """One request about the queue. Raises ApiError."""
    return await bus.ask(service.nc, f"$JS.API.STREAM.{request}.{service.settings.queue}", json.dumps(body).encode())
