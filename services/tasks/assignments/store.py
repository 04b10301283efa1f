"""Tasks and their parts, as what was said of them adds up."""

from collections.abc import Iterator, Sequence
from typing import TypeVar
from uuid import UUID

from asyncpg import Connection
from pydantic import TypeAdapter

from contracts.assignment import Assignment
from contracts.events.assignment import AssignmentSubmitted
from services.tasks.assignments.domain.task import Task

PARTS = TypeAdapter(list[Assignment])
TASKS = TypeAdapter(list[Task])
CHUNK = 5_000
T = TypeVar("T")

HELD = "select held($1)"
WHOLE = "select held(array(select assignment_id from assignment where task_id = any($1)))"
EVIDENCE = """
select distinct on (aggregate) aggregate, body from outbox
where aggregate = any($1) and type = 'assignment.submitted' order by aggregate, version desc
"""
HOLD_PROVISIONAL = """
select task_id from task where task_id in (
    select task_id from assignment
    where document ->> 'state' in ('issued', 'acknowledged', 'working') and document @> '{"clocks": [{"provisional": true}]}'
) order by task_id for update
"""
PROVISIONAL = """
select coalesce(jsonb_agg(document), '[]') from assignment a
where task_id = any($1) and document ->> 'state' in ('issued', 'acknowledged', 'working')
    and document @> '{"clocks": [{"provisional": true}]}'
"""
TASKS_BY_ID = "select coalesce(jsonb_agg(to_jsonb(t)), '[]') from task t where task_id = any($1)"
LISTED = "select task_id, title from task where task_id = any($1)"
NUMBERED = """
select number, title from task where issuer = $1 and ledger = $2 and number = any($3)
"""
LAST_NUMBER = """
select coalesce(max(substr(number, 6)::bigint), 0) from task
where issuer = $1 and ledger = $2 and number >= $3 || '-' and number < $3 || '.' and number ~ '^\\d{4}-\\d{1,9}$'
"""
NUMBERING = "select pg_advisory_xact_lock(hashtextextended('tasks.number ' || $1, 0))"
IMPORTING = "select pg_advisory_xact_lock(hashtextextended('tasks.import ' || $1, 0))"
SAVE_TASKS = """
insert into task select * from jsonb_populate_recordset(null::task, $1::jsonb)
on conflict (task_id) do update
set version = excluded.version, state = excluded.state, percent = excluded.percent, paused = excluded.paused
"""
SAVE_PARTS = """
insert into assignment (document) select * from jsonb_array_elements($1::jsonb)
on conflict (assignment_id) do update set document = excluded.document
"""


async def tasks_of(db: Connection, parts: Sequence[UUID]) -> dict[UUID, Task]:
    """The tasks these parts belong to, by part, with all their parts, held until the transaction ends.

    Of the other units' parts only where they stand is read: a task may have hundreds.
    """
    found = TASKS.validate_json(await db.fetchval(HELD, parts))
    every = {part.assignment_id: task for task in found for part in task.parts}
    return {part: every[part] for part in parts if part in every}


async def whole(db: Connection, ids: Sequence[UUID]) -> dict[UUID, Task]:
    """Tasks by id with all that is known of their parts, held until the transaction ends."""
    return {task.task_id: task for task in TASKS.validate_json(await db.fetchval(WHOLE, ids))}


async def tasks(db: Connection, ids: Sequence[UUID]) -> list[Task]:
    """Tasks by id, in any order, without their parts."""
    return TASKS.validate_json(await db.fetchval(TASKS_BY_ID, ids))


async def evidence_of_submissions(db: Connection, ids: Sequence[UUID]) -> dict[UUID, tuple[str, ...]]:
    """The evidence of each part's last submission: in the log alone, for a digest in the state opens a file."""
    rows = await db.fetch(EVIDENCE, [f"assignment/{id}" for id in ids])
    found = [AssignmentSubmitted.model_validate_json(row["body"]) for row in rows]
    return {event.assignment.assignment_id: event.evidence for event in found}


async def provisional(db: Connection) -> list[Assignment]:
    """Parts still worked on with a clock that may yet change, their tasks held until the transaction ends."""
    held = [row["task_id"] for row in await db.fetch(HOLD_PROVISIONAL)]
    return PARTS.validate_json(await db.fetchval(PROVISIONAL, held))


async def one_import(db: Connection, issuer: str) -> None:
    """Another import by this issuer waits until the transaction ends: it would not see what this one enters."""
    await db.execute(IMPORTING, issuer)


async def listed(db: Connection, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Which of these tasks are on the register already: id → title."""
    return {row["task_id"]: row["title"] for row in await db.fetch(LISTED, ids)}


async def numbered(db: Connection, issuer: str, ledger: str, numbers: Sequence[str]) -> dict[str, str]:
    """Which of these numbers the issuer's ledger has given already: number → title."""
    return {row["number"]: row["title"] for row in await db.fetch(NUMBERED, issuer, ledger, numbers)}


async def next_number(db: Connection, issuer: str, ledger: str, year: int) -> str:
    """The next free number of the issuer's ledger, such as `2026-0001`; whoever else numbers waits for the commit."""
    await db.execute(NUMBERING, issuer)
    return f"{year}-{await db.fetchval(LAST_NUMBER, issuer, ledger, str(year)) + 1:04}"


async def save_tasks(db: Connection, known: Sequence[Task]) -> None:
    """Keep these tasks as they now stand."""
    for some in _chunks(known):
        await db.execute(SAVE_TASKS, TASKS.dump_json(some, exclude={"__all__": {"parts"}}).decode())


async def save_assignments(db: Connection, known: Sequence[Assignment]) -> None:
    """Keep these parts as they now stand."""
    for some in _chunks(known):
        await db.execute(SAVE_PARTS, PARTS.dump_json(some).decode())


def _chunks(known: Sequence[T]) -> Iterator[list[T]]:
    """One statement each: a jsonb value holds 256 MB."""
    return (list(known[start : start + CHUNK]) for start in range(0, len(known), CHUNK))
