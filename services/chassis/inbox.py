"""What a service hears: in order, once, a batch per transaction; what cannot be read is parked."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import groupby

import structlog
from asyncpg import Connection

from contracts.envelope import Event
from services.chassis import bus, log, metrics, outbox
from services.chassis.bus import Letter
from services.chassis.handlers import Marked, member, of
from services.chassis.service import Service

logger = structlog.get_logger(__name__)

MARKS = """
select aggregate, version, false as blocked from inbox where aggregate = any($1)
union all select distinct aggregate, 0, true from dead_letter where aggregate = any($1) and not ($2 and retry)
"""
ADVANCE = """
insert into inbox (aggregate, version) select * from unnest($1::text[], $2::int[])
on conflict (aggregate) do update set version = excluded.version
"""
PARK = """
insert into dead_letter (id, type, aggregate, sequence, subject, body, error) values ($1, $2, $3, $4, $5, $6, $7)
on conflict (id) do update set error = excluded.error, retry = false
"""
RETRIED = "select id, type, aggregate, subject, body, sequence from dead_letter where retry order by sequence"


class Gap(ConnectionError):
    """A delivery is missing: go back, or a later event would overtake it."""


def in_step(step: int, letters: Sequence[Letter]) -> int:
    """The deliveries since the last rewind count 1, 2, 3, … without a hole; returns the last."""
    last = step + len(letters)
    if [letter.step for letter in letters] != list(range(step + 1, last + 1)):
        raise Gap(f"{step + 1} expected, {letters[0].step}..{letters[-1].step} came")
    return last


async def read(
    service: Service,
    durable: str,
    subjects: list[str],
    deliver: Callable[[list[Letter]], Awaitable[None]],
    idle: Callable[[], Awaitable[None]] | None = None,
) -> None:
    """From the last acknowledged event on: fetch, deliver, acknowledge the last letter and so all before it."""
    stream = service.settings.stream
    await bus.rewind(service, stream, durable, subjects)
    step = 0
    async with bus.reading(service, stream, durable) as fetch:
        while True:
            if letters := await fetch():
                step = in_step(step, letters)
                with metrics.BATCH.labels(service.name).time():
                    await deliver(letters)
                await letters[-1].acknowledge()  # type: ignore[misc]
            elif idle:
                await idle()


async def park(db: Connection, service: str, letter: Letter, error: str) -> None:
    """Keep what could not be handled, counted, until an operator retries or drops it."""
    await db.execute(PARK, *letter[:3], letter.sequence, letter.subject, letter.body, error)
    metrics.LETTERS.labels(service, letter.kind, "parked").inc()
    metrics.DEAD.labels(service, letter.kind).inc()


async def waiting(service: Service, durable: str) -> int:
    """Events that a durable has not acknowledged."""
    info = await service.nc.jetstream().consumer_info(service.settings.stream, durable)
    return (info.num_pending or 0) + (info.num_ack_pending or 0)


class Inbox:
    """The one reader whose effects live in PostgreSQL."""

    job = "mailbox"

    def __init__(self, service: Service) -> None:
        self.service, self.service = service, service.name
        self.ears = {event.type: (event, marked) for event, marked in service.handlers.ears.items()}
        self.subjects = sorted(event.filters() for event in service.handlers.ears)
        self.whole = heard_whole(self.ears)

    async def lead(self, db: Connection) -> None:
        """Read until the database connection, which holds the lock, is gone; what is sent back goes before the new."""

        async def deliver(letters: list[Letter]) -> None:
            await self.retry(db)
            await self.deliver(db, letters)

        await read(self.service, self.service, self.subjects, deliver, lambda: self.retry(db))

    async def deliver(self, db: Connection, letters: list[Letter]) -> None:
        """All in one transaction; if that fails, each in its own, so that one bad letter stops nobody."""
        try:
            await self.take(db, letters)
        except Exception as error:
            if db.is_closed():
                raise
            logger.warning("takes letters one by one", letters=len(letters), error=repr(error))
            for letter in letters:
                await self.deliver_alone(db, letter)

    async def deliver_alone(self, db: Connection, letter: Letter) -> None:
        """With patience; what still fails is parked with its error, and others go on."""
        reason: Exception | None = None
        for pause in self.service.settings.patience:
            await asyncio.sleep(pause)
            try:
                await self.take(db, [letter])
                return
            except Exception as error:
                if db.is_closed():
                    raise
                reason = error
        logger.error("parks a letter", kind=letter.kind, id=letter.id, exc_info=reason)
        await park(db, self.service, letter, repr(reason))

    async def take(self, db: Connection, letters: list[Letter]) -> None:
        """Marks, effects and what they say: one transaction."""
        async with db.transaction():
            said = await self.open(db, letters)
        await self.service.nc.publish(f"duban.heard.{self.service}")
        if said:
            await outbox.poke(self.service)

    async def open(self, db: Connection, letters: list[Letter], again: bool = False) -> int:
        """Handle every letter that is new; how many events were said. Sent back `again`, it waits for none such."""
        rows = await db.fetch(MARKS, list({letter.aggregate for letter in letters}), again)
        marks = {row["aggregate"]: row["version"] for row in rows if not row["blocked"]}
        blocked = {row["aggregate"] for row in rows if row["blocked"]}
        said, fresh = 0, []
        for letter in letters:
            if letter.aggregate in blocked:
                await park(db, self.service, letter, "waits behind an earlier letter of the same aggregate")
            elif event := self.unseen(letter, marks):
                fresh.append((letter, event))
        for marked, run in groupby(fresh, lambda pair: of(pair[0].kind, self.ears)[1]):
            said += await self.handle(db, marked, list(run))
        touched = {event.aggregate: event.version for _, event in fresh}
        await db.execute(ADVANCE, list(touched), list(touched.values()))
        return said

    def unseen(self, letter: Letter, marks: dict[str, int]) -> Event | None:
        """The event, if it is later than what was handled of its aggregate; moves the mark."""
        heard = of(letter.kind, self.ears)[0]
        word = heard if heard.type == letter.kind else member(heard, letter.kind)
        event = word.model_validate_json(letter.body)
        known = marks.get(event.aggregate, 0)
        if event.version <= known:
            metrics.LETTERS.labels(self.service, letter.kind, "repeated").inc()
            return None
        if event.version > known + 1 and letter.kind.split(".")[0] in self.whole:
            metrics.GAPS.labels(self.service, letter.kind).inc()
            logger.warning("a version never came", aggregate=event.aggregate, known=known, came=event.version)
        marks[event.aggregate] = event.version
        return event

    async def handle(self, db: Connection, marked: Marked, run: list[tuple[Letter, Event]]) -> int:
        """One run of events for one handler, in order; each one's sayings before the next is handled."""
        said = 0
        calls = [[event for _, event in run]] if marked.together else [event for _, event in run]
        for letter, argument in zip([letter for letter, _ in run], calls, strict=False):
            log.trace(letter.trace)
            if events := await marked.call(argument, db, **marked.given(self.service)):
                await outbox.emit(db, self.service.handlers, events)
                said += len(events)
        for letter, _ in run:
            metrics.LETTERS.labels(self.service, letter.kind, "handled").inc()
        return said

    async def retry(self, db: Connection) -> None:
        """What an operator sent back, in the order it came."""
        for row in await db.fetch(RETRIED):
            letter = Letter(row["id"], row["type"], row["aggregate"], row["subject"], row["body"], "", row["sequence"])
            try:
                async with db.transaction():
                    await db.execute("delete from dead_letter where id = $1", letter.id)
                    await self.open(db, [letter], again=True)
                await outbox.poke(self.service)
            except Exception as error:
                if db.is_closed():
                    raise
                await park(db, self.service, letter, repr(error))

    async def lag(self) -> int:
        """Events that wait for this reader."""
        return await waiting(self.service, self.service)


def listening(service: Service) -> Inbox | None:
    """The mailbox of a service that hears anything."""
    return Inbox(service) if service.handlers.ears else None


def heard_whole(ears: Mapping[str, object]) -> set[str]:
    """The entities of which every event type is heard: only there is a missing version a gap."""

    def kinds(parent: type[Event]) -> set[str]:
        own = {parent.type} if "." in getattr(parent, "type", "") else set()
        return own.union(*(kinds(child) for child in parent.__subclasses__()))

    words = kinds(Event)
    missed = {word for word in words if not of(word, ears)}
    return {word.split(".")[0] for word in ears} - {word.split(".")[0] for word in missed}
