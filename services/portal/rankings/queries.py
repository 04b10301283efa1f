"""The months' boards, as ranking says them."""

import json
from typing import Any

from asyncpg import Connection

from contracts.events.ranking import RankingComputed, RankingPublished
from services.portal.identity.reader import Reader
from services.portal.ledger.queries import places

COMPUTED = """
insert into ranking values ($1, $2, false, 1, $3, $4, $5::jsonb, $6, $7)
on conflict (period, peers, published, revision) do update set scheme_version = excluded.scheme_version,
    as_of = excluded.as_of, standings = excluded.standings, digest = excluded.digest, audience = excluded.audience
"""
PUBLISHED = "insert into ranking values ($1, $2, true, $3, $4, $5, $6::jsonb, $7, $8) on conflict do nothing"
OF_PERIOD = """
select distinct on (peers) * from ranking where period = $1 and (published or audience && $2 or $3)
order by peers, published desc, revision desc
"""
PERIODS = "select distinct period from ranking where published or audience && $1 or $2 order by period desc limit 24"


async def computed(db: Connection, event: RankingComputed) -> None:
    """The running month's board."""
    board = (event.scheme_version, event.as_of, _standings(event), event.digest, sorted(places(event)))
    await db.execute(COMPUTED, event.period, event.group, *board)


async def published(db: Connection, event: RankingPublished) -> None:
    """A month's board, a revision of its own."""
    board = (event.scheme_version, event.as_of, _standings(event), event.digest, sorted(places(event)))
    await db.execute(PUBLISHED, event.period, event.group, event.revision, *board)


def _standings(event: RankingComputed | RankingPublished) -> str:
    return json.dumps([standing.model_dump(mode="json") for standing in event.standings])


async def of_period(db: Connection, reader: Reader, period: str) -> dict[str, dict[str, Any]]:
    """The latest board of each group: the published one, else the running one where the reader may see it."""
    everything, seen, *_ = reader.sight
    found = await db.fetch(OF_PERIOD, period, seen, everything)
    return {row["peers"]: {**row, "standings": json.loads(row["standings"])} for row in found}


async def periods(db: Connection, reader: Reader) -> list[str]:
    """The months there is a board for, latest first."""
    everything, seen, *_ = reader.sight
    return [row["period"] for row in await db.fetch(PERIODS, seen, everything)]
