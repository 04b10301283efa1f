"""The units' parts in tasks and their clocks, as the ledger keeps them."""

from collections.abc import Sequence
from uuid import UUID

from asyncpg import Connection, Record

from contracts.events import (
    AssignmentAcknowledged,
    AssignmentCancelled,
    AssignmentClosed,
    AssignmentDueChanged,
    AssignmentIssued,
    AssignmentReported,
    AssignmentResumed,
    AssignmentReworked,
    AssignmentSubmitted,
    AssignmentSuspended,
    AssignmentVerified,
    ClockMissed,
    LightChanged,
)
from services.portal.domain.reader import Reader
from services.portal.store import rows, visible
from services.portal.store.tasks import LATEST

ISSUED = """
insert into assignment (assignment_id, task_id, unit, unit_name, role, state, t0, due, original)
select a.assignment_id, a.task_id, a.unit, a.unit_name, a.role, a.state, a.t0, a.due, a.due
from jsonb_populate_recordset(null::assignment, $1::jsonb) a
on conflict (assignment_id) do nothing
"""
CLOCKS = """
insert into clock (assignment_id, task_id, kind, due, provisional, review)
select (said ->> 'assignment_id')::uuid, (said ->> 'task_id')::uuid, c.kind, c.due, c.provisional, c.review
from jsonb_array_elements($1::jsonb) said, jsonb_populate_recordset(null::clock, said -> 'clocks') c
on conflict (assignment_id, kind) do nothing
"""
ACKNOWLEDGED = """
update assignment set state = $2, acknowledged_at = $3, responsible_person = $4 where assignment_id = $1
"""
REPORTED = """
update assignment set state = said.state, percent = coalesce(said.percent, assignment.percent),
    reported_at = greatest(reported_at, said.submitted_at),
    responsible_person = coalesce(nullif(said.responsible_person, ''), assignment.responsible_person)
from (select distinct on (aggregate) * from jsonb_to_recordset($1::jsonb) as e (aggregate text, version int,
    assignment_id uuid, state text, percent numeric, submitted_at timestamptz,
    responsible_person text) order by aggregate, version desc) said
where assignment.assignment_id = said.assignment_id
"""
FIRST_REPORT = """
update clock set met_at = first.at
from (select assignment_id, case kind when 'deployment' then 'deploy_1d' else 'feedback_3d' end as clock,
        min(submitted_at) as at
    from jsonb_to_recordset($1::jsonb) as e (assignment_id uuid, kind text, submitted_at timestamptz)
    where kind in ('deployment', 'progress') group by 1, 2) first
where clock.assignment_id = first.assignment_id and kind = first.clock and met_at is null
"""
SUBMITTED = """
update assignment set state = $2, submitted_at = $3, submitted_by = $4, on_time = $5, on_time_original = $6,
    percent = 100, verified_by = '' where assignment_id = $1
"""
VERIFIED = "update assignment set state = $2, verified_by = $3 where assignment_id = $1"
REWORKED = """
update assignment set state = $2, submitted_at = null, submitted_by = '', verified_by = '', on_time = null,
    percent = coalesce($3, percent)
where assignment_id = $1
"""
CLOSED = f"""
update assignment set state = 'closed', grade = said ->> 'grade', closed_at = (said ->> 'time')::timestamptz,
    submitted_at = (said ->> 'submitted_at')::timestamptz, on_time = (said ->> 'on_time')::boolean,
    on_time_original = (said ->> 'on_time_original')::boolean, percent = 100
from ({LATEST}) latest where assignment_id = (said ->> 'assignment_id')::uuid
"""
RESOLVED = """
update clock set met_at = (said ->> 'submitted_at')::timestamptz from jsonb_array_elements($1::jsonb) said
where clock.assignment_id = (said ->> 'assignment_id')::uuid and kind in ('resolve_7d', 'resolve_1m', 'custom')
"""
UNRESOLVED = """
update clock set met_at = null where assignment_id = $1 and kind in ('resolve_7d', 'resolve_1m', 'custom')
"""
STOPPED = f"""
update assignment set state = said ->> 'state',
    stopped_at = case when not $2 then (said ->> 'time')::timestamptz end
from ({LATEST}) latest where assignment_id = (said ->> 'assignment_id')::uuid
"""
DUE_MOVED = "update clock set due = $3, provisional = $4 where assignment_id = $1 and kind = $2"
DUE_CHANGED = """
update assignment set due = $2, original = coalesce($3, original), due_changes = due_changes + 1
where assignment_id = $1
"""
TASK_DUE = """
update task set due = $2 where task_id = (select task_id from assignment where assignment_id = $1 and role = 'lead')
"""
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


async def issued(db: Connection, events: Sequence[AssignmentIssued]) -> None:
    """New parts, with their clocks."""
    said = rows(events)
    await db.execute(ISSUED, said)
    await db.execute(CLOCKS, said)


async def acknowledged(db: Connection, event: AssignmentAcknowledged) -> None:
    """The unit has it."""
    await db.execute(ACKNOWLEDGED, event.assignment_id, event.state, event.time, event.responsible_person)


async def reported(db: Connection, events: Sequence[AssignmentReported]) -> None:
    """Accepted reports: the first of its kind stops a clock."""
    said = rows(events)
    await db.execute(REPORTED, said)
    await db.execute(FIRST_REPORT, said)


async def submitted(db: Connection, event: AssignmentSubmitted) -> None:
    """The unit says its part is done: the resolving clock holds while it is judged."""
    judged = (event.on_time, event.on_time_original)
    await db.execute(SUBMITTED, event.assignment_id, event.state, event.submitted_at, event.actor, *judged)
    await db.execute(RESOLVED, rows([event]))


async def verified(db: Connection, event: AssignmentVerified) -> None:
    """A second person confirmed it."""
    await db.execute(VERIFIED, event.assignment_id, event.state, event.actor)


async def reworked(db: Connection, event: AssignmentReworked) -> None:
    """Back to work: nothing counts as submitted any more, and the resolving clock runs on."""
    await db.execute(REWORKED, event.assignment_id, event.state, event.percent)
    await db.execute(UNRESOLVED, event.assignment_id)


async def closed(db: Connection, events: Sequence[AssignmentClosed]) -> None:
    """Written off; the resolving clock is judged by the submission."""
    said = rows(events)
    await db.execute(CLOSED, said)
    await db.execute(RESOLVED, said)


async def stopped(
    db: Connection, events: Sequence[AssignmentSuspended | AssignmentResumed | AssignmentCancelled], running: bool
) -> None:
    """Clocks stand still from a moment on, or run again."""
    await db.execute(STOPPED, rows(events), running)


async def due_changed(db: Connection, event: AssignmentDueChanged) -> None:
    """One clock moved; a resolving one moves the part's due date, and the lead's moves the task's."""
    await db.execute(DUE_MOVED, event.assignment_id, event.clock, event.due, event.provisional)
    if event.clock in ("resolve_7d", "resolve_1m", "custom"):
        await db.execute(DUE_CHANGED, event.assignment_id, event.due, event.original)
        await db.execute(TASK_DUE, event.assignment_id, event.due)


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
