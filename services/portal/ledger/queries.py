"""Tasks as the ledger keeps them, and every question a list of them asks."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Connection, Record

from contracts.envelope import Event
from contracts.events.light import LightChanged
from contracts.events.task import TaskAdvanced, TaskRegistered
from services.portal.ledger.filters import Filters, Span, moment, opened, ordinal, sealed, span
from services.portal.identity.reader import Reader
from services.portal.store import Asked, rows, visible

REGISTERED = """
insert into task (task_id, number, ledger, title, board, weight, source, lead_official, target, verification_form,
    instruction, deadline_text, clock, t0, due, issuer, issuer_name, lead, lead_name, parts, words)
select t.task_id, t.number, t.ledger, t.title, t.board, t.weight, t.source, t.lead_official, t.target,
    t.verification_form, t.instruction, t.deadline_text, said -> 'deadline' ->> 'kind', t.t0,
    (said -> 'deadline' ->> 'due')::timestamptz, t.issuer, t.issuer_name, coalesce(led.unit, t.issuer),
    coalesce(led.name, t.issuer_name), jsonb_array_length(said -> 'parts'),
    lower(concat_ws(' ', t.number, t.title, t.lead_official,
        (select string_agg(p ->> 'name', ' ') from jsonb_array_elements(said -> 'parts') p)))
from jsonb_array_elements($1::jsonb) said
cross join lateral jsonb_populate_record(null::task, said - 'parts') t
left join lateral (select p ->> 'unit' as unit, p ->> 'name' as name from jsonb_array_elements(said -> 'parts') p
    where p ->> 'role' = 'lead' limit 1) led on true
on conflict (task_id) do nothing
"""
SEEN_BY = """
insert into task_audience (task_id, place) select distinct * from unnest($1::uuid[], $2::text[]) on conflict do nothing
"""
LATEST = """
select distinct on (said ->> 'aggregate') said from jsonb_array_elements($1::jsonb) said
order by said ->> 'aggregate', (said ->> 'version')::int desc
"""
ADVANCED = f"""
update task set title = said ->> 'title', state = said ->> 'state',
    percent = coalesce((said ->> 'percent')::numeric, percent),
    closed_at = case when said ->> 'state' = 'closed' then (said ->> 'time')::timestamptz end,
    paused = (said ->> 'paused')::boolean
from ({LATEST}) latest where task_id = (said ->> 'task_id')::uuid
"""
LIT = f"""
update task set light = said ->> 'light', light_since = (said ->> 'since')::timestamptz,
    reasons = array(select jsonb_array_elements_text(said -> 'reasons'))
from ({LATEST}) latest where task_id = (said ->> 'task_id')::uuid
"""

OF_UNIT = """
exists (select from assignment a where a.task_id = task.task_id
    and (a.unit = {} or a.unit >= {} and a.unit < {} or strpos(a.unit_name, {}) > 0))
"""
IN_ROLE = "exists (select from assignment a where a.task_id = task.task_id and a.role = {} and {} in ('', a.unit))"
VIEWS = {
    "mine": "a.state not in ('closed', 'cancelled')",
    "lead": "a.role = 'lead'",
    "responsible": "a.role = 'responsible'",
    "unacknowledged": "a.state = 'issued'",
    "due_soon": "a.state in ('issued', 'acknowledged', 'working') and a.stopped_at is null"
    " and a.due between now() and now() + '5 days'",
}
AFTER = "({}::bigint, {}::timestamptz, {}::uuid)"
ORDER = {
    "urgent": ("urgency, due_key, task_id", f"(urgency, due_key, task_id) > {AFTER}"),
    "due": ("due_key, task_id", f"(0, due_key, task_id) > {AFTER}"),
    "new": ("t0 desc, task_id desc", f"(0, t0, task_id) < {AFTER}"),
}
FACETS = ("board", "light", "state")
CUBE = "select board, light, state, count(*) as n from task where {} group by board, light, state"


@dataclass(frozen=True)
class Page:
    """Some rows of the ledger; `next` is the cursor of what follows, empty at the end."""

    rows: list[Record]
    next: str = ""


async def registered(db: Connection, events: Sequence[TaskRegistered]) -> None:
    """New tasks."""
    await db.execute(REGISTERED, rows(events))


async def seen_by(db: Connection, events: Sequence[Any]) -> None:
    """Whoever may see an event about a task may see the task."""
    pairs = {(getattr(event, "assignment", event).task_id, place) for event in events for place in places(event)}
    await db.execute(SEEN_BY, *map(list, zip(*pairs, strict=True)))


def places(event: Event) -> set[str]:
    """Where an event is seen: its audience, and the address it was said at."""
    return {event.address, *event.audience}


async def advanced(db: Connection, events: Sequence[TaskAdvanced]) -> None:
    """State and progress follow from the parts."""
    await db.execute(ADVANCED, rows(events))


async def lit(db: Connection, events: Sequence[LightChanged]) -> None:
    """The tasks' own lights: the worst of their parts."""
    await db.execute(LIT, rows(events))


def wanted(reader: Reader, filters: Filters, now: datetime) -> Asked:
    """What a view asks for beside board, light and state."""
    asked = visible(reader)
    if filters.q:
        asked.add("strpos(words, lower({})) > 0", filters.q)
    if filters.unit:
        asked.add(OF_UNIT, filters.unit, f"{filters.unit}.", f"{filters.unit}/", filters.unit)
    if filters.role:
        asked.add(IN_ROLE, filters.role, filters.unit if filters.unit.count(".") == 4 else "")
    if filters.view:
        mine = f"a.unit = {{}} and {VIEWS[filters.view]}"
        asked.add(f"exists (select from assignment a where a.task_id = task.task_id and {mine})", reader.unit)
    if due := span(filters.due, now):
        _due(asked, due, filters.due)
    return asked


def _due(asked: Asked, due: Span, wish: str) -> None:
    if due.undated:
        asked.add("due is null")
        return
    asked.add("due >= {} and due < {}", due.start, due.end)
    if wish == "overdue":
        asked.add("state not in ('closed', 'cancelled') and not paused")


async def page(
    db: Connection, reader: Reader, filters: Filters, now: datetime, limit: int = 50, cursor: str = ""
) -> Page:
    """One page of a view, by the order asked for. Raises CursorInvalid."""
    order, after = ORDER[filters.sort]
    asked = wanted(reader, filters, now)
    for facet in FACETS:
        if value := getattr(filters, facet):
            asked.add(f"{facet} = {{}}", value)
    if cursor:
        asked.add(after, *opened(cursor, ordinal, moment, UUID))
    statement = f"select * from task where {asked.sql} order by {order} limit {limit + 1}"
    found = await db.fetch(statement, *asked.parameters)
    return Page(found[:limit], _cursor(found[limit - 1], filters.sort) if len(found) > limit else "")


def _cursor(row: Record, sort: str) -> str:
    rank = row["urgency"] if sort == "urgent" else 0
    at = row["t0"] if sort == "new" else row["due_key"]
    return sealed(rank, at.isoformat(), row["task_id"])


async def facets(db: Connection, reader: Reader, filters: Filters, now: datetime) -> Mapping[str, Mapping[str, int]]:
    """How many tasks each value of board, light and state would show under the other filters; and the total."""
    asked = wanted(reader, filters, now)
    counted: dict[str, Counter[str]] = {name: Counter() for name in (*FACETS, "total")}
    for row in await db.fetch(CUBE.format(asked.sql), *asked.parameters):
        off = [name for name in FACETS if getattr(filters, name) not in ("", row[name])]
        for name in FACETS:
            if off in ([], [name]):
                counted[name][row[name]] += row["n"]
        if not off:
            counted["total"][""] += row["n"]
    return counted


async def seen(db: Connection, reader: Reader, task_id: UUID) -> Record | None:
    """One task, if the reader may see it."""
    asked = visible(reader)
    asked.add("task_id = {}", task_id)
    return await db.fetchrow(f"select * from task where {asked.sql}", *asked.parameters)
