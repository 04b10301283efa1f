"""All SQL about uploaded files."""

from collections.abc import Iterable
from datetime import datetime

from asyncpg import Connection, Record

from services.portal.identity.reader import Reader
from services.portal.web.cursors import Page, cut, moment, opened

ADD = """
insert into upload (digest, unit, person_id, name, media_type, size) values ($1, $2, $3, $4, $5, $6)
on conflict (digest, unit, person_id) do update set name = excluded.name, at = now()
"""
OF_UNIT = """
select distinct on (digest) digest, name, media_type from upload where unit = $1 and digest = any($2)
order by digest, at desc
"""
CITED = """
select distinct on (digest, unit) digest, unit, name, media_type
from upload join unnest($1::text[], $2::text[]) as cited (digest, unit) using (digest, unit)
order by digest, unit, at desc
"""

PAGE = """
select digest, name, media_type, size, at from (
    select distinct on (digest) digest, name, media_type, size, at from upload where unit = $1 order by digest, at desc
) own where $2::timestamptz is null or (at, digest) < ($2, $3) order by at desc, digest desc limit $4
"""


async def add(db: Connection, digest: str, reader: Reader, name: str, media_type: str, size: int) -> None:
    """A file under the name this person gives it."""
    await db.execute(ADD, digest, reader.unit, reader.person, name, media_type, size)


async def of_unit(db: Connection, unit: str, digests: Iterable[str]) -> dict[str, Record]:
    """Of these files, those that a unit uploaded, by digest."""
    return {row["digest"]: row for row in await db.fetch(OF_UNIT, unit, list(digests))}


async def cited(db: Connection, files: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Record]:
    """Files under the names that the citing units gave them, by (digest, unit)."""
    pairs = list(files)
    rows = await db.fetch(CITED, [digest for digest, _ in pairs], [unit for _, unit in pairs])
    return {(row["digest"], row["unit"]): row for row in rows}


async def page(db: Connection, unit: str, limit: int, cursor: str) -> Page:
    """One page of the files that a unit uploaded, latest first, each under its last name. Raises CursorInvalid."""
    place: list[datetime | str | None] = opened(cursor, moment, str) if cursor else [None, None]
    rows = await db.fetch(PAGE, unit, *place, limit + 1)
    return cut(rows, limit, "at", "digest")
