"""All SQL about the war room's figures: each counts the rows of a view of the ledger."""

from collections.abc import Mapping
from datetime import datetime

from asyncpg import Pool, Record

from services.portal.identity.reader import Reader
from services.portal.ledger.filters import Filters, PartRole
from services.portal.ledger.rows import FIGURES, JUDGED, Rows, at, rows

BARS = ("total", "closed", "required", "done")


async def scope_of(db: Pool, reader: Reader) -> str:
    """Whose figures: what the reader's office issued; of a unit that issues nothing, what it has to do. §1b"""
    issues = "select exists (select from task where issuer = any($1::text[]))"
    return "issued" if await db.fetchval(issues, sorted(reader.issuers)) else "own"


async def boards(db: Pool, reader: Reader, scope: str, now: datetime) -> dict[str, dict[str, int]]:
    """Of each board the figures of its bars."""
    view = rows(reader, Filters(scope=scope), now)
    counts = ", ".join(f"count(*) filter (where {at(view.condition, FIGURES[n], now)}) as {n}" for n in BARS)
    records = await _fetch(db, f"select board, {counts} from {{}} where {{}} group by board", view)
    return {row["board"]: {name: row[name] for name in BARS} for row in records}


async def lights(db: Pool, reader: Reader, scope: str, now: datetime) -> dict[str, int]:
    """How many rows show each light."""
    view = rows(reader, Filters(scope=scope), now)
    records = await _fetch(db, "select light, count(*) as n from {} where {} group by light", view)
    return {row["light"]: row["n"] for row in records}


async def places(
    db: Pool, reader: Reader, scope: str, here: str, width: int, now: datetime
) -> dict[str, dict[str, int]]:
    """Open assignments that colour their task, by place: units of the region `here`, others by `width` characters."""
    view = rows(reader, Filters(scope=scope, rows="assignment", role=PartRole.ACCOUNTABLE, figure="open"), now)
    region, length = view.condition.bind(here, width)
    place = f"case when left(unit, length({region}::text)) = {region} then unit else left(unit, {length}::int) end"
    statement = f"select {place} as place, light, count(*) as n from {{}} where {{}} group by 1, 2"
    counted: dict[str, dict[str, int]] = {}
    for row in await _fetch(db, statement, view):
        counts = counted.setdefault(row["place"], {"open": 0})
        counts["open"] += row["n"]
        counts[row["light"]] = row["n"]
    return counted


async def rates(db: Pool, reader: Reader, scope: str, now: datetime) -> Mapping[str, tuple[int, int]]:
    """Of each clock: how many were met in time, of how many that are judged. X1"""
    view = rows(reader, Filters(scope=scope, rows="assignment"), now)
    judged = at(view.condition, JUDGED, now)
    statement = f"""
    select kind, count(*) filter (where not c.missed) as met, count(*) as judged
    from {{}} join clock c using (assignment_id) where {{}} and {judged} group by kind
    """
    return {row["kind"]: (row["met"], row["judged"]) for row in await _fetch(db, statement, view)}


async def _fetch(db: Pool, statement: str, view: Rows) -> list[Record]:
    """Planned for this very reader: a plan for any reader takes an office for a unit of few rows."""
    async with db.acquire() as connection, connection.transaction(readonly=True):
        await connection.execute("set local plan_cache_mode = force_custom_plan")
        return await connection.fetch(statement.format(view.source, view.condition.sql), *view.condition.parameters)
