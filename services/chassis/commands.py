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
from services.chassis import audit, db, metrics, outbox, refusals
from services.chassis.command_batcher import CommandBatcher, PendingCommand, Result
from services.chassis.service import Service

logger = structlog.get_logger(__name__)

STORED = "select now() as now, id, answer, digest from (select) always left join command on id = any($1)"
STORE = f"""
with emitted as ({outbox.PUT}),
     audited as (
         insert into audit (unit, entry)
         select unit, entry from unnest($9::text[], $10::text[]) with ordinality a (unit, entry, n) order by n
     )
insert into command (id, type, digest, answer)
select * from unnest($11::uuid[], $12::text[], $13::bytea[], $14::jsonb[])
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
        result, events = refusal(error, kind), ()
    metrics.COMMANDS.labels(service.name, kind.type).observe(time.perf_counter() - began)
    if isinstance(result, Refused):
        metrics.REFUSALS.labels(service.name, kind.type, result.code).inc()
        logger.info("refused", command=kind.type, reason=result.code, pointer=result.pointer)
    return result, len(events)


def refusal(error: Exception, kind: type[Command]) -> Refused:
    """What a sender is told of an error; a fault of ours is logged."""
    match error:
        case ValidationError():
            return refusals.invalid(error)
        case ClaimedTimeRefused():
            return refusals.CLAIMED_TIME_REFUSED
        case outbox.TooLarge():
            return refusals.TOO_LARGE
        case db.Unavailable():
            logger.warning("the database does not answer", command=kind.type, error=repr(error.__cause__))
            return refusals.UNAVAILABLE
    logger.error("a command failed", command=kind.type, exc_info=error)
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
        rows = await connection.fetch(STORED, [pending.command.id for pending in batch])
        stored = {row["id"]: row for row in rows}
        new = [pending for pending in batch if pending.command.id not in stored]
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
        await store(connection, results, now)
        return [results.get(pending) or (again(stored[pending.command.id], pending), ()) for pending in batch]


def again(row: Record, pending: PendingCommand) -> Done | Refused:
    """The answer of the first time; another request under the same id is refused."""
    return ANSWER.validate_json(row["answer"]) if row["digest"] == digest(pending.command) else refusals.ID_REUSED


def digest(command: Command) -> bytes:
    """What a command asks for: its type and its body, however its sender wrote it down."""
    return hashlib.sha256(f"{command.type} {command.model_dump_json()}".encode()).digest()


async def store(connection: Connection, results: dict[PendingCommand, Result], now: datetime) -> None:
    """Events, audit rows and answers: one statement, the last of its transaction; before it, events without room."""
    events = [(event, pending.trace) for pending, (_, events) in results.items() for event in events]
    entries = [
        (pending.command.actor.unit, audit.entry(pending.command, answer, events, now))
        for pending, (answer, events) in results.items()
        if isinstance(answer, Done)
    ]
    answers = [
        (pending.command.id, pending.command.type, digest(pending.command), answer.model_dump_json())
        for pending, (answer, _) in results.items()
    ]
    if answers:
        *early, last = outbox.slices(events) or [[]]
        for part in early:
            await connection.execute(outbox.PUT, *outbox.columns(part))
        columns = (*outbox.columns(last), *outbox.transposed(entries, 2), *outbox.transposed(answers, 4))
        await connection.execute(STORE, *columns)


async def demo_time(connection: Connection, claimed_time: str) -> datetime:
    """The claimed time, where the mark `demo` stands. Raises ClaimedTimeRefused."""
    if await connection.fetchval("select exists (select from mark where name = 'demo')"):
        try:
            return datetime.fromisoformat(claimed_time)
        except ValueError:
            pass
    raise ClaimedTimeRefused
