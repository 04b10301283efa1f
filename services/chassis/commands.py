"""What a service answers: one command, one transaction, one answer, however often it is asked."""

import asyncio
import hashlib
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import structlog
from asyncpg import Connection, Record, UniqueViolationError
from faststream.nats import NatsMessage
from pydantic import BaseModel, TypeAdapter, ValidationError

from contracts.envelope import UNIT_SIDE, Answer, Command, CommandAnswered, Done, Event, Refused
from services.chassis import audit, bus, log, metrics, outbox
from services.chassis.marks import Marked
from services.chassis.room import Room

logger = structlog.get_logger(__name__)

ASKED = "select now() as now, answer, digest from (select) nobody left join command on id = $1"
KEEP = f"""
with said as ({outbox.PUT}),
     audited as (insert into audit (unit, entry) select $9::text, $10::text where $10 is not null)
insert into command (id, type, digest, answer) values ($11, $12, $13, $14)
"""
ANSWER: TypeAdapter[Done | Refused] = TypeAdapter(Answer)
NOW = "duban-now"


def desk(room: Room, marked: Marked) -> Callable[[bytes, NatsMessage], Awaitable[BaseModel]]:
    """The handler as the bus calls it: bytes in, an answer out, never an exception."""

    async def answer(body: bytes, message: NatsMessage) -> Answer:
        log.trace(message.headers.get("traceparent", ""))
        result, said = await answered(room, marked, body, message.headers.get(NOW))
        if said:
            await outbox.poke(room)
        return result

    return answer


async def answered(room: Room, marked: Marked, body: bytes, told: str | None = None) -> tuple[Done | Refused, int]:
    """The answer to one command, and how many events it said."""
    began, kind = time.perf_counter(), marked.words[0].type  # type: ignore[attr-defined]
    said: Sequence[Event] = ()
    result: Done | Refused
    try:
        command = marked.words[0].model_validate_json(body)
        async with room.pool.acquire() as db:
            result, said = await once(room, db, marked, command, told)  # type: ignore[arg-type]
    except ValidationError as error:
        result = invalid(error)
    except Unclocked:
        result = Refused(code="clock", message="只有演示库可以指定时间", pointer="")
    except Exception:
        logger.exception("a command failed", command=kind)
        result = Refused(code="failed", message="系统忙，请用同一编号重试")
    metrics.COMMANDS.labels(room.service, kind).observe(time.perf_counter() - began)
    if isinstance(result, Refused):
        metrics.REFUSALS.labels(room.service, kind, result.code).inc()
        logger.info("refused", command=kind, reason=result.code, pointer=result.pointer)
    return result, len(said)


async def once(
    room: Room, db: Connection, marked: Marked, command: Command, told: str | None = None
) -> tuple[Done | Refused, Sequence[Event]]:
    """One transaction; of two who ask the same at one moment, only one leaves its answer, and both get it."""
    digest = hashlib.sha256(command.model_dump_json().encode()).digest()
    try:
        async with db.transaction():
            asked = await db.fetchrow(ASKED, command.id)
            if asked["digest"] is not None:
                return stored(asked, digest), ()
            now = await demo_time(db, told) if told else asked["now"]
            answer, said = await marked.call(command, db, now, **marked.given(room))
            await outbox.apply(db, room.handlers, said)
            entry = audit.entry(command, answer, said, now) if isinstance(answer, Done) else None
            await keep(db, command.id, command.type, digest, answer, said, (command.actor.unit, entry))
            return answer, said
    except UniqueViolationError:
        asked = await db.fetchrow(ASKED, command.id)
        if asked["digest"] is None:
            raise
        return stored(asked, digest), ()


def stored(asked: Record, digest: bytes) -> Done | Refused:
    """The answer of the first time; another body under the same id is refused."""
    if asked["digest"] == digest:
        return ANSWER.validate_json(asked["answer"])
    return Refused(code="id_reused", message="同一编号用于不同的请求，请换一个编号", pointer="/id")


async def keep(
    db: Connection,
    id: UUID,
    kind: str,
    digest: bytes,
    answer: Done | Refused,
    said: Sequence[Event],
    audited: tuple[str, str | None] = ("", None),
) -> None:
    """What was said, who did it and what was answered: one statement, the last of its transaction."""
    await db.execute(KEEP, *outbox.columns(said), *audited, id, kind, digest, answer.model_dump_json())


class Unclocked(Exception):
    """Somebody told the time to a database that is not a demo."""


async def demo_time(db: Connection, told: str) -> datetime:
    """A told time counts only where the demo mark stands."""
    if not await db.fetchval("select exists (select from mark where name = 'demo')"):
        raise Unclocked
    return datetime.fromisoformat(told)


def invalid(error: ValidationError) -> Refused:
    """The first thing wrong, with the field it stands in; all of them in `detail`."""
    errors = [{"pointer": "/" + "/".join(map(str, e["loc"])), "message": e["msg"]} for e in error.errors()]
    return Refused(
        code="invalid", message=errors[0]["message"], pointer=errors[0]["pointer"], detail={"errors": errors}
    )


def counter(room: Room, marked: Marked) -> Callable[[bytes], Awaitable[BaseModel]]:
    """A question as the bus calls it; a bad one is refused, never raised."""

    async def answer(body: bytes) -> Any:  # FastStream would make a bare BaseModel of the answer, and fail silently
        try:
            query = marked.words[0].model_validate_json(body)
            async with room.pool.acquire() as db, db.transaction(readonly=True):
                return await marked.call(query, db, **marked.given(room))
        except ValidationError as error:
            return invalid(error)
        except Exception:
            logger.exception("a question failed", query=marked.words[0].type)  # type: ignore[attr-defined]
            return Refused(code="failed", message="系统忙，请稍后再试")

    return answer


async def queue(db: Connection, room: Room) -> None:
    """The nodes' durable commands, one by one: the unit is read from the subject, which the server guarantees."""
    desks = {c.type.split(".")[1]: m for c, m in room.handlers.desks.items() if m.durable}
    await bus.rewind(room, room.settings.queue, room.service, [f"{bus.COMMANDS}.{verb}.>" for verb in sorted(desks)])
    async with bus.reading(room, room.settings.queue, room.service) as fetch:
        while True:
            for letter in await fetch():
                await taken(room, db, desks[letter.subject.split(".")[3]], letter)
                await letter.acknowledge()  # type: ignore[misc]


async def taken(room: Room, db: Connection, marked: Marked, letter: bus.Letter) -> None:
    """Answer one durable command, and say the answer at the sender's address."""
    log.trace(letter.trace)
    sender = ".".join(letter.subject.split(".")[4:])
    body = as_node(letter.body, sender)
    answer, _ = await answered(room, marked, body)
    if isinstance(answer, Refused) and answer.code == "failed":
        await asyncio.sleep(room.settings.standby)
        raise ConnectionError("a durable command failed; it is asked again")
    command = named(body) or uuid5(NAMESPACE_OID, letter.id)
    told = uuid5(command, "answered")
    async with db.transaction():
        asked = await db.fetchrow(ASKED, told)
        if asked["digest"] is None:
            event = CommandAnswered(
                time=asked["now"],
                aggregate=f"command/{command}",
                version=1,
                owner=room.settings.node,
                address=sender,
                audience=(sender,),
                command=command,
                answer=answer,
            )
            await keep(db, told, "answered", b"", answer, [event])
    await outbox.poke(room)


def named(body: bytes) -> UUID | None:
    """The id a command gave itself, if it can be read."""
    try:
        return UUID(json.loads(body)["id"])
    except (ValueError, KeyError, TypeError, AttributeError):
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
    except (ValueError, KeyError, TypeError):
        return body
