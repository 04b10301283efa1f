"""When to evaluate an assignment, and its escalation as it stands."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from asyncpg import Connection, Record

from contracts.assignment import Assignment
from contracts.terms import Light
from services.notices.ladder.domain.escalation import ActivityKind, Escalation, Rung, UnitActivity
from services.notices.ladder.store import rungs as rung_store

AT_ONCE = 1_000
ALONE = "select pg_advisory_xact_lock(hashtextextended('notices.ladder', 0))"
EVALUATE = "insert into evaluation (assignment_id, trace) select * from unnest($1::uuid[], $2::text[])"
EVALUATE_RAISED = """
insert into evaluation (assignment_id, trace)
select distinct assignment_id, trace from rung join unnest($1::uuid[], $2::text[]) e (assignment_id, trace)
    using (assignment_id)
"""
EVALUATE_AT = "insert into evaluation (assignment_id, at) select * from unnest($1::uuid[], $2::timestamptz[])"
DUE = """
with due as (select assignment_id from evaluation where at <= $1 order by at limit $2),
     taken as (
         delete from evaluation where assignment_id in (select assignment_id from due) returning assignment_id, trace
     )
select assignment_id, max(trace) as trace from taken group by assignment_id
"""
ESCALATIONS = """
select assignment::text, light, since, historical, feedback_missed_at, due_soon_at, due_soon_for
from assignment left join light using (assignment_id) left join alarm using (assignment_id)
where assignment_id = any($1) order by assignment_id
"""
ACTIVITIES = "select * from activity where assignment_id = any($1) order by at"


async def alone(db: Connection) -> None:
    """Nobody else raises a rung until this transaction ends, so that no key is taken twice."""
    await db.execute(ALONE)


async def evaluate(db: Connection, causes: Mapping[UUID, str]) -> None:
    """These assignments are to be evaluated now. `causes`: the traceparent because of which, empty where unknown."""
    await db.execute(EVALUATE, list(causes), list(causes.values()))


async def evaluate_raised(db: Connection, causes: Mapping[UUID, str]) -> None:
    """Those of these assignments that have a document are to be evaluated now; `causes` as in `evaluate`."""
    await db.execute(EVALUATE_RAISED, list(causes), list(causes.values()))


async def evaluate_at(db: Connection, moments: Sequence[tuple[UUID, datetime]]) -> None:
    """Time alone may raise something then."""
    await db.execute(EVALUATE_AT, [id for id, _ in moments], [at for _, at in moments])


async def take_due(db: Connection, now: datetime) -> dict[UUID, str]:
    """Assignments to evaluate now, taken off the schedule, each with the traceparent of its cause, empty for time.

    What was written before this is read after it.
    """
    return {row["assignment_id"]: row["trace"] for row in await db.fetch(DUE, now, AT_ONCE)}


async def escalations(db: Connection, ids: Sequence[UUID]) -> list[Escalation]:
    """Assignments with their documents and their units' activities, as far as they are stored."""
    rungs, activities = defaultdict[UUID, list[Rung]](list), defaultdict[UUID, list[UnitActivity]](list)
    for id, rung in await rung_store.of_assignments(db, ids):
        rungs[id].append(rung)
    if rungs:
        for row in await db.fetch(ACTIVITIES, list(rungs)):
            activities[row["assignment_id"]].append(UnitActivity(row["at"], ActivityKind(row["kind"])))
    rows = [(Assignment.model_validate_json(r["assignment"]), r) for r in await db.fetch(ESCALATIONS, ids)]
    return [_escalation(a, row, rungs[a.assignment_id], activities[a.assignment_id]) for a, row in rows]


def _escalation(
    assignment: Assignment, row: Record, rungs: Sequence[Rung], activities: Sequence[UnitActivity]
) -> Escalation:
    return Escalation(
        assignment=assignment,
        light=Light(row["light"]) if row["light"] else Light.NORMAL,
        light_since=row["since"],
        light_historical=bool(row["historical"]),
        feedback_missed_at=row["feedback_missed_at"],
        due_soon_at=row["due_soon_at"],
        due_soon_for=row["due_soon_for"],
        rungs=tuple(rungs),
        activities=tuple(activities),
    )
