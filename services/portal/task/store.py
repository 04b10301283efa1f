"""All SQL that writes tasks and assignments: the last state of each, by one statement a batch."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from asyncpg import Connection

from contracts.events.assignment import AssignmentEvent
from contracts.events.task import TaskEvent, TaskRegistered
from contracts.light import PublishedLight
from contracts.task import Task
from services.chassis.outbox import transposed
from services.portal.identity.audience import audience_of

TASKS = """
insert into task (task_id, number, title, board, issuer, lead_name, state, open, paused, percent, t0, due,
    assignments, words, body)
select task_id, number, title, board, issuer, lead_name, state, open, paused, percent, t0, due, assignments, words,
    body -> 'task'
from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::boolean[],
        $9::boolean[], $10::numeric[], $11::timestamptz[], $12::timestamptz[], $13::int[], $14::text[], $15::json[])
    as task (task_id, number, title, board, issuer, lead_name, state, open, paused, percent, t0, due, assignments,
        words, body)
on conflict (task_id) do update set (number, title, board, issuer, lead_name, state, open, paused, percent, t0, due,
        assignments, words, body)
    = (excluded.number, excluded.title, excluded.board, excluded.issuer, excluded.lead_name, excluded.state,
        excluded.open, excluded.paused, excluded.percent, excluded.t0, excluded.due, excluded.assignments,
        excluded.words, excluded.body)
"""
TEXTS = """
update task set target = text.target, verification_form = text.verification_form, instruction = text.instruction
from unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) as text (task_id, target, verification_form, instruction)
where task.task_id = text.task_id
"""
TASK_AUDIENCE = """
insert into task_audience (task_id, place) select * from unnest($1::uuid[], $2::text[]) on conflict do nothing
"""
ASSIGNMENTS = """
insert into assignment (assignment_id, task_id, number, title, board, issuer, unit, unit_name, role, state, open,
    submitted, paused, percent, t0, due, lead, next_step, request, answer_by, audience, body)
select assignment_id, task_id, number, title, board, issuer, unit, unit_name, role, state, open, submitted, paused,
    percent, t0, due, lead, next_step, request, answer_by, string_to_array(audience, ' '), body -> 'assignment'
from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
        $10::text[], $11::boolean[], $12::boolean[], $13::boolean[], $14::numeric[], $15::timestamptz[],
        $16::timestamptz[], $17::text[], $18::text[], $19::text[], $20::timestamptz[], $21::text[], $22::json[])
    as a (assignment_id, task_id, number, title, board, issuer, unit, unit_name, role, state, open, submitted, paused,
        percent, t0, due, lead, next_step, request, answer_by, audience, body)
on conflict (assignment_id) do update set (task_id, number, title, board, issuer, unit, unit_name, role, state, open,
        submitted, paused, percent, t0, due, lead, next_step, request, answer_by, audience, body)
    = (excluded.task_id, excluded.number, excluded.title, excluded.board, excluded.issuer, excluded.unit,
        excluded.unit_name, excluded.role, excluded.state, excluded.open, excluded.submitted, excluded.paused,
        excluded.percent, excluded.t0, excluded.due, excluded.lead, excluded.next_step,
        excluded.request, excluded.answer_by, excluded.audience, excluded.body)
"""
CLOCKS = """
insert into clock (assignment_id, n, kind, due, met_at, missed)
select * from unnest($1::uuid[], $2::smallint[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::boolean[])
on conflict (assignment_id, n) do update set (kind, due, met_at, missed)
    = (excluded.kind, excluded.due, excluded.met_at, excluded.missed)
where (clock.kind, clock.due, clock.met_at, clock.missed)
    is distinct from (excluded.kind, excluded.due, excluded.met_at, excluded.missed)
"""
LIGHTS = """
with light as (
    select id, light, since, coalesce(string_to_array(nullif(reasons, ''), ' '), '{}') as reasons
    from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[]) as l (id, light, since, reasons)
), tasks as (
    update task set light = light.light, light_since = light.since, reasons = light.reasons
    from light where task.task_id = light.id
)
update assignment set light = light.light, light_since = light.since, reasons = light.reasons
from light where assignment.assignment_id = light.id
"""


async def tasks(db: Connection, events: Sequence[TaskEvent], bodies: Sequence[bytes]) -> None:
    """The last state of each task; its texts stand in the registration alone, so that class is named here."""
    last = {event.task.task_id: (event.task, body) for event, body in zip(events, bodies, strict=True)}
    rows = [
        (t.task_id, t.number, t.title, t.board, t.issuer, t.lead_name, t.state, t.open, t.paused_at is not None,
         t.percent, t.t0, t.deadline.due, t.assignments, words(t), body.decode())
        for t, body in last.values()
    ]  # fmt: skip
    await db.execute(TASKS, *transposed(rows, 15))
    texts = [
        (event.task.task_id, event.target, event.verification_form, event.instruction)
        for event in events
        if isinstance(event, TaskRegistered)
    ]
    if texts:
        await db.execute(TEXTS, *transposed(texts, 4))


def words(task: Task) -> str:
    """What the ledger's search box looks through."""
    return " ".join((task.number, task.title, task.lead_official, task.lead_name)).lower()


async def task_audience(db: Connection, meant: Iterable[tuple[UUID, str]]) -> None:
    """For whom tasks are meant, as pairs of task and place; whoever saw a task goes on seeing it."""
    await db.execute(TASK_AUDIENCE, *transposed(list(meant), 2))


async def assignments(db: Connection, events: Sequence[AssignmentEvent], bodies: Sequence[bytes]) -> None:
    """The last state of each assignment, its audience and its clocks by position."""
    last = {event.assignment.assignment_id: pair for pair in zip(events, bodies, strict=True) for event in pair[:1]}
    rows = [
        (a.assignment_id, a.task_id, a.number, a.title, a.board, a.issuer, a.unit, a.unit_name, a.role, a.state,
         a.open, a.submitted, a.paused_at is not None, a.percent, a.t0, a.due, a.lead, a.next_step,
         a.request.kind if a.request else "", a.answer_by,
         " ".join(audience_of(event)), body.decode())
        for event, body in last.values() for a in (event.assignment,)
    ]  # fmt: skip
    await db.execute(ASSIGNMENTS, *transposed(rows, 22))
    clocks = [
        (event.assignment.assignment_id, n, clock.kind, clock.due, clock.met_at, clock.missed)
        for event, _ in last.values()
        for n, clock in enumerate(event.assignment.clocks)
    ]
    await db.execute(CLOCKS, *transposed(clocks, 6))


async def lights(db: Connection, lights: Sequence[PublishedLight]) -> None:
    """The last light of each assignment and of each task."""
    last = {light.assignment_id or light.task_id: light for light in lights}
    rows = [(id, light.light, light.since, " ".join(light.reasons)) for id, light in last.items()]
    await db.execute(LIGHTS, *transposed(rows, 4))
