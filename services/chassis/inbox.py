"""Events of other services: in order, once, a batch in a transaction; what cannot be handled is parked."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import cache, partial
from itertools import groupby

import structlog
from asyncpg import Connection

from contracts.envelope import EVENT_STREAM, EVENTS, Event
from services.chassis import bus, metrics, outbox, places, trouble
from services.chassis.bus import Message
from services.chassis.completeness import stream_of
from services.chassis.dead_letters import park
from services.chassis.handlers import Handler, Handlers, class_of, nearest
from services.chassis.lanes import LANE, Lane
from services.chassis.places import FAR, INBOX, Place
from services.chassis.service import Lag, Service
from services.chassis.tracing import Work

logger = structlog.get_logger(__name__)

MARKS = """
select aggregate, version, false as blocked from inbox where aggregate = any($1)
union all select distinct aggregate, 0, true from dead_letter where aggregate = any($1) and not ($2 and retry)
"""
ADVANCE = """
insert into inbox (aggregate, version) select * from unnest($1::text[], $2::int[])
on conflict (aggregate) do update set version = excluded.version
"""
RETRIED = """
select id, type, aggregate, subject, body, trace, sequence from dead_letter where retry order by sequence
"""

Delivery = tuple[Message, Event]


class Gap(ConnectionError):
    """A delivery is missing: go back, or a later event would overtake it."""


def in_step(step: int, messages: Sequence[Message]) -> int:
    """The deliveries since the last rewind count 1, 2, 3, … without a hole; returns the last. Raises Gap."""
    last = step + len(messages)
    if [message.step for message in messages] != list(range(step + 1, last + 1)):
        raise Gap(f"{step + 1} expected, {messages[0].step}..{messages[-1].step} came")
    return last


async def read(
    service: Service,
    durable: str,
    subject: str,
    begin: Callable[[], Awaitable[int]],
    deliver: Callable[[list[Message]], Awaitable[None]],
    idle: Callable[[], Awaitable[None]],
) -> None:
    """From the event at place `begin` on: fetch, deliver, acknowledge the last message and so all before it.

    Whatever the durable remembers: only the reader knows how far it is. Raises ConnectionError after a reconnection,
    which may have led to a server that came back with less: begin anew.
    """
    connected = bus.connection_of(service)
    await bus.rewind(service, EVENT_STREAM, durable, subject, reader=True, start=await begin())
    step = 0
    async with bus.reading(service, EVENT_STREAM, durable) as fetch:
        while True:
            messages = await fetch()
            if connected != bus.connection_of(service):
                raise ConnectionError("the bus was away")
            if messages:
                step = in_step(step, messages)
                with metrics.BATCH.labels(service.name).time():
                    await deliver(messages)
                await messages[-1].acknowledge()
            else:
                await idle()


async def waiting(service: Service, durable: str) -> Lag:
    """Events that a durable has not acknowledged."""
    info = await service.nc.jetstream().consumer_info(EVENT_STREAM, durable)
    taken = info.ack_floor.stream_seq if info.ack_floor else 0
    return Lag((info.num_pending or 0) + (info.num_ack_pending or 0), taken)


class Inbox:
    """The reader whose effects live in PostgreSQL."""

    job = "inbox"

    def __init__(self, service: Service, emits: bool = True) -> None:
        """`emits`: False at a rebuild, where what the handlers return stands in the log already."""
        self.service, self.name, self.emits = service, service.name, emits
        self.subject = subject(service.handlers)
        self.whole = handled_whole(service.handlers)
        self.class_of = cache(partial(class_of, service.handlers.events))
        self.place: Place | None = None  # the last one kept, while it leads

    async def lead(self, db: Connection) -> None:
        """Read until the connection, which holds the lock, is gone; what an operator sent back goes before the new."""

        async def deliver(messages: list[Message]) -> None:
            await self.retry(db)
            await self.deliver(db, messages)

        await read(self.service, self.name, self.subject, partial(self.begin, db), deliver, partial(self.retry, db))

    async def begin(self, db: Connection) -> int:
        """The event after the last place kept that is in this stream, else the first: versions absorb what is repeated.

        So a database brought back from an older copy is read on from there, and a stream from where it was copied.
        """
        created = (await stream_of(self.service)).created
        kept = await places.kept(db, INBOX, created)
        self.place = await places.standing(self.service, kept) or Place(created)
        await places.forget(db, INBOX, self.place)
        return self.place.seq + 1

    async def move(self, db: Connection, message: Message) -> None:
        """Keep the place of a message, up to which all is handled, parked or dropped."""
        if self.place:
            self.place = Place(self.place.created, message.sequence, message.id, sent_at=message.sent_at)
            await places.keep(db, INBOX, self.place)

    async def deliver(self, db: Connection, messages: list[Message]) -> None:
        """All in one transaction; if that fails, each in its own, so that one bad message stops nobody."""
        if not (wanted := self.wanted(messages)):
            if messages and self.place and messages[-1].sequence >= self.place.seq + FAR:
                await self.move(db, messages[-1])
            return
        try:
            await self.take(db, wanted, messages[-1])
        except Exception as error:
            if db.is_closed() or trouble.full(error):
                raise
            logger.warning("takes messages one by one", messages=len(wanted), error=repr(error))
            for message in wanted:
                await self.deliver_alone(db, message)

    def wanted(self, messages: list[Message]) -> list[Message]:
        """Without the kinds that no handler takes: the durable has one filter, which is wider."""
        wanted = [message for message in messages if self.class_of(message.kind)]
        metrics.MESSAGES.labels(self.name, "other", "dropped").inc(len(messages) - len(wanted))
        return wanted

    async def deliver_alone(self, db: Connection, message: Message) -> None:
        """With patience; what still fails is parked with its error, and others go on."""
        reason: Exception | None = None
        for pause in self.service.settings.patience:
            await asyncio.sleep(pause)
            try:
                await self.take(db, [message])
                return
            except Exception as error:
                if db.is_closed() or trouble.full(error):
                    raise
                reason = error
        logger.error("parks a message", kind=message.kind, id=message.id, exc_info=reason)
        async with db.transaction():
            await park(db, self.name, message, repr(reason))
            await self.move(db, message)

    async def take(self, db: Connection, messages: list[Message], last: Message | None = None) -> None:
        """Marks, effects, what is emitted, and the place, that of `last` if some were dropped: one transaction."""
        async with db.transaction():
            works = await self.handle(db, messages)
            await self.move(db, last or messages[-1])
        await outbox.signal(self.service, "handled")
        await self.emitted(works)

    async def emitted(self, works: list[Work]) -> None:
        """What was done is committed: wake the relay, and say what came of it."""
        if any(work.events for work in works):
            await outbox.poke(self.service)
        for work in works:
            work.report(logger, "handled")

    async def handle(self, db: Connection, messages: list[Message], again: bool = False) -> list[Work]:
        """Handle unseen messages; return what was done, with the events that came of it.

        With `again` (operator retry), earlier dead letters of the same aggregate do not block.
        """
        rows = await db.fetch(MARKS, list({message.aggregate for message in messages}), again)
        versions = {row["aggregate"]: row["version"] for row in rows if not row["blocked"]}
        blocked = {row["aggregate"] for row in rows if row["blocked"]}
        unseen: list[Delivery] = []
        for message in messages:
            if message.aggregate in blocked:
                await park(db, self.name, message, "waits behind an earlier dead letter of the same aggregate")
            elif event := self.unseen(message, versions):
                unseen.append((message, event))
        works = [await self.call(db, handler, run) for handler, run in runs(self.service.handlers, unseen)]
        for message, _ in unseen:
            metrics.MESSAGES.labels(self.name, message.kind, "handled").inc()
        touched = {event.aggregate: event.version for _, event in unseen}
        await db.execute(ADVANCE, list(touched), list(touched.values()))
        return works

    def unseen(self, message: Message, versions: dict[str, int]) -> Event | None:
        """The event, if it is later than what was handled of its aggregate; moves the mark."""
        if not (kind := self.class_of(message.kind)):
            raise LookupError(f"no handler takes {message.kind}")
        event = kind.model_validate_json(message.body)
        mark = versions.get(event.aggregate, 0)
        if event.version <= mark:
            metrics.MESSAGES.labels(self.name, message.kind, "repeated").inc()
            return None
        if event.version > mark + 1 and message.kind.split(".")[0] in self.whole:
            metrics.GAPS.labels(self.name, message.kind).inc()
            logger.warning("a version never came", aggregate=event.aggregate, mark=mark, version=event.version)
        versions[event.aggregate] = event.version
        return event

    async def call(self, db: Connection, handler: Handler, run: list[Delivery]) -> Work:
        """One run of events for one handler, in order; what is emitted is applied before the next is handled.

        It was caused by the event with which it shares its order key, else by the first of its batch.
        """
        lane = run[0][0].lane
        LANE.set(lane)
        with Work(f"{self.name}.{handler.call.__name__}", bulk=lane is Lane.BULK) as work:
            for part in [run] if handler.batch else [[delivery] for delivery in run]:
                events, bodies = [event for _, event in part], [message.body for message, _ in part]
                work.turn_to(part[0][0].trace, {event.order_key: message.trace for message, event in part})
                extras = handler.arguments(self.service, bodies)
                result = await handler.call(events if handler.batch else events[0], db, **extras)
                if result and self.emits:
                    await outbox.emit(db, self.service.handlers, result)
        return work

    async def retry(self, db: Connection) -> None:
        """What an operator sent back, in the order it came."""
        for row in await db.fetch(RETRIED):
            message = Message(*row)
            try:
                async with db.transaction():
                    await db.execute("delete from dead_letter where id = $1", message.id)
                    works = await self.handle(db, [message], again=True)
                await self.emitted(works)
            except Exception as error:
                if db.is_closed() or trouble.full(error):
                    raise
                await park(db, self.name, message, repr(error))

    async def lag(self) -> Lag:
        """Events of kinds it drops count until they are dropped."""
        return await waiting(self.service, self.name)

    def unready(self, _: int) -> str:
        """Never: questions are asked of the tables, however far behind they are."""
        return ""


def inbox_of(service: Service) -> Inbox | None:
    """The inbox of a service that handles any event."""
    return Inbox(service) if service.handlers.events else None


def subject(handlers: Handlers) -> str:
    """The one filter of a durable: more than one costs nats-server ten times as much a message."""
    entities = {event.type.partition(".")[0] for event in handlers.events}
    return f"{EVENTS}.{entity}.>" if len(entities) == 1 and (entity := entities.pop()) else f"{EVENTS}.>"


def runs(handlers: Handlers, deliveries: list[Delivery]) -> list[tuple[Handler, list[Delivery]]]:
    """What to call, in order: the handler of `Event` with everything, then runs of each event's own handler.

    No run mixes lanes, so that what is emitted because of it has one.
    """
    root = handlers.events.get(Event)
    lanes = groupby(deliveries, lambda delivery: delivery[0].lane)
    own = groupby(deliveries, lambda delivery: (nearest(handlers.events, type(delivery[1])), delivery[0].lane))
    first = [(root, list(run)) for _, run in lanes if root]
    return first + [(handler, list(run)) for (handler, _), run in own if handler and handler is not root]


def handled_whole(handlers: Handlers) -> set[str]:
    """The entities of which every event type is handled: only there is a missing version a gap."""

    def kinds(parent: type[Event]) -> set[str]:
        own = {parent.type} if "." in parent.type else set()
        return own.union(*(kinds(child) for child in parent.__subclasses__()))

    every = kinds(Event)
    missed = {kind.partition(".")[0] for kind in every if not class_of(handlers.events, kind)}
    return {kind.partition(".")[0] for kind in every} - missed
