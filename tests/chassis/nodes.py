"""What a node does to the queue of commands, and what it is answered."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from contracts.envelope import COMMAND_STREAM, COMMANDS, Actor, ActorRole, Command
from services.chassis.service import Service
from tests.chassis import toy

HERE, SIBLING = "14.10.02", "14.10.03"
ANSWERS = """
select at, version, aggregate, convert_from(body, 'UTF8')::jsonb ->> 'address' as address, body
from outbox where type = 'command.answered' order by seq
"""


def clerk(node: str = HERE, *roles: ActorRole) -> Actor:
    return Actor(person="clerk", unit=f"{node}.000.gov", roles=roles or (ActorRole.UNIT_CLERK,))


def adding(node: str = HERE, thing: str = "a", by: int = 1, **more: Any) -> toy.Add:
    return toy.Add(**{"actor": clerk(node), "thing": thing, "by": by} | more)


async def leave(service: Service, command: Command | bytes, node: str = HERE, verb: str = "add") -> None:
    """One command into the queue. Raises the stream's error."""
    if isinstance(command, Command):
        verb = command.verb()
        command = command.model_dump_json().encode()
    await service.nc.jetstream().publish(f"{COMMANDS}.{verb}.{node}", command)


async def flood(service: Service, commands: Sequence[Command], node: str = HERE) -> list[dict[str, Any]]:
    """All at once, and what the stream acknowledged to the sender."""
    nc = service.nc
    acknowledgements = await nc.subscribe(inbox := nc.new_inbox())
    for command in commands:
        await nc.publish(command.durable(node), command.model_dump_json().encode(), reply=inbox)
    answers = [json.loads((await acknowledgements.next_msg(timeout=30)).data) for _ in commands]
    await acknowledgements.unsubscribe()
    return answers


async def answers(service: Service, *ids: UUID) -> list[dict[str, Any]]:
    """The answers in the order in which they were emitted: all, or those to these ids."""
    rows = [dict(row) | json.loads(row["body"]) for row in await service.pool.fetch(ANSWERS)]
    return [row for row in rows if not ids or UUID(row["command"]) in ids]


async def answered(service: Service, count: int) -> bool:
    return len(await answers(service)) >= count


async def queue_is_empty(service: Service) -> bool:
    return not (await service.nc.jetstream().stream_info(COMMAND_STREAM)).state.messages


def codes(rows: Sequence[dict[str, Any]]) -> list[str]:
    """What each was answered, in a word."""
    return [row["answer"].get("code", "done") for row in rows]
