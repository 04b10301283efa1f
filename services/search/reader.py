"""The one reader whose effects live in an index of its own: events in, changes and the cursor in one commit."""

import asyncio
from functools import cached_property

from asyncpg import Connection
from nats.errors import Error

from contracts.envelope import Event
from contracts.queries.search import SearchFor, SearchResult
from services.chassis import inbox, metrics
from services.chassis.bus import Letter
from services.chassis.service import Service
from services.search.domain import Change, Cursor
from services.search.domain.changes import HEARD
from services.search.index import Index, ReindexNeeded


class Reader:
    """One replica's index and its place in the stream."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.replica = getattr(service.settings, "search_replica", "0")
        self.job, self.durable = f"mailbox.{self.replica}", f"search-{self.replica}"
        self.words = {event.type: event for event in HEARD}
        self.epoch = ""
        service.reader = self  # type: ignore[attr-defined]

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
        settings = self.service.settings
        info = await self.service.nc.jetstream().stream_info(settings.stream)
        self.epoch = str(info.created)
        if await asyncio.to_thread(self.index.cursor, self.epoch) is None:
            await self.forget()
        subjects = sorted(event.filters() for event in HEARD)
        await inbox.read(self.service, self.durable, subjects, lambda letters: self.deliver(db, letters))

    async def forget(self) -> None:
        """Hear everything again."""
        try:
            await self.service.nc.jetstream().delete_consumer(self.service.settings.stream, self.durable)
        except Error:
            return  # there was none

    async def deliver(self, db: Connection, letters: list[Letter]) -> None:
        """One commit for all; what cannot be read is parked, and the others go on."""
        changes: list[Change] = []
        for letter in letters:
            try:
                changes += self.changes(letter)
            except ValueError as error:
                await inbox.park(db, self.service.name, letter, repr(error))
        cursor = Cursor(self.epoch, letters[-1].sequence)
        await asyncio.to_thread(self.index.apply, changes, cursor)
        for letter in letters:
            metrics.LETTERS.labels(self.service.name, letter.kind, "handled").inc()

    def changes(self, letter: Letter) -> list[Change]:
        """What one letter changes."""
        word: type[Event] = self.words[letter.kind]
        return HEARD[word](word.model_validate_json(letter.body))

    async def search(self, query: SearchFor) -> SearchResult:
        """What the asker may see of what was asked for."""
        return await asyncio.to_thread(self.index.search, query)

    async def lag(self) -> int:
        """Events that wait for this reader."""
        return await inbox.waiting(self.service, self.durable)
