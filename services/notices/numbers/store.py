"""The last number of each series."""

from asyncpg import Connection

from contracts.notice import Notice

OPEN = "insert into series (issuer, series, year, last) values ($1, $2, $3, 0) on conflict do nothing"
NEXT = "select last + 1 from series where issuer = $1 and series = $2 and year = $3 for update"
COUNT = """
insert into series (issuer, series, year, last) values ($1, $2, $3, $4)
on conflict (issuer, series, year) do update set last = greatest(series.last, excluded.last)
"""


async def take_next(db: Connection, issuer: str, series: str, year: int) -> int:
    """The next number of a series; whoever asks holds it until its transaction ends, so ask last (R10)."""
    await db.execute(OPEN, issuer, series, year)
    return await db.fetchval(NEXT, issuer, series, year)


async def count(db: Connection, notice: Notice) -> None:
    """A signed document has its number."""
    await db.execute(COUNT, notice.issuer, notice.series, notice.year, notice.sequence)
