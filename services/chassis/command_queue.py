"""The nodes' durable commands: a turn for every node, many in one transaction, each sending answered by one event."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import structlog
from asyncpg import Connection, Record

from contracts.envelope import COMMAND_STREAM, COMMANDS, Command, CommandAnswered, Done
from contracts.refusals import Refused
from services.chassis import bus, commands, outbox, refusals, trouble
from services.chassis.command_batcher import PendingCommand
from services.chassis.fair_queue import FairQueue
from services.chassis.inbox import in_step
from services.chassis.lanes import Lane
from services.chassis.queued_command import QueuedCommand, node_in
from services.chassis.service import Service

logger = structlog.get_logger(__name__)

LONGEST = 10_000
"""Bytes of a refusal that travels as an event; a longer one echoes what it refuses."""
ANSWERED = """
select now() as now, sender, id, address, coalesce(version, 0) as version, sent_at
from unnest($1::text[], $2::uuid[]) asked (sender, id) left join command_answered using (sender, id)
"""
EMIT = f"""
with {outbox.WRITE}
insert into command_answered (sender, id, address, version, sent_at)
select * from unnest($11::text[], $12::uuid[], $13::text[], $14::int[], $15::timestamptz[])
on conflict (sender, id) do update set version = excluded.version, sent_at = excluded.sent_at
"""
Answered = tuple[QueuedCommand, Done | Refused]


class Waiting(NamedTuple):
    """Commands of nodes that have no answer yet; `age`: seconds that the oldest has been in the queue."""

    commands: int = 0
    age: float = 0


def durable(service: Service) -> dict[str, type[Command]]:
    """The commands that a node may leave in the queue, by verb."""
    return {kind.verb(): kind for kind, handler in service.handlers.commands.items() if handler.durable}


async def ask(service: Service, request: str, **body: Any) -> dict[str, Any]:
    """One request about the queue as a stream. Raises ApiError."""
    return await bus.ask(service.nc, f"$JS.API.STREAM.{request}.{COMMAND_STREAM}", json.dumps(body).encode())


async def first(service: Service, subject: str, after: int = 0) -> dict[str, Any] | None:
    """The first message under a subject behind this place, as the server describes it; None where there is none."""
    return await bus.stored(service, COMMAND_STREAM, seq=after + 1, next_by_subj=subject)


async def waiting(service: Service) -> Waiting:
    """What the queue holds for this service, whether one of its replicas has fetched it or not."""
    if not (verbs := durable(service)):
        return Waiting()
    state = (await ask(service, "INFO", subjects_filter=f"{COMMANDS}.>"))["state"]
    counts = Counter[str]()
    for subject, count in (state.get("subjects") or {}).items():
        counts[subject.split(".")[3]] += count
    heads = [await first(service, f"{COMMANDS}.{verb}.>") for verb in verbs if counts[verb]]
    sent = [datetime.fromisoformat(head["time"]) for head in heads if head]
    age = (datetime.now(UTC) - min(sent)).total_seconds() if sent else 0
    return Waiting(sum(counts[verb] for verb in verbs), max(0, age))


async def lead(db: Connection, service: Service) -> None:
    """Turn by turn, for as long as the connection lasts, which holds the lock."""
    kinds, now = durable(service), asyncio.get_running_loop().time
    waiting, step = FairQueue([kind for kind, h in service.handlers.commands.items() if h.batch]), 0
    await bus.rewind(service, COMMAND_STREAM, service.name, *(f"{COMMANDS}.{verb}.>" for verb in sorted(kinds)))
    async with bus.reading(service, COMMAND_STREAM, service.name) as fetch:
        while True:
            step = await fill(waiting, fetch, kinds, step)
            for group in waiting.turn(now()):
                await take(db, service, waiting, group)


async def fill(
    waiting: FairQueue, fetch: Callable[..., Awaitable[list[bus.Message]]], kinds: dict[str, type[Command]], step: int
) -> int:
    """Put all that has arrived into the queues, so that who comes after a flood is seen; returns the last step.

    What names no node cannot be answered; it is acknowledged last, for its place would be taken at once.
    """
    nameless, idle = [], waiting.pause(asyncio.get_running_loop().time())
    while messages := await fetch(idle):
        step, idle = in_step(step, messages), 0
        for message in messages:
            if node := node_in(message.subject):
                waiting.add(QueuedCommand(kinds[message.kind.partition(".")[0]], node, message))
            else:
                nameless.append(message)
    for message in nameless:
        logger.warning("removes a command that names no node", subject=message.subject)
        await message.acknowledge()
    return step


async def take(db: Connection, service: Service, waiting: FairQueue, group: list[QueuedCommand]) -> None:
    """Answer these in one transaction, then acknowledge them; if it fails, each has its own in later turns.

    One that keeps failing is answered so, after a patience in which its own node alone waits.
    """
    try:
        await answer(db, service, group)
    except Exception as error:
        if db.is_closed() or trouble.full(error):  # without the database nothing can be answered at all
            raise
        alone = group[0] if len(group) == 1 else None
        if alone and isinstance(alone.request, Refused):
            raise
        if alone and (refused := given_up(service, alone, error)):
            alone.request = refused
        waiting.put_back(group, resumes(service, alone))
        return
    for command in group:
        await command.message.acknowledge()
    waiting.done(group)
    await outbox.poke(service)


def given_up(service: Service, command: QueuedCommand, error: Exception) -> Refused | None:
    """The refusal of a command that failed; None while it may be tried again."""
    command.attempts += 1
    refused = commands.refusal(error, command.type)
    tried = command.attempts >= len(service.settings.patience)
    return refused if tried or refused.code not in refusals.UNDECIDED else None


def resumes(service: Service, failed: QueuedCommand | None) -> float:
    """When its node goes on."""
    pause = 0.0
    if failed and not isinstance(failed.request, Refused):
        pause = service.settings.patience[failed.attempts]
    return asyncio.get_running_loop().time() + pause


async def answer(db: Connection, service: Service, group: Sequence[QueuedCommand]) -> None:
    """Decide these, all of one kind, and emit the answers: one transaction.

    A message that is delivered again after its answer changes nothing; the same command sent again is answered again.
    """
    began = time.perf_counter()
    async with db.transaction():
        rows = await db.fetch(ANSWERED, *outbox.transposed([command.key for command in group], 2))
        last = {(row["sender"], row["id"]): row for row in rows}
        new = [command for command in group if is_new(command, last[command.key])]
        answers = await decided(db, service, new)
        await emit(db, service, [(command, answer, last[command.key]) for command, answer in answers])
    for command, result in answers:
        with command.work:
            commands.observe(service, command.type, result, time.perf_counter() - began)


def is_new(command: QueuedCommand, mark: Record) -> bool:
    """Its last answer, if any, was to an earlier sending."""
    return not mark["version"] or mark["sent_at"] < command.message.sent_at


async def decided(db: Connection, service: Service, group: Sequence[QueuedCommand]) -> list[Answered]:
    """What each is answered; those that can be asked are asked together."""
    requests = [command.request for command in group if isinstance(command.request, PendingCommand)]
    results = await commands.decide(service, type(requests[0].command), requests, db) if requests else []
    by_request = dict(zip(requests, results, strict=True))
    return [
        (command, command.request if isinstance(command.request, Refused) else by_request[command.request][0])
        for command in group
    ]


async def emit(
    db: Connection, service: Service, answers: Sequence[tuple[QueuedCommand, Done | Refused, Record]]
) -> None:
    """Write the answers as events, each as the next version of what its node sent under its id."""
    events, rows = [], []
    for command, result, mark in answers:
        address, version = mark["address"] or command.address, mark["version"] + 1
        event = CommandAnswered(
            time=mark["now"],
            aggregate=f"command/{service.name}.{command.node}.{command.id}",
            version=version,
            owner=service.settings.node,
            address=address,
            audience=(address,),
            command=command.id,
            answer=shortened(result),
        )
        events.append((event, command.trace))
        rows.append((*command.key, address, version, command.message.sent_at))
    if events:
        await db.execute(EMIT, *outbox.columns(events, Lane.URGENT), *outbox.transposed(rows, 5))


def shortened(answer: Done | Refused) -> Done | Refused:
    """A refusal without what makes it too long."""
    if isinstance(answer, Refused) and len(answer.model_dump_json()) > LONGEST:
        return Refused(kind=answer.kind, code=answer.code, message=answer.message[:200])
    return answer
