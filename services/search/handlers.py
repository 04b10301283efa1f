"""The query that search answers; the events it consumes are in domain/changes.py, inbox.py puts them in the index."""

import shutil

from asyncpg import Connection

from contracts.queries.search import SearchFor, SearchResult
from services.chassis import on_query
from services.chassis.service import Service
from services.search.inbox import IndexInbox
from services.search.settings import Settings


@on_query(SearchFor)
async def search(query: SearchFor, db: Connection, service: Service[Settings, IndexInbox]) -> SearchResult:
    """One box over everything the reader may see. R11."""
    return await service.reader.search(query)


def renew(service: Service) -> None:
    """Throw the index away; at its next start the service reads every event again."""
    shutil.rmtree(service.settings.var / "search", ignore_errors=True)
