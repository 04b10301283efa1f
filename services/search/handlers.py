"""What the search service answers; what it hears is in domain/changes.py, and goes into the index by reader.py."""

import shutil

from asyncpg import Connection

from contracts.queries.search import SearchFor, SearchResult
from services.chassis import on_query
from services.chassis.service import Service
from services.search.domain.changes import HEARD

HEARS = tuple(HEARD)


@on_query(SearchFor)
async def search(query: SearchFor, db: Connection, service: Service) -> SearchResult:
    """One box over everything the asker may see. R11."""
    return await service.reader.search(query)  # type: ignore[attr-defined]


def renew(service: Service) -> None:
    """Throw the index away; at its next start the service hears every event again."""
    shutil.rmtree(service.settings.var / "search", ignore_errors=True)
