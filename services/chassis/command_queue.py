"""The nodes' durable commands, one by one; the sender's unit is read from the subject, which the server guarantees."""

import asyncio
import json
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from asyncpg import Connection

from contracts.envelope import COMMANDS, UNIT_SIDE, Command, CommandAnswered
from contracts.refusals import Refused
from contracts.units import AddressInvalid, parse
from services.chassis import bus, commands, log, outbox, refusals
from services.chassis.inbox import park
from services.chassis.service import Service

LONGEST = 10_000
"""Bytes of a refusal that travels as an event; a longer one echoes what it refuses."""
ANSWERED = "insert into command (id, type, digest) values ($1, 'answered', '')"


def durable(service: Service) -> dict[str, type[Command]]:
    """The commands that a node may leave in the queue, by verb."""
    handlers = service.handlers.commands.items()
    return {command.type.split(".")[1]: command for command, handler in handlers if handler.durable}


async def lead(db: Connection, service: Service) -> None:
    """Take one after the other, for as long as the connection lasts."""
    kinds, queue = durable(service), service.settings.queue
    await bus.rewind(service, queue, service.name, *(f"{COMMANDS}.{verb}.>" for verb in sorted(kinds)))
    async with bus.reading(service, queue, service.name) as fetch:
        while True:
            for message in await fetch():
                verb, sender = message.subject.split(".", 4)[3:]
                sender = f"{sender}.000.gov" if sender.count(".") == 2 else sender  # a node
                try:
                    parse(sender)
                except AddressInvalid as error:  # nobody can be answered
                    await park(db, service.name, message, str(error))
                else:
                    await take(service, db, kinds[verb], message, sender)
                await message.acknowledge()


async def take(service: Service, db: Connection, kind: type[Command], message: bus.Message, sender: str) -> None:
    """Answer one command, and emit the answer at the sender's address.

    One that keeps failing is answered so, that others may go on; without the database nothing can be answered at all.
    """
    log.trace(message.trace)
    body = vouched(message.body, sender)
    for pause in service.settings.patience:
        await asyncio.sleep(pause)
        answer, _ = await commands.answer(service, kind, body)
        if decided := not isinstance(answer, Refused) or answer.code not in refusals.UNDECIDED:
            break
    if isinstance(answer, Refused) and len(answer.model_dump_json()) > LONGEST:
        answer = Refused(kind=answer.kind, code=answer.code, message=answer.message[:200])
    command = id_in(body) or uuid5(NAMESPACE_OID, message.id)
    marker = uuid5(command, "answered")
    async with db.transaction():
        stored = await db.fetchrow(commands.STORED, [marker])
        if stored["digest"] is None:
            event = CommandAnswered(
                time=stored["now"],
                aggregate=f"command/{command}",
                version=1,
                owner=service.settings.node,
                address=sender,
                audience=(sender,),
                command=command,
                answer=answer,
            )
            await outbox.put(db, [event])
            if decided:
                await db.execute(ANSWERED, marker)
    await outbox.poke(service)


def id_in(body: bytes) -> UUID | None:
    """The id a command gives itself, if it can be read."""
    try:
        return UUID(json.loads(body)["id"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def vouched(body: bytes, sender: str) -> bytes:
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
