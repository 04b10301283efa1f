"""All SQL about lists of tasks and assignments."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from asyncpg import Connection, Record

from services.portal.identity.reader import Reader
from services.portal.ledger.filters import Filters
from services.portal.ledger.rows import rows
from services.portal.web.cursors import Page, moment, opened, ordinal, sealed

AFTER = "({}::bigint, {}::timestamptz, {}::uuid)"
ORDER = {
    "urgent": ("r.urgency, r.due_key, r.id", f"(r.urgency, r.due_key, r.id) > {AFTER}"),
    "due": ("r.due_key, r.id", f"(0, r.due_key, r.id) > {AFTER}"),
    "new": ("r.t0 desc, r.id desc", f"(0, r.t0, r.id) < {AFTER}"),
}
FACETS = ("board", "light", "state")
CUBE = "select board, light, state, count(*) as n from {} where {} group by board, light, state"


async def page(
    db: Connection, reader: Reader, filters: Filters, now: datetime, limit: int = 50, cursor: str = ""
) -> Page:
    """One page of a view, in its order. Raises CursorInvalid."""
    order, after = ORDER[filters.sort]
    view = rows(reader, filters, now)
    for facet in FACETS:
        if value := getattr(filters, facet):
            view.condition.add(f"r.{facet} = {{}}", value)
    if cursor:
        view.condition.add(after, *opened(cursor, ordinal, moment, UUID))
    statement = f"select r.* from {view.source} where {view.condition.sql} order by {order} limit {limit + 1}"
    records = await db.fetch(statement, *view.condition.parameters)
    return Page(records[:limit], _cursor(records[limit - 1], filters.sort) if len(records) > limit else "")


def _cursor(row: Record, sort: str) -> str:
    rank = row["urgency"] if sort == "urgent" else 0
    at = row["t0"] if sort == "new" else row["due_key"]
    return sealed(rank, at.isoformat(), row["id"])


async def facets(db: Connection, reader: Reader, filters: Filters, now: datetime) -> Mapping[str, Mapping[str, int]]:
    """How many rows each value of board, light and state would show under the other filters; and the total."""
    view = rows(reader, filters, now)
    counted: dict[str, Counter[str]] = {name: Counter() for name in (*FACETS, "total")}
    for row in await db.fetch(CUBE.format(view.source, view.condition.sql), *view.condition.parameters):
        off = [name for name in FACETS if getattr(filters, name) not in ("", row[name])]
        for name in FACETS:
            if off in ([], [name]):
                counted[name][row[name]] += row["n"]
        if not off:
            counted["total"][""] += row["n"]
    return counted


async def states(db: Connection, task_ids: list[UUID]) -> list[Record]:
    """The published states of tasks that were listed, in that order."""
    statement = """
    select task.body, light, reasons, light_since from unnest($1::uuid[]) with ordinality as listed (task_id, n)
    join task using (task_id) order by n
    """
    return await db.fetch(statement, task_ids)


async def assignment_states(db: Connection, assignment_ids: list[UUID]) -> list[Record]:
    """The published states of assignments that were listed, in that order."""
    statement = """
    select assignment.body, light, reasons, light_since from unnest($1::uuid[]) with ordinality as listed (id, n)
    join assignment on assignment_id = listed.id order by n
    """
    return await db.fetch(statement, assignment_ids)
