"""All SQL of the worklist: it counts and lists exactly what the ledger lists under the same queue."""

from datetime import datetime

from asyncpg import Pool, Record

from services.portal.identity.reader import Reader
from services.portal.ledger.filters import Filters, Queue
from services.portal.ledger.rows import rows

UNIT = "(select min(c.due) from clock c where c.assignment_id = r.assignment_id and c.met_at is null)"
AT = {Queue.ACKNOWLEDGE: UNIT, Queue.WORK: UNIT}
"""By when it has to happen: of a unit the next clock that runs out; of who reviews or decides, `answer_by`."""
COUNTED = """
select count(*) as n, count(*) filter (where at < {}) as late,
    count(*) filter (where at >= {} and at < {}) as today
from (select {} as at from {} where {}) waiting
"""
FIRST = """
select r.*, {} as at from {} where {} order by at nulls last, r.id limit {}
"""


async def count(db: Pool, reader: Reader, queue: Queue, now: datetime, day_ends: datetime) -> Record:
    """How many wait in a queue, how many of them are late, how many fall due by the end of the day."""
    view = rows(reader, Filters(queue=queue), now)
    late, ends = (f"{name}::timestamptz" for name in view.condition.bind(now, day_ends))
    statement = COUNTED.format(late, late, ends, AT.get(queue, "r.answer_by"), view.source, view.condition.sql)
    return await db.fetchrow(statement, *view.condition.parameters)


async def first(db: Pool, reader: Reader, queue: Queue, now: datetime, most: int) -> list[Record]:
    """Those that have to happen first; `at`: by when."""
    view = rows(reader, Filters(queue=queue), now)
    statement = FIRST.format(AT.get(queue, "r.answer_by"), view.source, view.condition.sql, most)
    return await db.fetch(statement, *view.condition.parameters)
