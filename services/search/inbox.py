"""The inbox whose effects live in an index: changes and the cursor in one commit, then the acknowledgement."""

import asyncio
from functools import cached_property

from asyncpg import Connection
from nats.errors import Error

from contracts.envelope import EVENTS, Event
from contracts.queries.search import SearchFor, SearchResult
from services.chassis import inbox, metrics
from services.chassis.bus import Message
from services.chassis.handlers import member
from services.chassis.service import Lag, Service
from services.search.domain.changes import CHANGES, changes_of
from services.search.domain.record import Change, Cursor
from services.search.index import Index, ReindexNeeded
from services.search.settings import Settings

FAMILIES = {event.type: event for event in CHANGES if "." not in event.type}


class IndexInbox:
    """One replica's index and its place in the stream."""

    def __init__(self, service: Service[Settings]) -> None:
        self.service = service
        self.replica = service.settings.search_replica
        self.job, self.durable = f"inbox.{self.replica}", f"search-{self.replica}"
        self.epoch = ""

    @cached_property
    def index(self) -> Index:
        """The index on disk; built anew where it cannot be used."""
        path = self.service.settings.var / "search" / self.replica
        try:
            return Index.open(path)
        except ReindexNeeded:
            return Index.renew(path)

    async def lead(self, db: Connection) -> None:
        """Read on from where the index says, or from the first event where it does not know this stream."""
        info = await self.service.nc.jetstream().stream_info(self.service.settings.stream)
        self.epoch = str(info.created)
        if await asyncio.to_thread(self.index.cursor, self.epoch) is None:
            await self.forget()
        await inbox.read(self.service, self.durable, f"{EVENTS}.>", lambda messages: self.deliver(db, messages))

    async def forget(self) -> None:
        """Read everything again."""
        try:
            await self.service.nc.jetstream().delete_consumer(self.service.settings.stream, self.durable)
        except Error:
            return  # there was none

    async def deliver(self, db: Connection, messages: list[Message]) -> None:
        """One commit for all; kinds that are not searched are dropped, what cannot be read is parked."""
        changes: list[Change] = []
        for message in messages:
            try:
                event = parse(message)
            except ValueError as error:
                await inbox.park(db, self.service.name, message, repr(error))
                continue
            changes += changes_of(event) if event else ()
            outcome = (message.kind, "handled") if event else ("other", "dropped")
            metrics.MESSAGES.labels(self.service.name, *outcome).inc()
        await asyncio.to_thread(self.index.apply, changes, Cursor(self.epoch, messages[-1].sequence))

    async def search(self, query: SearchFor) -> SearchResult:
        """What the reader may see of what was asked for."""
        return await asyncio.to_thread(self.index.search, query)

    async def lag(self) -> Lag:
        """Events that wait for this replica."""
        return await inbox.waiting(self.service, self.durable)


def parse(message: Message) -> Event | None:
    """The event; None for a kind that is not searched. Raises ValueError where it cannot be read."""
    family = FAMILIES.get(message.kind.partition(".")[0])
    return member(family, message.kind).model_validate_json(message.body) if family else None
