"""What the search service answers; what it hears is in domain/changes.py, and goes into the index by reader.py."""

import shutil

from asyncpg import Connection

from contracts.queries import Found, SearchFor
from services.chassis import asks
from services.chassis.room import Room
from services.search.domain.changes import HEARD

HEARS = tuple(HEARD)


@asks(SearchFor)
async def search(query: SearchFor, db: Connection, room: Room) -> Found:
    """One box over everything the asker may see. R11."""
    return await room.reader.search(query)  # type: ignore[attr-defined]


def renew(room: Room) -> None:
    """Throw the index away; at its next start the service hears every event again."""
    shutil.rmtree(room.settings.var / "search", ignore_errors=True)
