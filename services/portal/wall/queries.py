"""The figures of the war room, counted from the ledger over what the reader may see."""

from collections.abc import Mapping
from datetime import datetime

from asyncpg import Connection, Record

from services.portal.identity.reader import Reader
from services.portal.store import Asked, visible

BOARDS = """
select board, count(*) as total, count(*) filter (where state = 'closed') as done,
    count(*) filter (where due <= {now}) as required
from task where state <> 'cancelled' and not paused and {seen} group by board
"""
LIGHTS = "select light, count(*) as n from task where light <> 'none' and {} group by light"
PLACES = """
select place, sum(n) filter (where state <> 'closed')::int as open,
    sum(n) filter (where state = 'closed')::int as closed,
    sum(n) filter (where light = 'overdue')::int as overdue, sum(n) filter (where light = 'stalled')::int as stalled,
    sum(n) filter (where light = 'lagging')::int as lagging, sum(n) filter (where light = 'normal')::int as normal
from (select unit, state, light, count(*) as n from assignment
    where role <> 'supporting' and state <> 'cancelled' and {seen}
    group by unit, state, light) parts,
lateral (select case when left(unit, length({here})) = {here} then unit else left(unit, {width}) end as place) at
group by place
"""
RATES = """
select kind, count(*) filter (where met_at <= due) as met,
    count(*) filter (where met_at is not null or due <= {now}) as judged
from clock where due > {now} - interval '30 days' and {seen}
    and assignment_id not in (select assignment_id from assignment where stopped_at is not null)
group by kind
"""


async def boards(db: Connection, reader: Reader, now: datetime) -> dict[str, Record]:
    """Of each board, without what is cancelled or suspended: tasks, written off, due by now (S11)."""
    asked = visible(reader)
    (moment,) = asked.bind(now)
    return {row["board"]: row for row in await _fetch(db, BOARDS.format(now=moment, seen=asked.sql), asked)}


async def lights(db: Connection, reader: Reader) -> dict[str, int]:
    """How many open tasks show each light."""
    asked = visible(reader)
    return {row["light"]: row["n"] for row in await _fetch(db, LIGHTS.format(asked.sql), asked)}


async def places(db: Connection, reader: Reader, here: str, width: int) -> dict[str, Record]:
    """Parts by place: each unit of the region `here` (`14.00.00.000`), every other by its first `width` characters."""
    asked = visible(reader)
    region, length = asked.bind(here, width)
    statement = PLACES.format(here=f"{region}::text", width=f"{length}::int", seen=asked.sql)
    found = await _fetch(db, statement, asked)
    return {row["place"]: {name: n or 0 for name, n in row.items() if name != "place"} for row in found}


async def rates(db: Connection, reader: Reader, now: datetime) -> Mapping[str, tuple[int, int]]:
    """Of each clock due in the last 30 days or later: how many were met in time, of how many that were met or are over.

    A unit sees its own (X1). What was missed long ago counts in its light, not in how things go now.
    """
    asked = visible(reader)
    if not reader.region:
        asked.add("assignment_id in (select assignment_id from assignment where unit = {})", reader.unit)
    (moment,) = asked.bind(now)
    found = await _fetch(db, RATES.format(now=moment, seen=asked.sql), asked)
    return {row["kind"]: (row["met"], row["judged"]) for row in found}


async def _fetch(db: Connection, statement: str, asked: Asked) -> list[Record]:
    return await db.fetch(statement, *asked.parameters)
