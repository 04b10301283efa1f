"""The inbox whose effects live in an index: changes and the cursor in one commit, then the acknowledgement."""

import asyncio
from collections.abc import Sequence
from time import monotonic
from typing import Any

import structlog
from asyncpg import Connection
from nats.js.api import StreamState

from contracts.envelope import EVENT_STREAM, EVENTS, Event
from contracts.queries.search import SearchFor, SearchResult
from contracts.refusals import Refused
from services.chassis import bus, dead_letters, inbox, metrics, rpc_server
from services.chassis.bus import Message
from services.chassis.handlers import member
from services.chassis.leading import ACQUIRE
from services.chassis.service import Lag, Service
from services.search.domain.changes import CHANGES, changes_of
from services.search.domain.record import Change, Cursor
from services.search.index import Index, Reason, ReindexNeeded, Unindexable, Unwritable
from services.search.index.faults import explained
from services.search.refusals import NOT_READY
from services.search.replica import Replica
from services.search.settings import Settings

logger = structlog.get_logger(__name__)
FAMILIES = {event.type: event for event in CHANGES if "." not in event.type}
PAUSE = 1.0
"""Seconds before an index is built anew, or a disk that failed is tried again."""
DURABLES = [f"search-{n}" for n in range(1, 9)]
"""The readers of the replicas, each held by a lock in the database; the bus lets search use no other."""

WORDS = {
    None: "检索索引正在补齐",
    Reason.DAMAGED: "检索索引损坏，正在自动重建",
    Reason.DICTIONARY_CHANGED: "检索词典已更新，正在重建检索索引",
    Reason.SCHEMA_CHANGED: "检索索引的格式已更新，正在重建",
    Reason.STREAM_WENT_BACK: "事件流回到了较早的状态，正在重建检索索引",
}
Delivery = tuple[Message, list[Change]]


class IndexInbox:
    """One replica's index and its place in the stream.

    The place is the cursor in the index, whatever the durable remembers: an index that was thrown away, went back with
    a power cut or was away for long is read on from where it really is. Questions are subscribed to once it has caught
    up, and no longer while it is built anew.
    """

    def __init__(self, service: Service[Settings]) -> None:
        self.service = service
        self.replica = Replica(service.settings.var / "search")
        self.job, self.durable = f"inbox.{self.replica.id}", ""
        self.index: Index | None = None
        self.epoch, self.done = "", 0
        self.questions: list[Any] = []
        self.ready, self.trouble = False, ""
        self.needed: ReindexNeeded | None = None
        self.rebuilding: Reason | None = None
        self.doubted = False

    async def lead(self, db: Connection) -> None:
        """Read for as long as the connection lasts; damage is mended by a rebuild, a full disk is waited for."""
        while not (durable := await db.fetchval(ACQUIRE, DURABLES, self.service.name)):
            self.trouble = f"检索副本最多 {len(DURABLES)} 个，都在运行，本副本等待空位"
            await asyncio.sleep(PAUSE)
        self.durable, self.trouble = durable, ""
        while True:
            try:
                await self.follow(db, await self.opened())
            except ReindexNeeded as needed:
                logger.error("throws its index away", error=str(needed), reason=needed.reason)
                await self.discard(needed)
            except Unwritable as trouble:
                logger.error("cannot write its index", error=str(trouble))
                self.trouble = str(trouble)
            await asyncio.sleep(PAUSE)

    async def opened(self) -> Index:
        """The index on disk, or an empty one in place of what cannot be used. Raises ReindexNeeded, Unwritable."""
        if not self.index:
            self.index = await asyncio.to_thread(self._open)
        return self.index

    def _open(self) -> Index:
        with explained(self.replica.root):
            self.replica.create()
        return Index.renew(self.replica.path) if self.rebuilding else Index.open(self.replica.path)

    async def discard(self, needed: ReindexNeeded) -> None:
        """Answer no more, and begin with an empty index."""
        self.ready, self.rebuilding, self.needed, self.done = False, needed.reason, None, 0
        await rpc_server.leave(self.service, self.questions)
        if index := self.index:
            self.index = None
            await asyncio.to_thread(index.close)

    async def follow(self, db: Connection, index: Index) -> None:
        """Read on from the cursor, a commit for each batch; where little comes, so many seconds gather in one.

        Raises ConnectionError after a reconnection, as every reader does.
        """
        settings, step, connected = self.service.settings, 0, bus.connection_of(self.service)
        await self.go_back(index)
        async with bus.reading(self.service, EVENT_STREAM, self.durable) as fetch:
            while True:
                messages, began = await fetch(), monotonic()
                if connected != bus.connection_of(self.service):
                    raise ConnectionError("the bus was away")
                if messages:
                    step = inbox.in_step(step, messages)
                    with metrics.BATCH.labels(self.service.name).time():
                        await self.deliver(db, index, messages)
                    await messages[-1].acknowledge()
                await self.examine(index)
                self.trouble = ""
                if len(messages) < settings.batch:
                    await self.answer()
                    await asyncio.sleep(began + settings.search_gather - monotonic())

    async def go_back(self, index: Index) -> None:
        """To what follows the cursor, or to the first event of a stream that the index does not know.

        What is repeated changes nothing. A stream brought back from an older copy is another: raises ReindexNeeded.
        """
        info = await self.service.nc.jetstream().stream_info(EVENT_STREAM)
        self.epoch = str(info.created)
        cursor = await asyncio.to_thread(index.cursor, self.epoch)
        self.done = cursor.seq if cursor else 0
        if cursor and not await self.stands(cursor, info.state):
            raise ReindexNeeded(Reason.STREAM_WENT_BACK, index.path, f"{self.done} of {info.state.last_seq}")
        if 0 < self.done < info.state.first_seq - 1:
            logger.warning("events are gone that were never read", after=self.done, before=info.state.first_seq)
        absence = self.service.settings.search_absence
        await bus.rewind(
            self.service, EVENT_STREAM, self.durable, f"{EVENTS}.>", reader=True, start=self.done + 1, absence=absence
        )

    async def stands(self, cursor: Cursor, state: StreamState) -> bool:
        """Whether the stream still has the event up to which the index was filled, or has let it go with age."""
        if cursor.seq < max(1, state.first_seq):
            return True
        message = await bus.message_at(self.service, cursor.seq)
        return message is not None and cursor.sent_at in (None, message.sent_at)

    async def deliver(self, db: Connection, index: Index, messages: list[Message]) -> None:
        """Kinds that are not searched are dropped, what cannot be read is parked, all else is one commit."""
        deliveries: list[Delivery] = []
        for message in messages:
            try:
                event = parse(message)
                deliveries.append((message, changes_of(event) if event else []))
            except Exception as error:
                await dead_letters.park(db, self.service.name, message, repr(error))
                continue
            outcome = (message.kind, "handled") if event else ("other", "dropped")
            metrics.MESSAGES.labels(self.service.name, *outcome).inc()
        await self.store(db, index, deliveries)
        last = messages[-1]
        await asyncio.to_thread(index.apply, [], Cursor(self.epoch, last.sequence, last.sent_at))  # past what is parked
        self.done = last.sequence

    async def store(self, db: Connection, index: Index, deliveries: Sequence[Delivery]) -> None:
        """In one commit; where that cannot be, in halves, until the one at fault is alone and parked."""
        if not deliveries:
            return
        last, changes = deliveries[-1][0], [change for _, changes in deliveries for change in changes]
        try:
            await asyncio.to_thread(index.apply, changes, Cursor(self.epoch, last.sequence, last.sent_at))
        except Unindexable as error:
            if len(deliveries) == 1:
                await dead_letters.park(db, self.service.name, deliveries[0][0], repr(error))
                return
            for half in (deliveries[: len(deliveries) // 2], deliveries[len(deliveries) // 2 :]):
                await self.store(db, index, half)

    async def examine(self, index: Index) -> None:
        """After a question that failed: whether the index is at fault. Raises ReindexNeeded, Unwritable."""
        if self.needed:
            raise self.needed
        if self.doubted:
            self.doubted = False
            await asyncio.to_thread(index.mend)

    async def answer(self) -> None:
        """It has caught up: from now on it takes its share of the questions."""
        if self.ready:
            return
        self.questions = self.questions or rpc_server.questions(self.service)
        for question in self.questions:
            await question.start()
        await bus.flush(self.service.nc)
        self.ready, self.rebuilding = True, None
        logger.info("answers questions", replica=self.replica.id, done=self.done)

    async def search(self, query: SearchFor) -> SearchResult | Refused:
        """What the reader may see of what was asked for."""
        if not (index := self.index):
            return NOT_READY
        try:
            return await asyncio.to_thread(index.search, query)
        except ReindexNeeded as needed:
            self.needed = needed
            return NOT_READY
        except Exception:
            self.doubted = True
            raise

    async def lag(self) -> Lag:
        """Events that wait for this replica."""
        info = await self.service.nc.jetstream().stream_info(EVENT_STREAM)
        done = self.done if str(info.created) == self.epoch else 0
        return Lag(max(0, info.state.last_seq - max(done, info.state.first_seq - 1)), done)

    def unready(self, waiting: int) -> str:
        """A disk that does not take anything, or how far the index is from the first answer."""
        if self.ready or self.trouble:
            return self.trouble
        return f"{WORDS[self.rebuilding]}，还有 {waiting} 个事件待读，读完以前不答复查询"


def parse(message: Message) -> Event | None:
    """The event; None for a kind that is not searched. Raises ValueError where it cannot be read."""
    family = FAMILIES.get(message.kind.partition(".")[0])
    return member(family, message.kind).model_validate_json(message.body) if family else None
