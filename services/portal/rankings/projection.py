"""Rankings are stored as ranking publishes them."""

from collections.abc import Sequence

from asyncpg import Connection

from contracts.events.ranking import RankingEvent
from services.chassis import on_event
from services.portal.rankings import queries


@on_event(RankingEvent, batch=True)
async def on_ranking(events: list[RankingEvent], db: Connection, bodies: Sequence[bytes]) -> None:
    await queries.store(db, events, bodies)
