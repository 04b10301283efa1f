"""All SQL that reads one task: each question is one indexed query, however many assignments there are."""

import json
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from asyncpg import Connection, Record

from contracts.workdays import Calendar
from services.portal.identity.reader import Reader
from services.portal.task.shapes import AssignmentView, StandingView, assignment_view, standing_view
from services.portal.web.conditions import visible, visible_here

ONE = """
select task_id, body, target, verification_form, instruction, light, reasons, light_since from task t where {}
"""
OF_TASK = """
select body, light, reasons, light_since, audience from assignment where task_id = $1
order by case role when 'lead' then 0 when 'responsible' then 1 else 2 end, urgency, unit
"""
TASK_OF = "select task_id from assignment a where {}"

ASSIGNMENT = "select task_id, body, light, reasons, light_since from assignment a where {}"


async def one(db: Connection, reader: Reader, task_id: UUID) -> Record | None:
    """One task, if the reader may see it."""
    condition = visible(reader, "task", "t")
    condition.add("t.task_id = {}", task_id)
    return await db.fetchrow(ONE.format(condition.sql), *condition.parameters)


async def assignments_of(
    db: Connection, reader: Reader, task_id: UUID, now: datetime, calendar: Calendar
) -> Sequence[AssignmentView | StandingView]:
    """The assignments of a task: lead, responsible, supporting; of these the worst light first."""
    return [
        assignment_view(json.loads(row["body"]), row, now, calendar)
        if reader.sees(tuple(row["audience"]))
        else standing_view(json.loads(row["body"]), row)
        for row in await db.fetch(OF_TASK, task_id)
    ]


async def task_of(db: Connection, reader: Reader, assignment_id: UUID) -> UUID | None:
    """The task of an assignment, if the reader may see the assignment itself."""
    condition = visible_here(reader, "a")
    condition.add("a.assignment_id = {}", assignment_id)
    return await db.fetchval(TASK_OF.format(condition.sql), *condition.parameters)


async def assignment(db: Connection, reader: Reader, assignment_id: UUID) -> Record | None:
    """One assignment, if the reader may see it as a whole."""
    condition = visible_here(reader, "a")
    condition.add("a.assignment_id = {}", assignment_id)
    return await db.fetchrow(ASSIGNMENT.format(condition.sql), *condition.parameters)
