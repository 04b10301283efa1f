"""All SQL of alerts; whoever locks a task's row may decide on the task and on all its assignments."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Connection, Record
from pydantic import TypeAdapter

from contracts.assignment import Assignment
from contracts.events.assignment import AssignmentEvent
from contracts.events.light import ClockEvent, LightEvent
from contracts.events.task import TaskEvent
from contracts.light import PublishedLight
from contracts.task import Task
from contracts.terms import Light, LightReason
from contracts.workdays import Calendar, CalendarDay, ClockKind
from services.alerts.domain import (
    AssignmentLight,
    EmittedAlarm,
    LightPolicy,
    Rules,
    TaskLight,
    Verdict,
    alarms_of,
    schedule_of,
)

DAYS = TypeAdapter(tuple[CalendarDay, ...])
AT_ONCE = 1_000
IN_FORCE: dict[tuple[str | None, ...], Rules] = {}
"""The rules in force, by policy and digest of the calendar: building them takes longer than judging many lights."""

RULES = """
select (select values::text from policy order by version desc limit 1) as policy,
       (select string_agg(digest, '' order by year) from calendar) as calendar
"""
SAVE_YEAR = """
insert into calendar (year, digest, days) values ($1, $2, $3)
on conflict (year) do update set digest = excluded.digest, days = excluded.days
"""
SAVE_POLICY = "insert into policy (version, values) values ($1, $2) on conflict (version) do update set values = $2"
JUDGE_AGAIN = """
insert into schedule (assignment_id, task_id, next_at)
select assignment_id, task_id, $1 from assignment where open
on conflict (assignment_id) do update set next_at = least(schedule.next_at, excluded.next_at)
"""
AGENDA = """
select (select coalesce(max(version), 0) from policy) as policy,
       coalesce((select min(next_at) from schedule) <= $1, false) as waiting
"""
TASKS = "select * from task where task_id = any($1) order by task_id for update"
DUE_TASKS = """
select * from task where task_id in (
    select task_id from schedule where next_at <= $1 order by next_at limit $2
) for update skip locked
"""
ASSIGNMENTS = """
select a.*, light.published as light, light.emitted_at, null::timestamptz as judge_at
from assignment a left join light on light_id = assignment_id
where assignment_id = any($1)
"""
DUE_ASSIGNMENTS = """
select a.*, light.published as light, light.emitted_at, next_at as judge_at
from assignment a join schedule using (assignment_id) left join light on light_id = assignment_id
where a.task_id = any($1) and next_at <= $2
"""
TASK_LIGHTS = "select light_id, emitted_at, published from light where light_id = any($1)"
OTHERS = """
select task_id, light, min((published->>'since')::timestamptz) as since,
       array_agg(distinct reason) filter (where reason is not null) as reasons
from light left join lateral json_array_elements_text(published->'reasons') reason on true
where task_id = any($1) and light_id <> all($2) and role <> 'supporting' and light <> 'none'
group by task_id, light
"""
ALARMS = "select assignment_id, clock, due, days_left, version from alarm where assignment_id = any($1)"
SAVE_TASKS = """
insert into task (task_id, audience, published)
select task_id, string_to_array(audience, ' '), published
from unnest($1::uuid[], $2::text[], $3::json[]) as new (task_id, audience, published)
on conflict (task_id) do update set audience = excluded.audience, published = excluded.published
"""
SAVE_ASSIGNMENTS = """
insert into assignment (assignment_id, task_id, open, audience, handled_at, published)
select assignment_id, task_id, open, string_to_array(audience, ' '), handled_at, published
from unnest($1::uuid[], $2::uuid[], $3::boolean[], $4::text[], $5::timestamptz[], $6::json[])
     as new (assignment_id, task_id, open, audience, handled_at, published)
on conflict (assignment_id) do update set open = excluded.open, audience = excluded.audience,
    handled_at = excluded.handled_at, published = excluded.published
"""
SAVE_SCHEDULE = """
insert into schedule (assignment_id, task_id, next_at) select * from unnest($1::uuid[], $2::uuid[], $3::timestamptz[])
on conflict (assignment_id) do update set next_at = excluded.next_at where schedule.next_at <> excluded.next_at
"""
UNSCHEDULE = "delete from schedule where assignment_id = any($1)"
SAVE_LIGHTS = """
insert into light (light_id, task_id, role, light, emitted_at, published)
select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $6::json[])
on conflict (light_id) do update set light = excluded.light, emitted_at = excluded.emitted_at,
    published = excluded.published
"""
SAVE_ALARMS = """
insert into alarm (assignment_id, clock, due, days_left, version)
select * from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::smallint[], $5::int[])
"""


async def rules(db: Connection) -> Rules:
    """What lights are judged by: the newest policy, and the calendar."""
    key = tuple(await db.fetchrow(RULES))
    if key not in IN_FORCE:
        policy = LightPolicy.model_validate_json(key[0]) if key[0] else LightPolicy()
        years = await db.fetch("select days::text from calendar")
        days = (day for year in years for day in DAYS.validate_json(year["days"]))
        IN_FORCE.clear()
        IN_FORCE[key] = Rules(policy, Calendar.of(days))
    return IN_FORCE[key]


async def save_year(db: Connection, year: int, days: tuple[CalendarDay, ...]) -> None:
    written = DAYS.dump_json(days)
    await db.execute(SAVE_YEAR, year, hashlib.sha256(written).hexdigest(), written.decode())


async def save_policy(db: Connection, version: int, values: Mapping[str, object]) -> None:
    await db.execute(SAVE_POLICY, version, json.dumps({"version": version, **values}))


async def judge_again(db: Connection, at: datetime) -> None:
    """Every open assignment is due at that moment; the lock waits for those who decide just now."""
    await db.execute("lock table task in exclusive mode")
    await db.execute(JUDGE_AGAIN, at)


async def agenda(db: Connection, now: datetime) -> tuple[int, bool]:
    """The newest policy published, 0 where none was; and whether any assignment is due."""
    row = await db.fetchrow(AGENDA, now)
    return row["policy"], row["waiting"]


async def tasks_of(db: Connection, events: Iterable[TaskEvent | AssignmentEvent], by: Rules) -> dict[UUID, TaskLight]:
    """The known tasks of these events, locked, each with the assignments of these events."""
    assignments = [event.assignment for event in events if isinstance(event, AssignmentEvent)]
    wanted = {event.task.task_id for event in events if isinstance(event, TaskEvent)}
    tasks = await db.fetch(TASKS, [*wanted.union(a.task_id for a in assignments)])
    rows = await db.fetch(ASSIGNMENTS, [a.assignment_id for a in assignments]) if tasks else []
    return await _task_lights(db, tasks, await _assignment_lights(db, rows, by))


async def due(db: Connection, until: datetime, by: Rules) -> tuple[Collection[TaskLight], list[AssignmentLight]]:
    """The assignments that are due longest, where nobody else decides: under their tasks, locked; and apart from them
    those of tasks that have nothing to emit by then, as after a revised calendar.

    Assignments and lights are read by later statements: the first may see them as they were before another had decided.
    """
    tasks = await db.fetch(DUE_TASKS, until, AT_ONCE)
    rows = await db.fetch(DUE_ASSIGNMENTS, [row["task_id"] for row in tasks], until)
    lights = await _assignment_lights(db, rows, by)
    emitting = {light.assignment.task_id for light in lights if light.next_at and light.next_at <= until}
    silent = [light for light in lights if light.assignment.task_id not in emitting]
    tasks = [row for row in tasks if row["task_id"] in emitting]
    return (await _task_lights(db, tasks, lights)).values(), silent


async def _assignment_lights(db: Connection, rows: Sequence[Record], by: Rules) -> list[AssignmentLight]:
    emitted: dict[UUID, dict[EmittedAlarm, int]] = defaultdict(dict)
    for row in await db.fetch(ALARMS, [row["assignment_id"] for row in rows]):
        alarm = EmittedAlarm(ClockKind(row["clock"]), row["due"], row["days_left"])
        emitted[row["assignment_id"]][alarm] = row["version"]
    return [_assignment_light(row, emitted[row["assignment_id"]], by) for row in rows]


async def _task_lights(
    db: Connection, rows: Sequence[Record], lights: Sequence[AssignmentLight]
) -> dict[UUID, TaskLight]:
    if not rows:
        return {}
    ids, in_hand = [row["task_id"] for row in rows], [light.assignment.assignment_id for light in lights]
    others: dict[UUID, list[Verdict]] = defaultdict(list)
    for row in await db.fetch(OTHERS, ids, in_hand):
        reasons = tuple(LightReason(reason) for reason in row["reasons"] or ())
        others[row["task_id"]].append(Verdict(Light(row["light"]), reasons, row["since"]))
    under: dict[UUID, dict[UUID, AssignmentLight]] = defaultdict(dict)
    for light in lights:
        under[light.assignment.task_id][light.assignment.assignment_id] = light
    own = {row["light_id"]: row for row in await db.fetch(TASK_LIGHTS, ids)}
    return {key: _task_light(row, own.get(key), under[key], others[key]) for key, row in zip(ids, rows, strict=True)}


def _assignment_light(row: Record, emitted: Mapping[EmittedAlarm, int], by: Rules) -> AssignmentLight:
    assignment = Assignment.model_validate_json(row["published"])
    return AssignmentLight(
        assignment,
        tuple(row["audience"]),
        row["handled_at"],
        schedule_of(assignment, by),
        PublishedLight.model_validate_json(row["light"]) if row["light"] else None,
        emitted,
        row["emitted_at"],
        row["judge_at"],
    )


def _task_light(
    row: Record, light: Record | None, assignments: Mapping[UUID, AssignmentLight], others: Iterable[Verdict]
) -> TaskLight:
    published = PublishedLight.model_validate_json(light["published"]) if light else None
    emitted_at = light["emitted_at"] if light else None
    task = Task.model_validate_json(row["published"])
    return TaskLight(task, tuple(row["audience"]), published, emitted_at, assignments, tuple(others))


async def save(db: Connection, events: Iterable[TaskEvent | AssignmentEvent], tasks: Mapping[UUID, TaskLight]) -> None:
    """Tasks of which there were events, and all assignments in hand."""
    changed = {event.task.task_id for event in events if isinstance(event, TaskEvent)}
    lights = [light for task in tasks.values() for light in task.assignments.values()]
    await _save(db, SAVE_TASKS, [_task_row(tasks[key]) for key in sorted(changed)])
    await _save(db, SAVE_ASSIGNMENTS, [_assignment_row(light) for light in lights])
    await save_schedule(db, lights)


async def save_schedule(db: Connection, lights: Collection[AssignmentLight]) -> None:
    """When each of these assignments is next due."""
    rows = [(light.assignment.assignment_id, light.assignment.task_id, light.next_at) for light in lights]
    await _save(db, SAVE_SCHEDULE, [row for row in rows if row[2]])
    if never := [row[0] for row in rows if not row[2]]:
        await db.execute(UNSCHEDULE, never)


async def save_lights(db: Connection, events: Sequence[LightEvent]) -> None:
    """Lights as they were emitted, of assignments and of tasks; the last of each holds."""
    last = {event.aggregate: event for event in events}.values()
    await _save(db, SAVE_LIGHTS, [_light_row(event.light, event.time) for event in last])


async def save_alarms(db: Connection, events: Sequence[ClockEvent]) -> None:
    """Alarms as they were emitted; the same one twice is an error."""
    await _save(db, SAVE_ALARMS, [row for event in events for row in _alarm_rows(event)])


async def _save(db: Connection, statement: str, rows: Collection[tuple[Any, ...]]) -> None:
    if rows:
        await db.execute(statement, *map(list, zip(*rows, strict=True)))


def _task_row(light: TaskLight) -> tuple[Any, ...]:
    return light.task.task_id, " ".join(light.audience), light.task.model_dump_json()


def _assignment_row(light: AssignmentLight) -> tuple[Any, ...]:
    a = light.assignment
    return a.assignment_id, a.task_id, a.open, " ".join(light.audience), light.handled_at, a.model_dump_json()


def _light_row(light: PublishedLight, time: datetime) -> tuple[Any, ...]:
    key = light.assignment_id or light.task_id
    return key, light.task_id, light.role, light.light, time, light.model_dump_json()


def _alarm_rows(event: ClockEvent) -> list[tuple[Any, ...]]:
    return [(event.alarm.assignment_id, *alarm, event.version) for alarm in alarms_of(event)]
