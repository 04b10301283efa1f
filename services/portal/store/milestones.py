"""The milestones of the units' parts, as the ledger keeps them."""

from collections.abc import Sequence
from uuid import UUID

from asyncpg import Connection, Record

from contracts.events import AssignmentIssued, AssignmentReported
from services.portal.store import rows

PLANNED = """
insert into milestone (assignment_id, name, due, weight)
select (said ->> 'assignment_id')::uuid, m.name, m.due, m.weight
from jsonb_array_elements($1::jsonb) said, jsonb_populate_recordset(null::milestone, said -> 'milestones') m
on conflict (assignment_id, name) do nothing
"""
REACHED = """
update milestone set reached_at = said.submitted_at
from jsonb_to_recordset($1::jsonb) as said (assignment_id uuid, submitted_at timestamptz, milestones jsonb)
where milestone.assignment_id = said.assignment_id and said.milestones ? milestone.name and reached_at is null
"""
OF_PART = "select name, due, weight, reached_at from milestone where assignment_id = $1 order by due, name"


async def planned(db: Connection, events: Sequence[AssignmentIssued]) -> None:
    """The plans of new parts; most have none."""
    if some := [event for event in events if event.milestones]:
        await db.execute(PLANNED, rows(some))


async def reached(db: Connection, events: Sequence[AssignmentReported]) -> None:
    """What reports reached."""
    if some := [event for event in events if event.milestones]:
        await db.execute(REACHED, rows(some))


async def of_part(db: Connection, assignment_id: UUID) -> list[Record]:
    """The plan of one part, by due date."""
    return await db.fetch(OF_PART, assignment_id)
