"""What was just begun and the ledger does not have yet: of that nobody is told that it is not there."""

from collections.abc import Iterable

from asyncpg import Connection, Pool

ADD = """
insert into awaited (aggregate) select aggregate from unnest($1::text[]) aggregate
where aggregate not in (select inbox.aggregate from inbox where inbox.aggregate = any($1)) on conflict do nothing
"""
INCLUDES = "select exists (select from awaited where split_part(aggregate, '/', 2) = any($1))"
SWEEP = """
delete from awaited where at < now() - interval '1 day'
or exists (select from inbox where inbox.aggregate = awaited.aggregate)
"""


async def add(db: Connection | Pool, aggregates: Iterable[str]) -> None:
    """Somebody was given the ids of these; those that the ledger has never heard of are awaited."""
    await db.execute(ADD, list(aggregates))


async def includes(db: Connection | Pool, ids: Iterable[object]) -> bool:
    """Whether one of these is awaited; what has come is forgotten within seconds."""
    wanted = [str(id) for id in ids]
    return bool(wanted) and await db.fetchval(INCLUDES, wanted)


async def sweep(db: Connection | Pool) -> None:
    """Forget what has come, and what has not come for a day."""
    await db.execute(SWEEP)
