"""One command, one answer, however often it is sent: answer, state, audit row and events are one transaction."""

import hashlib
import time
from collections.abc import Sequence
from datetime import datetime
from functools import partial

import structlog
from asyncpg import Connection, Record, UniqueViolationError
from pydantic import TypeAdapter, ValidationError

from contracts.envelope import Answer, Command, Done
from contracts.refusals import Refused
from services.chassis import audit, db, metrics, outbox, refusals, trouble
from services.chassis.command_batcher import CommandBatcher, PendingCommand, Result
from services.chassis.lanes import Lane
from services.chassis.service import Service

logger = structlog.get_logger(__name__)

STORED = """
select now() as now, sender, id, answer, digest
from unnest($1::text[], $2::uuid[]) asked (sender, id) left join command using (sender, id)
"""
STORE = f"""
with {outbox.WRITE}, audited as (
    insert into audit (unit, entry)
    select unit, entry from unnest($11::text[], $12::text[]) with ordinality a (unit, entry, n) order by n
)
insert into command (sender, id, type, digest, answer)
select * from unnest($13::text[], $14::uuid[], $15::text[], $16::bytea[], $17::jsonb[])
"""
ANSWER: TypeAdapter[Done | Refused] = TypeAdapter(Answer)


class ClaimedTimeRefused(Exception):
    """A time of its own, for a database that is not a demo, or no time at all."""


async def answer(
    service: Service, kind: type[Command], body: bytes, claimed_time: str | None = None
) -> tuple[Done | Refused, int]:
    """The answer to one command, and how many events it emitted; never an exception."""
    began = time.perf_counter()
    try:
        pending = PendingCommand(kind.model_validate_json(body), claimed_time)
        if service.handlers.commands[kind].batch and not claimed_time:
            result, events = await batcher(service, kind).submit(pending)
        else:
            [(result, events)] = await transact(service, kind, [pending])
    except Exception as error:
        result, events = refusal(error, kind.type), ()
    observe(service, kind.type, result, time.perf_counter() - began)
    return result, len(events)


def observe(service: Service, command: str, answer: Done | Refused, seconds: float) -> None:
    """Count an answer and its time, and say so in a line."""
    metrics.COMMANDS.labels(service.name, command).observe(seconds)
    ms = round(seconds * 1000, 1)
    if isinstance(answer, Refused):
        metrics.REFUSALS.labels(service.name, command, answer.code).inc()
        logger.info("refused", command=command, reason=answer.code, pointer=answer.pointer, ms=ms)
    else:
        logger.info("decided", command=command, aggregate=answer.aggregate, version=answer.version, ms=ms)


def refusal(error: Exception, command: str) -> Refused:
    """What a sender is told of an error; a fault of ours is logged."""
    if words := trouble.full(error):
        logger.error("cannot write", command=command, error=words)
        return refusals.LOG_BEHIND if words == trouble.LOG_BEHIND else refusals.NO_ROOM
    match error:
        case ValidationError():
            return refusals.invalid(error)
        case ClaimedTimeRefused():
            return refusals.CLAIMED_TIME_REFUSED
        case outbox.TooLarge():
            return refusals.TOO_LARGE
        case db.Unavailable():
            logger.warning("cannot answer yet", command=command, error=repr(error.__cause__ or error))
            return refusals.UNAVAILABLE
    logger.error("a command failed", command=command, exc_info=error)
    return refusals.FAILED


def batcher(service: Service, kind: type[Command]) -> CommandBatcher:
    """The commands of this kind that wait."""
    return service.batchers.setdefault(kind, CommandBatcher(partial(transact, service, kind)))


async def transact(service: Service, kind: type[Command], batch: Sequence[PendingCommand]) -> list[Result]:
    """Answer all in one transaction. Raises Unavailable.

    Of two with one id at one moment the second fails at that key: it looks again, and finds the answer of the first.
    """
    async with db.acquired(service.pool) as connection:
        try:
            return await decide(service, kind, batch, connection)
        except UniqueViolationError:
            return await decide(service, kind, batch, connection)


async def decide(
    service: Service, kind: type[Command], batch: Sequence[PendingCommand], connection: Connection
) -> list[Result]:
    """Call the handler with what comes for the first time, and store its answers with all that follows from them."""
    handler = service.handlers.commands[kind]
    async with connection.transaction():
        rows = await connection.fetch(STORED, *outbox.transposed([pending.key for pending in batch], 2))
        stored = {(row["sender"], row["id"]): row for row in rows if row["answer"]}
        new = [pending for pending in batch if pending.key not in stored]
        claimed_time = batch[0].claimed_time
        now = await demo_time(connection, claimed_time) if claimed_time else rows[0]["now"]
        commands, extras = [pending.command for pending in new], handler.arguments(service)
        if handler.batch:
            answers = await handler.call(commands, connection, now, **extras) if commands else ()
        else:
            answers = [await handler.call(command, connection, now, **extras) for command in commands]
        results: dict[PendingCommand, Result] = dict(zip(new, answers, strict=True))
        events = [event for _, events in results.values() for event in events]
        await outbox.apply(connection, service.handlers, outbox.by_entity(events) if handler.batch else events)
        await store(connection, results, now, Lane.BULK if handler.bulk else Lane.URGENT)
        return [results.get(pending) or (again(stored[pending.key], pending), ()) for pending in batch]


def again(row: Record, pending: PendingCommand) -> Done | Refused:
    """The answer of the first time; another request under the same id is refused."""
    return ANSWER.validate_json(row["answer"]) if row["digest"] == digest(pending.command) else refusals.ID_REUSED


def digest(command: Command) -> bytes:
    """What a command asks for: its type and its body, however its sender wrote it down."""
    return hashlib.sha256(f"{command.type} {command.model_dump_json()}".encode()).digest()


async def store(connection: Connection, results: dict[PendingCommand, Result], now: datetime, lane: Lane) -> None:
    """Events, audit rows and answers: one statement, the last of its transaction; before it, events without room."""
    events = [(event, pending.trace) for pending, (_, events) in results.items() for event in events]
    entries = [
        (pending.command.actor.unit, audit.entry(pending.command, answer, events, now))
        for pending, (answer, events) in results.items()
        if isinstance(answer, Done)
    ]
    answers = [
        (*pending.key, pending.command.type, digest(pending.command), answer.model_dump_json())
        for pending, (answer, _) in results.items()
    ]
    if answers:
        *early, last = outbox.slices(events) or [[]]
        for part in early:
            await connection.execute(outbox.PUT, *outbox.columns(part, lane))
        columns = (*outbox.columns(last, lane), *outbox.transposed(entries, 2), *outbox.transposed(answers, 5))
        await connection.execute(STORE, *columns)


async def demo_time(connection: Connection, claimed_time: str) -> datetime:
    """The claimed time, where the mark `demo` stands. Raises ClaimedTimeRefused."""
    if await connection.fetchval("select exists (select from mark where name = 'demo')"):
        try:
            return datetime.fromisoformat(claimed_time)
        except ValueError:
            pass
    raise ClaimedTimeRefused
