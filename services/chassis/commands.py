"""One command, one answer, however often it is asked; those that arrive together share one transaction."""

import asyncio
import hashlib
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from asyncpg import Connection, Record, UniqueViolationError
from pydantic import TypeAdapter, ValidationError

from contracts.envelope import Answer, Command, Done, Event, Refused
from services.chassis import audit, log, metrics, outbox
from services.chassis.handlers import Marked
from services.chassis.service import Service

logger = structlog.get_logger(__name__)

ASKED = "select now() as now, id, answer, digest from (select) nobody left join command on id = any($1)"
KEEP = f"""
with said as ({outbox.PUT}),
     audited as (
         insert into audit (unit, entry)
         select unit, entry from unnest($9::text[], $10::text[]) with ordinality a (unit, entry, n) order by n
     )
insert into command (id, type, digest, answer)
select * from unnest($11::uuid[], $12::text[], $13::bytea[], $14::jsonb[])
"""
ANSWER: TypeAdapter[Done | Refused] = TypeAdapter(Answer)
HANDS = 2
TOGETHER = 100

Answered = tuple[Done | Refused, Sequence[Event]]


@dataclass(slots=True, eq=False)
class Wish:
    """A command at its desk; `told`: the time it claims, in a demo alone."""

    command: Command
    told: str | None = None
    trace: str = field(default_factory=log.TRACE.get)
    answered: asyncio.Future[Answered] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


@dataclass(slots=True)
class Line:
    """The wishes that wait at one desk; a free hand takes all of them, so a lone one never waits."""

    service: Service
    marked: Marked
    waiting: deque[Wish] = field(default_factory=deque)
    hands: set[asyncio.Task[None]] = field(default_factory=set)

    async def join(self, wish: Wish) -> Answered:
        """Wait for the answer; whoever gives up waiting does not undo what the others share."""
        self.waiting.append(wish)
        if len(self.hands) < HANDS:
            self.hands.add(asyncio.ensure_future(self.work()))
        return await wish.answered

    async def work(self) -> None:
        """Until nobody waits; a hand that finds none is gone before another wish can come."""
        while self.waiting:
            batch = [self.waiting.popleft() for _ in range(min(len(self.waiting), TOGETHER))]
            await settle(self.service, self.marked, batch)
        self.hands.discard(asyncio.current_task())


async def answered(service: Service, marked: Marked, body: bytes, told: str | None = None) -> tuple[Done | Refused, int]:
    """The answer to one command, and how many events it said."""
    began, kind = time.perf_counter(), marked.words[0].type  # type: ignore[attr-defined]
    said: Sequence[Event] = ()
    result: Done | Refused
    try:
        wish = Wish(marked.words[0].model_validate_json(body), told)  # type: ignore[arg-type]
        if marked.together and not told:
            result, said = await line(service, marked).join(wish)
        else:
            await settle(service, marked, [wish])
            result, said = wish.answered.result()
    except ValidationError as error:
        result = invalid(error)
    except Unclocked:
        result = Refused(code="clock", message="只有演示库可以指定时间", pointer="")
    except outbox.TooLarge:
        result = Refused(code="too_large", message="内容过长，请精简或分成几次办理", pointer="")
    except Exception:
        logger.exception("a command failed", command=kind)
        result = Refused(code="failed", message="系统忙，请用同一编号重试")
    metrics.COMMANDS.labels(service.name, kind).observe(time.perf_counter() - began)
    if isinstance(result, Refused):
        metrics.REFUSALS.labels(service.name, kind, result.code).inc()
        logger.info("refused", command=kind, reason=result.code, pointer=result.pointer)
    return result, len(said)


def line(service: Service, marked: Marked) -> Line:
    """The line of a desk."""
    return service.lines.setdefault(marked, Line(service, marked))


async def settle(service: Service, marked: Marked, wishes: Sequence[Wish]) -> None:
    """Answer them all, in one transaction if it can be, else each in its own."""
    try:
        async with room.pool.acquire() as db:
            answers = await once(service, db, marked, wishes)
    except Exception as error:
        if len(wishes) > 1:
            for wish in wishes:
                await settle(service, marked, [wish])
        else:
            wishes[0].answered.set_exception(error)
    else:
        for wish, answer in zip(wishes, answers, strict=True):
            if not wish.answered.done():  # its asker may have gone
                wish.answered.set_result(answer)


async def once(service: Service, db: Connection, marked: Marked, wishes: Sequence[Wish]) -> list[Answered]:
    """Of two who ask the same at one moment, only one leaves its answer; the other looks again and finds it."""
    try:
        return await transacted(service, db, marked, wishes)
    except UniqueViolationError:
        return await transacted(service, db, marked, wishes)


async def transacted(service: Service, db: Connection, marked: Marked, wishes: Sequence[Wish]) -> list[Answered]:
    """One transaction: what is asked for the first time is decided, and kept with all that follows from it."""
    async with db.transaction():
        rows = await db.fetch(ASKED, [wish.command.id for wish in wishes])
        known = {row["id"]: row for row in rows}
        fresh = [wish for wish in wishes if wish.command.id not in known]
        now = await demo_time(db, wishes[0].told) if wishes[0].told else rows[0]["now"]
        given = dict(zip(fresh, await decided(service, marked, [wish.command for wish in fresh], db, now), strict=True))
        said = [event for _, events in given.values() for event in events]
        await outbox.apply(db, service.handlers, outbox.by_entity(said) if marked.together else said)
        await keep(db, given, now)
        return [given[wish] if wish in given else (stored(known[wish.command.id], wish), ()) for wish in wishes]


async def decided(
    service: Service, marked: Marked, commands: Sequence[Command], db: Connection, now: datetime
) -> Sequence[Answered]:
    """What the desk's function makes of them."""
    if not commands:
        return ()
    if marked.together:
        return await marked.call(commands, db, now, **marked.given(service))
    return [await marked.call(command, db, now, **marked.given(service)) for command in commands]


def stored(row: Record, wish: Wish) -> Done | Refused:
    """The answer of the first time; another body under the same id is refused."""
    if row["digest"] == digest(wish.command):
        return ANSWER.validate_json(row["answer"])
    return Refused(code="id_reused", message="同一编号用于不同的请求，请换一个编号", pointer="/id")


def digest(command: Command) -> bytes:
    """What a command asks for, however its sender wrote it down."""
    return hashlib.sha256(command.model_dump_json().encode()).digest()


async def keep(db: Connection, given: dict[Wish, Answered], now: datetime) -> None:
    """What was said, who did it and what was answered: one statement, the last of its transaction."""
    said = [(event, wish.trace) for wish, (_, events) in given.items() for event in events]
    entries = [
        (wish.command.actor.unit, audit.entry(wish.command, answer, events, now))
        for wish, (answer, events) in given.items()
        if isinstance(answer, Done)
    ]
    answers = [
        (wish.command.id, wish.command.type, digest(wish.command), answer.model_dump_json())
        for wish, (answer, _) in given.items()
    ]
    if answers:
        await db.execute(KEEP, *outbox.columns(said), *outbox.turned(entries, 2), *outbox.turned(answers, 4))


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
