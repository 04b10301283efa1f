"""All SQL of the worklist: it counts and lists exactly what the ledger lists under the same queue."""

from datetime import datetime

from asyncpg import Pool, Record

from services.portal.identity.reader import Reader
from services.portal.ledger.filters import Filters, Queue
from services.portal.ledger.rows import rows

NEXT = """
coalesce(r.answer_by, (select min(c.due) from clock c where c.assignment_id = r.assignment_id and c.met_at is null))
"""
"""By when it has to happen: what the office has to answer, or the next clock of the unit that runs out."""
COUNTED = f"""
select count(*) as n, count(*) filter (where at < {{}}) as late,
    count(*) filter (where at >= {{}} and at < {{}}) as today
from (select {NEXT} as at from {{}} where {{}}) waiting
"""
FIRST = f"""
select r.*, {NEXT} as at, body -> 'request' ->> 'kind' as request
from {{}} join assignment using (assignment_id) where {{}} order by at nulls last, r.id limit {{}}
"""


async def count(db: Pool, reader: Reader, queue: Queue, now: datetime, day_ends: datetime) -> Record:
    """How many wait in a queue, how many of them are late, how many fall due by the end of the day."""
    view = rows(reader, Filters(queue=queue), now)
    late, due, ends = view.condition.bind(now, now, day_ends)
    moments = (f"{late}::timestamptz", f"{due}::timestamptz", f"{ends}::timestamptz")
    statement = COUNTED.format(*moments, view.source, view.condition.sql)
    return await db.fetchrow(statement, *view.condition.parameters)


async def first(db: Pool, reader: Reader, queue: Queue, now: datetime, most: int) -> list[Record]:
    """Those that have to happen first; `at`: by when."""
    view = rows(reader, Filters(queue=queue), now)
    statement = FIRST.format(view.source, view.condition.sql, most)
    return await db.fetch(statement, *view.condition.parameters)
