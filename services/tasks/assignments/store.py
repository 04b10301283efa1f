"""Tasks and assignments: the state each event carries, as a document, beside the columns that hold the constraints."""

import json
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from asyncpg import Connection, Record

from contracts.assignment import IN_HAND, Assignment
from contracts.events.assignment import AssignmentEvent, AssignmentSubmitted
from contracts.events.task import TaskEvent, TaskRegistered
from contracts.task import Task
from contracts.terms import AssignmentState
from services.tasks.assignments.domain.task import Sibling, TaskAggregate

HOLD_BY_ASSIGNMENT = """
select task_id, document, audience from task
where task_id = any(array(select task_id from assignment where assignment_id = any($1))) order by task_id for update
"""
HOLD = "select task_id, document, audience from task where task_id = any($1) order by task_id for update"
HOLD_PROVISIONAL = """
select task_id, document, audience from task
where task_id = any(array(select task_id from assignment where provisional)) order by task_id for update
"""
ASSIGNMENTS = """
select task_id, assignment_id, role = 'lead' as leads, document, audience from assignment
where task_id = any($1) order by task_id, leads desc, unit
"""
EVIDENCE = "select assignment_id, evidence from assignment where assignment_id = any($1)"
TEXTS = """
select assignment_id, texts from assignment join task using (task_id) where assignment_id = any($1)
"""
TITLES = "select task_id, document ->> 'title' as title from task where task_id = any($1)"
NUMBERS = """
select number, document ->> 'title' as title from task where issuer = $1 and ledger = $2 and number = any($3)
"""
LAST_NUMBER = """
select coalesce(max(substr(number, 6)::bigint), 0) from task
where issuer = $1 and ledger = $2 and number >= $3 || '-' and number < $3 || '.' and number ~ '^\\d{4}-\\d{1,9}$'
"""
NUMBERING = "select pg_advisory_xact_lock(hashtextextended('tasks.number ' || $1, 0))"
IMPORTING = "select pg_advisory_xact_lock(hashtextextended('tasks.import ' || $1, 0))"
SAVE_TASKS = """
insert into task (task_id, issuer, ledger, number, audience, document)
select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::json[], $6::json[])
on conflict (task_id) do update
set (number, audience, document) = (excluded.number, excluded.audience, excluded.document)
"""
SAVE_ASSIGNMENTS = """
insert into assignment (assignment_id, task_id, unit, role, provisional, returned, audience, document)
select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bool[], $6::bool[], $7::json[], $8::json[])
on conflict (assignment_id) do update
set (provisional, returned, audience, document)
    = (excluded.provisional, excluded.returned, excluded.audience, excluded.document)
"""
SAVE_TEXTS = """
update task set texts = last.texts from unnest($1::uuid[], $2::json[]) last (id, texts) where task_id = id
"""
SAVE_EVIDENCE = """
update assignment set evidence = digests from unnest($1::uuid[], $2::json[]) last (id, digests) where assignment_id = id
"""


async def hold_by_assignment(db: Connection, ids: Sequence[UUID], whole: bool = False) -> dict[UUID, TaskAggregate]:
    """The tasks of these assignments, by id, held until the transaction ends; unless `whole`, of the others only where
    they stand.
    """
    return await _aggregates(db, await db.fetch(HOLD_BY_ASSIGNMENT, ids), None if whole else set(ids))


async def hold(db: Connection, ids: Sequence[UUID]) -> dict[UUID, TaskAggregate]:
    """Tasks by id, whole, held until the transaction ends."""
    return await _aggregates(db, await db.fetch(HOLD, ids))


async def hold_provisional(db: Connection) -> list[TaskAggregate]:
    """The tasks of which a clock that still runs may yet change, whole, held until the transaction ends."""
    return list((await _aggregates(db, await db.fetch(HOLD_PROVISIONAL))).values())


async def _aggregates(
    db: Connection, held: Sequence[Record], wanted: Collection[UUID] | None = None
) -> dict[UUID, TaskAggregate]:
    """The held tasks with their assignments: a statement of its own sees what the lock has waited for."""
    rows = await db.fetch(ASSIGNMENTS, [row["task_id"] for row in held])
    members: dict[UUID, list[Record]] = {row["task_id"]: [] for row in held}
    for row in rows:
        members[row["task_id"]].append(row)
    return {row["task_id"]: _aggregate(row, members[row["task_id"]], wanted) for row in held}


def _aggregate(held: Record, rows: Sequence[Record], wanted: Collection[UUID] | None) -> TaskAggregate:
    whole = {row["assignment_id"] for row in rows if wanted is None or row["assignment_id"] in wanted or row["leads"]}
    return TaskAggregate(
        task=Task.model_validate_json(held["document"]),
        audience=tuple(json.loads(held["audience"])),
        assignments=tuple(
            (Assignment if row["assignment_id"] in whole else Sibling).model_validate_json(row["document"])
            for row in rows
        ),
        audiences={
            row["assignment_id"]: tuple(json.loads(row["audience"])) for row in rows if row["assignment_id"] in whole
        },
    )


async def evidence(db: Connection, ids: Sequence[UUID]) -> dict[UUID, tuple[str, ...]]:
    """The digests of each assignment's last submission; no event repeats them, for a digest opens a file."""
    rows = await db.fetch(EVIDENCE, ids)
    return {row["assignment_id"]: tuple(json.loads(row["evidence"])) for row in rows}


async def texts(db: Connection, ids: Sequence[UUID]) -> dict[UUID, dict[str, str]]:
    """What the units were told at registration, by assignment; no later event repeats it."""
    return {row["assignment_id"]: json.loads(row["texts"]) for row in await db.fetch(TEXTS, ids)}


async def save_texts(db: Connection, events: Sequence[TaskRegistered]) -> None:
    """The texts of registrations, beside the state."""
    rows = [(event.task.task_id, json.dumps(texts_of(event))) for event in events]
    await db.execute(SAVE_TEXTS, *zip(*rows, strict=True))


def texts_of(event: TaskRegistered) -> Mapping[str, str]:
    """What a registration tells every unit."""
    return {name: getattr(event, name) for name in ("target", "verification_form", "instruction")}


async def one_import(db: Connection, issuer: str) -> None:
    """Another import by this issuer waits until the transaction ends: it would not see what this one enters."""
    await db.execute(IMPORTING, issuer)


async def titles(db: Connection, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Which of these tasks are on the ledger already: id → title."""
    return {row["task_id"]: row["title"] for row in await db.fetch(TITLES, ids)}


async def numbers(db: Connection, issuer: str, ledger: str, wanted: Sequence[str]) -> dict[str, str]:
    """Which of these numbers the issuer's ledger has used already: number → title."""
    return {row["number"]: row["title"] for row in await db.fetch(NUMBERS, issuer, ledger, wanted)}


async def next_number(db: Connection, issuer: str, ledger: str, year: int) -> str:
    """The next free number of the issuer's ledger, such as `2026-0001`; whoever else numbers waits for the commit."""
    await db.execute(NUMBERING, issuer)
    return f"{year}-{await db.fetchval(LAST_NUMBER, issuer, ledger, str(year)) + 1:04}"


async def save_tasks(db: Connection, events: Sequence[TaskEvent]) -> None:
    """The tasks as they now stand."""
    last = {event.aggregate: event for event in events}
    rows = [
        (e.task.task_id, e.task.issuer, e.task.ledger, e.task.number, json.dumps(e.audience), e.task.model_dump_json())
        for e in last.values()
    ]
    await db.execute(SAVE_TASKS, *zip(*rows, strict=True))


async def save_assignments(db: Connection, events: Sequence[AssignmentEvent]) -> None:
    """The assignments as they now stand."""
    last = {event.aggregate: event for event in events}
    rows = [(*_columns(e.assignment), json.dumps(e.audience), e.assignment.model_dump_json()) for e in last.values()]
    await db.execute(SAVE_ASSIGNMENTS, *zip(*rows, strict=True))


def _columns(assignment: Assignment) -> tuple[UUID, UUID, str, str, bool, bool]:
    provisional = assignment.state in IN_HAND and any(clock.provisional for clock in assignment.clocks)
    returned = assignment.state is AssignmentState.RETURNED
    return assignment.assignment_id, assignment.task_id, assignment.unit, assignment.role, provisional, returned


async def save_evidence(db: Connection, events: Sequence[AssignmentSubmitted]) -> None:
    """The digests of the last submissions, beside the state."""
    last = {event.assignment.assignment_id: json.dumps(event.evidence) for event in events}
    await db.execute(SAVE_EVIDENCE, list(last), list(last.values()))
