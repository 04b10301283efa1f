"""The query that search answers; the events it consumes are in domain/changes.py, inbox.py puts them in the index."""

import shutil

from asyncpg import Connection

from contracts.queries.search import SearchFor, SearchResult
from contracts.refusals import Refused
from services.chassis import on_query
from services.chassis.service import Service
from services.search.inbox import IndexInbox
from services.search.settings import Settings


@on_query(SearchFor)
async def search(query: SearchFor, db: Connection, service: Service[Settings, IndexInbox]) -> SearchResult | Refused:
    """One box over everything the reader may see. R11."""
    return await service.reader.search(query)


def renew(service: Service) -> None:
    """Throw the indexes away; at its next start the service reads every event again."""
    for path in (service.settings.var / "search").glob("*/index"):
        shutil.rmtree(path, ignore_errors=True)
