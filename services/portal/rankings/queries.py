"""All SQL about rankings."""

from collections.abc import Sequence

from asyncpg import Connection

from contracts.events.ranking import RankingEvent
from contracts.ranking import Ranking
from services.chassis.outbox import transposed
from services.portal.identity.audience import audience_of
from services.portal.identity.reader import Reader
from services.portal.web.conditions import visible_here

STORE = """
insert into ranking (period, peer_group, published, revision, audience, body)
select period, peer_group, published, revision, string_to_array(audience, ' '), body -> 'ranking'
from unnest($1::text[], $2::text[], $3::boolean[], $4::int[], $5::text[], $6::json[])
    as r (period, peer_group, published, revision, audience, body)
on conflict (period, peer_group, published, revision) do update
set audience = excluded.audience, body = excluded.body
"""
OF_PERIOD = """
select distinct on (peer_group) body from ranking r where {}
order by peer_group, published desc, revision desc
"""


async def store(db: Connection, events: Sequence[RankingEvent], bodies: Sequence[bytes]) -> None:
    """The last state of each revision."""
    rows = {}
    for event, body in zip(events, bodies, strict=True):
        r = event.ranking
        key = (r.period, r.group, r.published, r.revision if r.published else 0)
        rows[key] = (*key, " ".join(audience_of(event)), body.decode())
    await db.execute(STORE, *transposed(list(rows.values()), 6))


async def of_period(db: Connection, reader: Reader, period: str) -> dict[str, Ranking]:
    """The latest ranking of each group: the published one, else the running one where the reader may see it."""
    condition = visible_here(reader, "r")
    condition.add("r.period = {}", period)
    rows = await db.fetch(OF_PERIOD.format(condition.sql), *condition.parameters)
    return {r.group: r for r in (Ranking.model_validate_json(row["body"]) for row in rows)}


async def periods(db: Connection, reader: Reader) -> list[str]:
    """The months with a ranking that the reader may see, latest first."""
    condition = visible_here(reader, "r")
    statement = f"select distinct period from ranking r where {condition.sql} order by period desc limit 24"
    return [row["period"] for row in await db.fetch(statement, *condition.parameters)]
