"""All SQL of alerts; whoever locks a task's row may act on the task and on all its parts."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from asyncpg import Connection, Record
from pydantic import TypeAdapter

from contracts.events.assignment import AssignmentEvent
from contracts.events.light import ClockDueSoon, ClockMissed, LightChanged
from contracts.terms import Light, LightReason
from contracts.workdays import Calendar, CalendarDay, ClockKind
from services.alerts.domain import Colour, LightPolicy, Part, Rules, Shown, Task, Told, Watch, ahead_of

WATCH = TypeAdapter(Watch)
DAYS = TypeAdapter(tuple[CalendarDay, ...])
AT_ONCE = 1_000
KNOWN: dict[tuple[str | None, ...], Rules] = {}
"""The rules in force, by policy and digest of the calendar: building them takes longer than judging many parts."""

RULES = """
select (select values::text from policy order by version desc limit 1) as policy,
       (select string_agg(digest, '' order by year) from calendar) as calendar
"""
YEAR = """
insert into calendar (year, digest, days) values ($1, $2, $3)
on conflict (year) do update set digest = excluded.digest, days = excluded.days
"""
ADOPT = "insert into policy (version, values) values ($1, $2) on conflict (version) do update set values = $2"
LOOK_AGAIN = """
insert into due (assignment_id, task_id, at)
select assignment_id, task_id, $1 from watch where not closed
on conflict (assignment_id) do update set at = least(due.at, excluded.at)
"""
ENTER = """
insert into task (task_id, owner, title, issuer, audience, unit, unit_name, historical_before)
select task_id, owner, title, issuer, string_to_array(audience, ' '), unit, unit_name, historical_before
from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[])
     as new (task_id, owner, title, issuer, audience, unit, unit_name, historical_before)
"""
TASKS = "select * from task where task_id = any($1) order by task_id for update"
PARTS = "select *, null::timestamptz as look_at from watch where assignment_id = any($1)"
RIPE_PARTS = """
select watch.*, due.at as look_at from watch join due using (assignment_id)
where watch.task_id = any($1) and due.at <= $2
"""
TOLD = "select assignment_id, clock, due, days_left from told where assignment_id = any($1)"
REST = """
select task_id, light, min(since) as since, array_agg(distinct reason) filter (where reason is not null) as reasons
from watch left join lateral unnest(reasons) reason on true
where task_id = any($1) and assignment_id <> all($2) and role <> 'supporting' and light <> 'none'
group by task_id, light
"""
AGENDA = """
select (select coalesce(max(version), 0) from policy) as policy,
       coalesce((select min(at) from due) <= $1, false) as waiting
"""
RIPE = """
select * from task where task_id in (
    select task_id from due where at <= $1 order by at limit $2
) for update skip locked
"""
KEEP = """
insert into watch (assignment_id, task_id, role, closed, facts)
select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::boolean[], $5::json[])
on conflict (assignment_id) do update set closed = excluded.closed, facts = excluded.facts
"""
REMIND = """
insert into due (assignment_id, task_id, at) select * from unnest($1::uuid[], $2::uuid[], $3::timestamptz[])
on conflict (assignment_id) do update set at = excluded.at where due.at <> excluded.at
"""
FORGET = "delete from due where assignment_id = any($1)"
SHOW = """
update {table} set light = said.light, reasons = string_to_array(said.reasons, ' '), since = said.since,
    version = said.version, said_at = said.time
from unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::int[], $6::timestamptz[])
     as said (id, light, reasons, since, version, time)
where {table}.{key} = said.id
"""
SHOW_PARTS, SHOW_TASKS = SHOW.format(table="watch", key="assignment_id"), SHOW.format(table="task", key="task_id")
TELL = """
insert into told (assignment_id, clock, due, days_left)
select * from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::smallint[])
"""


async def rules(db: Connection) -> Rules:
    """What everything is judged by: the newest policy, and the calendar."""
    key = tuple(await db.fetchrow(RULES))
    if key not in KNOWN:
        policy = LightPolicy.model_validate_json(key[0]) if key[0] else LightPolicy()
        years = await db.fetch("select days::text from calendar")
        days = (day for year in years for day in DAYS.validate_json(year["days"]))
        KNOWN.clear()
        KNOWN[key] = Rules(policy, Calendar.of(days))
    return KNOWN[key]


async def keep_year(db: Connection, year: int, days: tuple[CalendarDay, ...]) -> None:
    """The days of one year, as they are now known."""
    written = DAYS.dump_json(days)
    await db.execute(YEAR, year, hashlib.sha256(written).hexdigest(), written.decode())


async def adopt(db: Connection, version: int, values: Mapping[str, object]) -> None:
    """A policy as it was published."""
    await db.execute(ADOPT, version, json.dumps({"version": version, **values}))


async def look_again(db: Connection, at: datetime) -> None:
    """Every open part is due for a look; the lock waits for those who act just now."""
    await db.execute("lock table task in exclusive mode")
    await db.execute(LOOK_AGAIN, at)


async def enter(db: Connection, tasks: Sequence[Task]) -> None:
    """New tasks."""
    rows = (
        (t.task_id, t.owner, t.title, t.issuer, " ".join(t.audience), t.unit, t.unit_name, t.historical_before)
        for t in tasks
    )
    await db.execute(ENTER, *map(list, zip(*rows, strict=True)))


async def tasks_of(db: Connection, events: Sequence[AssignmentEvent], by: Rules) -> dict[UUID, Task]:
    """The tasks that events speak of, locked, each with the parts that events speak of."""
    wanted = {event.assignment.task_id for event in events}
    tasks = await db.fetch(TASKS, list(wanted))
    if unknown := wanted - {row["task_id"] for row in tasks}:
        raise LookupError(f"tasks never registered: {sorted(map(str, unknown))}")
    return await _assembled(db, tasks, await db.fetch(PARTS, [event.assignment.assignment_id for event in events]), by)


async def agenda(db: Connection, now: datetime) -> tuple[int, bool]:
    """The newest policy published, 0 where none was; and whether any part is due for a look."""
    row = await db.fetchrow(AGENDA, now)
    return row["policy"], row["waiting"]


async def free_tasks(db: Connection, until: datetime, by: Rules) -> list[Task]:
    """The tasks of those parts that wait longest for a look, where nobody else acts: locked, each with such parts.

    The parts are read by a second statement: the first may see them as they were before another had acted.
    """
    free = await db.fetch(RIPE, until, AT_ONCE)
    parts = await db.fetch(RIPE_PARTS, [row["task_id"] for row in free], until)
    return [*(await _assembled(db, free, parts, by)).values()] if parts else []


async def _assembled(db: Connection, tasks: Sequence[Record], parts: Sequence[Record], by: Rules) -> dict[UUID, Task]:
    ids, in_hand = [row["task_id"] for row in tasks], [row["assignment_id"] for row in parts]
    told: dict[UUID, set[Told]] = {}
    for row in await db.fetch(TOLD, in_hand):
        words = told.setdefault(row["assignment_id"], set())
        words.add(Told(ClockKind(row["clock"]), row["due"], row["days_left"]))
    rest: dict[UUID, list[Colour]] = {}
    for row in await db.fetch(REST, ids, in_hand):
        rest.setdefault(row["task_id"], []).append(Colour(Light(row["light"]), _reasons(row), row["since"]))
    held: dict[UUID, dict[UUID, Part]] = {}
    for row in parts:
        words = told.get(row["assignment_id"], set())
        held.setdefault(row["task_id"], {})[row["assignment_id"]] = _part(row, words, by)
    return {row["task_id"]: _task(row, held.get(row["task_id"], {}), rest.get(row["task_id"], ())) for row in tasks}


def _part(row: Record, told: Iterable[Told], by: Rules) -> Part:
    watch = WATCH.validate_json(row["facts"])
    return Part(watch, ahead_of(watch, by), _shown(row), frozenset(told), row["said_at"], row["look_at"])


def _task(row: Record, parts: Mapping[UUID, Part], rest: Iterable[Colour]) -> Task:
    return Task(
        task_id=row["task_id"],
        owner=row["owner"],
        title=row["title"],
        issuer=row["issuer"],
        audience=tuple(row["audience"]),
        unit=row["unit"],
        unit_name=row["unit_name"],
        historical_before=row["historical_before"],
        shown=_shown(row),
        said_at=row["said_at"],
        parts=parts,
        rest=tuple(rest),
    )


def _shown(row: Record) -> Shown:
    return Shown(Light(row["light"]), _reasons(row), row["since"], row["version"])


def _reasons(row: Record) -> tuple[LightReason, ...]:
    return tuple(LightReason(reason) for reason in row["reasons"] or ())


async def keep(db: Connection, watches: Sequence[Watch]) -> None:
    """The facts of these parts."""
    pairs = ((w, w.assignment) for w in watches)
    rows = ((a.assignment_id, a.task_id, a.role, a.closed, WATCH.dump_json(w).decode()) for w, a in pairs)
    await db.execute(KEEP, *map(list, zip(*rows, strict=True)))


async def remind(db: Connection, parts: Iterable[Part]) -> None:
    """When each of these parts is next due for a look."""
    looks = [(part.watch.assignment.assignment_id, part.watch.assignment.task_id, part.upcoming) for part in parts]
    if later := [look for look in looks if look[2]]:
        await db.execute(REMIND, *map(list, zip(*later, strict=True)))
    if never := [look[0] for look in looks if not look[2]]:
        await db.execute(FORGET, never)


async def show(db: Connection, events: Sequence[LightChanged]) -> None:
    """Lights as they were said, of parts and of tasks; the last of each holds."""
    last = {event.aggregate: event for event in events}.values()
    for statement, rows in (
        (SHOW_PARTS, [_row(event.assignment_id, event) for event in last if event.assignment_id]),
        (SHOW_TASKS, [_row(event.task_id, event) for event in last if not event.assignment_id]),
    ):
        if rows:
            await db.execute(statement, *map(list, zip(*rows, strict=True)))


def _row(key: UUID, event: LightChanged) -> tuple[UUID, str, str, datetime, int, datetime]:
    return key, event.light, " ".join(event.reasons), event.since, event.version, event.time


async def tell(db: Connection, words: Iterable[tuple[ClockMissed | ClockDueSoon, int]]) -> None:
    """Words about due dates; the same one twice is an error."""
    rows = ((event.assignment_id, event.clock, event.due, days_left) for event, days_left in words)
    await db.execute(TELL, *map(list, zip(*rows, strict=True)))
