"""The desks on the bus: commands and questions over request/reply, the nodes' commands from their queue."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import structlog
from asyncpg import Connection
from faststream.nats import NatsMessage
from pydantic import BaseModel, ValidationError

from contracts.envelope import ADDRESS, UNIT_SIDE, Answer, CommandAnswered, Refused
from services.chassis import bus, commands, log, outbox
from services.chassis.inbox import park
from services.chassis.handlers import Marked
from services.chassis.service import Service

logger = structlog.get_logger(__name__)
NOW = "duban-now"
LONGEST = 10_000
"""Bytes of a refusal that travels as an event; a longer one echoes what it refuses."""
TOLD = "insert into command (id, type, digest) values ($1, 'answered', '')"


def desk(service: Service, marked: Marked) -> Callable[[bytes, NatsMessage], Awaitable[BaseModel]]:
    """The handler as the bus calls it: bytes in, an answer out, never an exception."""

    async def answer(body: bytes, message: NatsMessage) -> Answer:
        log.trace(message.headers.get("traceparent", ""))
        result, said = await commands.answered(service, marked, body, message.headers.get(NOW))
        if said:
            await outbox.poke(service)
        return result

    return answer


def counter(service: Service, marked: Marked) -> Callable[[bytes], Awaitable[BaseModel]]:
    """A question as the bus calls it; a bad one is refused, never raised."""

    async def answer(body: bytes) -> Any:  # FastStream would make a bare BaseModel of the answer, and fail silently
        try:
            query = marked.words[0].model_validate_json(body)
            async with room.pool.acquire() as db, db.transaction(readonly=True):
                return await marked.call(query, db, **marked.given(service))
        except ValidationError as error:
            return commands.invalid(error)
        except Exception:
            logger.exception("a question failed", query=marked.words[0].type)  # type: ignore[attr-defined]
            return Refused(code="failed", message="系统忙，请稍后再试")

    return answer


async def queue(db: Connection, service: Service) -> None:
    """The nodes' durable commands, one by one: the unit is read from the subject, which the server guarantees."""
    desks = {c.type.split(".")[1]: m for c, m in service.handlers.desks.items() if m.durable}
    await bus.rewind(service, service.settings.queue, service.name, [f"{bus.COMMANDS}.{verb}.>" for verb in sorted(desks)])
    async with bus.reading(service, service.settings.queue, service.name) as fetch:
        while True:
            for letter in await fetch():
                marked, sender = desks[letter.subject.split(".")[3]], ".".join(letter.subject.split(".")[4:])
                if re.fullmatch(ADDRESS, sender):
                    await taken(service, db, marked, letter, sender)
                else:
                    await park(db, service.name, letter, f"{sender} is no unit's address: nobody can be answered")
                await letter.acknowledge()  # type: ignore[misc]


async def taken(service: Service, db: Connection, marked: Marked, letter: bus.Letter, sender: str) -> None:
    """Answer one durable command, and say the answer at the sender's address.

    One that keeps failing is answered so, that others may go on; without the database nothing can be answered at all.
    """
    log.trace(letter.trace)
    body = as_node(letter.body, sender)
    for pause in service.settings.patience:
        await asyncio.sleep(pause)
        answer, _ = await commands.answered(service, marked, body)
        if final := not isinstance(answer, Refused) or answer.code != "failed":
            break
    if isinstance(answer, Refused) and len(answer.model_dump_json()) > LONGEST:
        answer = Refused(code=answer.code, message=answer.message[:200])
    command = named(body) or uuid5(NAMESPACE_OID, letter.id)
    told = uuid5(command, "answered")
    async with db.transaction():
        asked = await db.fetchrow(commands.ASKED, [told])
        if asked["digest"] is None:
            event = CommandAnswered(
                time=asked["now"],
                aggregate=f"command/{command}",
                version=1,
                owner=service.settings.node,
                address=sender,
                audience=(sender,),
                command=command,
                answer=answer,
            )
            await outbox.put(db, [event])
            if final:
                await db.execute(TOLD, told)
    await outbox.poke(service)


def named(body: bytes) -> UUID | None:
    """The id a command gave itself, if it can be read."""
    try:
        return UUID(json.loads(body)["id"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def as_node(body: bytes, sender: str) -> bytes:
    """The command as its sender may give it: its own unit, unit-side roles, a person of that node."""
    try:
        command: dict[str, Any] = json.loads(body)
        actor = command["actor"]
        actor["unit"] = sender
        actor["roles"] = [role for role in actor["roles"] if role in UNIT_SIDE]
        actor["person"] = f"{sender.rsplit('.', 2)[0]}/{actor['person']}"
        return json.dumps(command).encode()
    except (ValueError, KeyError, TypeError, RecursionError):
        return body
