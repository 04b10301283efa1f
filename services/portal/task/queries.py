"""The units' parts in tasks and their clocks, as the ledger keeps them."""

from collections.abc import Sequence
from uuid import UUID

from asyncpg import Connection, Record

from contracts.assignment import Assignment
from contracts.events.assignment import AssignmentEvent
from contracts.events.light import ClockMissed, LightChanged
from services.portal.identity.reader import Reader
from services.portal.store import rows, visible
from services.portal.ledger.queries import LATEST

STATES = """
with events as (
    select distinct on (e -> 'assignment' ->> 'assignment_id') e -> 'assignment' as state
    from jsonb_array_elements($1::jsonb) e
    order by e -> 'assignment' ->> 'assignment_id', (e -> 'assignment' ->> 'version')::int desc
), clocks as (
    insert into clock (assignment_id, task_id, n, kind, due, provisional, review, met_at)
    select (state ->> 'assignment_id')::uuid, (state ->> 'task_id')::uuid, n, c ->> 'kind', (c ->> 'due')::timestamptz,
        (c ->> 'provisional')::boolean, (c ->> 'review')::date, (c ->> 'met_at')::timestamptz
    from events, jsonb_array_elements(state -> 'clocks') with ordinality as clocks (c, n)
    on conflict (assignment_id, n) do update set (kind, due, provisional, review, met_at) =
        (excluded.kind, excluded.due, excluded.provisional, excluded.review, excluded.met_at)
    where (clock.kind, clock.due, clock.provisional, clock.review, clock.met_at) is distinct from
        (excluded.kind, excluded.due, excluded.provisional, excluded.review, excluded.met_at)
), milestones as (
    insert into milestone (assignment_id, name, due, weight, reached_at)
    select (state ->> 'assignment_id')::uuid, m ->> 'name', (m ->> 'due')::timestamptz, (m ->> 'weight')::smallint,
        (m ->> 'reached_at')::timestamptz
    from events, jsonb_array_elements(state -> 'milestones') m
    on conflict (assignment_id, name) do update set due = excluded.due, reached_at = excluded.reached_at
), tasks as (
    update task set due = (events.state ->> 'due')::timestamptz from events
    where events.state ->> 'role' = 'lead' and task_id = (events.state ->> 'task_id')::uuid
        and task.due is distinct from (events.state ->> 'due')::timestamptz
)
insert into assignment ({columns})
select {row} from events, jsonb_populate_record(null::assignment, events.state) a
on conflict (assignment_id) do update set {sets}
"""
COLUMNS = [name for name in (*Assignment.model_fields, "due", "original_due") if name not in ("clocks", "milestones")]
"""A column for each field of the published state, by its name; clocks and milestones have tables of their own."""
STATES = STATES.replace("{columns}", ", ".join(COLUMNS)).replace("{row}", ", ".join(f"a.{n}" for n in COLUMNS)).replace(
    "{sets}", ", ".join(f"{name} = excluded.{name}" for name in COLUMNS if name != "assignment_id")
)
LIT = f"""
update assignment set light = said ->> 'light', light_since = (said ->> 'since')::timestamptz,
    reasons = array(select jsonb_array_elements_text(said -> 'reasons')), planned = (said ->> 'planned')::numeric
from ({LATEST}) latest where assignment_id = (said ->> 'assignment_id')::uuid
"""
MISSED = """
update clock set missed = true from jsonb_to_recordset($1::jsonb) as e (assignment_id uuid, clock text)
where clock.assignment_id = e.assignment_id and kind = e.clock
"""
OF_TASK = """
select * from assignment where task_id = $1
order by case role when 'lead' then 0 when 'responsible' then 1 else 2 end,
    case light when 'overdue' then 0 when 'stalled' then 1 when 'lagging' then 2 else 3 end, unit
"""
CLOCKS_OF = "select kind, due, provisional, review, met_at from clock where assignment_id = $1"
SEEN = "select assignment.*, title from assignment join task using (task_id) where {}"


async def store(db: Connection, events: Sequence[AssignmentEvent]) -> None:
    """The last state of each assignment, its clocks and milestones, and the task's due date, which is the lead's."""
    await db.execute(STATES, rows(events))


async def lit(db: Connection, events: Sequence[LightChanged]) -> None:
    """The parts' lights."""
    await db.execute(LIT, rows(events))


async def missed(db: Connection, events: Sequence[ClockMissed]) -> None:
    """Clocks that ran out."""
    await db.execute(MISSED, rows(events))


async def of_task(db: Connection, task_id: UUID) -> list[Record]:
    """The parts of a task: lead, responsible, supporting; of these the worst light first."""
    return await db.fetch(OF_TASK, task_id)


async def clocks_of(db: Connection, assignment_id: UUID) -> list[Record]:
    """The clocks of one part."""
    return await db.fetch(CLOCKS_OF, assignment_id)


async def seen(db: Connection, reader: Reader, assignment_id: UUID) -> Record | None:
    """One part with the task's title, if the reader may see the task."""
    asked = visible(reader)
    asked.add("assignment_id = {}", assignment_id)
    return await db.fetchrow(SEEN.format(asked.sql), *asked.parameters)
