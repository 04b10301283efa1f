"""When to look at a part, and how far it has climbed."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from asyncpg import Connection, Record

from contracts.terms import AssignmentState, Light, NoticeCause, NoticeKind, Role
from services.notices.domain.climb import Climb, End, Rung, Stir, StirKind

AT_ONCE = 1_000
ALONE = "select pg_advisory_xact_lock(hashtextextended('notices.climb', 0))"
LOOK = "insert into look (assignment_id) select unnest($1::uuid[])"
LOOK_IF_RAISED = """
insert into look (assignment_id) select distinct assignment_id from rung where assignment_id = any($1)
"""
LOOK_AT = "insert into look (assignment_id, at) select * from unnest($1::uuid[], $2::timestamptz[])"
RIPE = """
with ripe as (select assignment_id from look where at <= $1 order by at limit $2),
     taken as (delete from look where assignment_id in (select assignment_id from ripe) returning assignment_id)
select distinct assignment_id from taken
"""
PARTS = "select * from assignment where assignment_id = any($1) order by assignment_id"
STIRS = "select * from stir where assignment_id = any($1) order by at"
RUNGS = """
select rung.*, n.number, n.signed_at, n.reply_by,
    (select received_at from delivery d where d.notice_id = n.notice_id and d.unit = rung.unit) as received_at
from rung join notice n using (notice_id) where assignment_id = any($1)
order by rung.raised_at, n.signed_at nulls last, rung.kind, rung.cause, rung.occurrence
"""
CITED = """
select distinct on (r.assignment_id) n.number from rung r join notice n using (notice_id)
where r.assignment_id = any($1) and r.notice_id <> $2 and n.kind <> 'supervision' and n.number <> '' and r.ended is null
order by r.assignment_id, n.signed_at desc
"""


async def alone(db: Connection) -> None:
    """Nobody else raises a rung until this transaction ends, so that no key is taken twice."""
    await db.execute(ALONE)


async def look(db: Connection, ids: Iterable[UUID]) -> None:
    """These parts are to be looked at now."""
    await db.execute(LOOK, list(ids))


async def look_if_raised(db: Connection, ids: Iterable[UUID]) -> None:
    """Those of these parts that have a document are to be looked at now."""
    await db.execute(LOOK_IF_RAISED, list(ids))


async def look_at(db: Connection, moments: Sequence[tuple[UUID, datetime]]) -> None:
    """Time alone may raise something then."""
    await db.execute(LOOK_AT, [id for id, _ in moments], [at for _, at in moments])


async def ripe(db: Connection, now: datetime) -> list[UUID]:
    """Parts to look at now, taken off the list: whatever was said before this is seen by what is read after it."""
    return [row["assignment_id"] for row in await db.fetch(RIPE, now, AT_ONCE)]


async def climbs(db: Connection, ids: Sequence[UUID]) -> list[Climb]:
    """Parts with their documents and their units' answers, those that are known."""
    rungs, stirs = defaultdict[UUID, list[Rung]](list), defaultdict[UUID, list[Stir]](list)
    for row in await db.fetch(RUNGS, ids):
        rungs[row["assignment_id"]].append(_rung(row))
    if rungs:
        for row in await db.fetch(STIRS, list(rungs)):
            stirs[row["assignment_id"]].append(Stir(row["at"], StirKind(row["kind"])))
    parts = await db.fetch(PARTS, ids)
    return [_climb(row, rungs[row["assignment_id"]], stirs[row["assignment_id"]]) for row in parts]


async def cited(db: Connection, notice_id: UUID, ids: Sequence[UUID]) -> list[str]:
    """The numbers a document follows: of each part the last one signed before it."""
    return list(dict.fromkeys(row["number"] for row in await db.fetch(CITED, ids, notice_id)))


def _rung(row: Record) -> Rung:
    return Rung(
        notice_id=row["notice_id"],
        kind=NoticeKind(row["kind"]),
        cause=NoticeCause(row["cause"]),
        occurrence=row["occurrence"],
        raised_at=row["raised_at"],
        number=row["number"],
        signed_at=row["signed_at"],
        reply_by=row["reply_by"],
        received_at=row["received_at"],
        ended=End(row["ended"]) if row["ended"] else None,
    )


def _climb(row: Record, rungs: list[Rung], stirs: list[Stir]) -> Climb:
    words = {"role": Role(row["role"]), "state": AssignmentState(row["state"]), "light": Light(row["light"])}
    return Climb(**(dict(row) | words), rungs=tuple(rungs), stirs=tuple(stirs))
