"""All SQL about webhooks; they belong to one unit and one role, for what is sent is what these may read."""

from collections.abc import Sequence
from uuid import UUID

from asyncpg import Connection, Record

from services.portal.identity.reader import Reader
from services.portal.web.cursors import Page, cut, moment, opened

COLUMNS = "webhook_id, version, url, types, description, created_at, changed_at, previous_until"
OWN = "unit = $1 and role = $2"
ADD = f"""
insert into webhook (webhook_id, unit, role, person_id, url, types, description, secret, after)
values ($3, $1, $2, $4, $5, $6, $7, $8, $9) returning {COLUMNS}, secret
"""
PAGE = f"""
select {COLUMNS} from webhook
where {OWN} and ($3::timestamptz is null or (created_at, webhook_id) > ($3, $4))
order by created_at, webhook_id limit $5
"""
ONE = f"select {COLUMNS} from webhook where {OWN} and webhook_id = $3"
HELD = f"select version from webhook where {OWN} and webhook_id = $3 for update"
ROTATE = f"""
update webhook set previous_secret = secret, previous_until = now() + interval '1 day', secret = $2,
    version = version + 1, changed_at = now()
where webhook_id = $1 returning {COLUMNS}, secret
"""


async def add(
    db: Connection, reader: Reader, id: UUID, url: str, types: Sequence[str], description: str, secret: str, after: str
) -> Record:
    """A new webhook; `after`: the cursor of the last event that it does not get."""
    own = (*_own(reader), id, reader.person)
    return await db.fetchrow(ADD, *own, url, list(types), description, secret, after)


async def count(db: Connection, reader: Reader) -> int:
    """How many there are; until the transaction ends nobody else of this unit and role counts."""
    await db.execute("select pg_advisory_xact_lock(hashtextextended('portal.webhook ' || $1 || $2, 0))", *_own(reader))
    return await db.fetchval(f"select count(*) from webhook where {OWN}", *_own(reader))


async def page(db: Connection, reader: Reader, limit: int, cursor: str) -> Page:
    """One page, by age. Raises CursorInvalid."""
    place = opened(cursor, moment, UUID) if cursor else [None, None]
    rows = await db.fetch(PAGE, *_own(reader), *place, limit + 1)
    return cut(rows, limit, "created_at", "webhook_id")


async def one(db: Connection, reader: Reader, webhook_id: UUID) -> Record | None:
    """One webhook of the reader's unit and role."""
    return await db.fetchrow(ONE, *_own(reader), webhook_id)


async def held_version(db: Connection, reader: Reader, webhook_id: UUID) -> int | None:
    """The version of a webhook, held until the transaction ends; None where there is none."""
    return await db.fetchval(HELD, *_own(reader), webhook_id)


async def rotate(db: Connection, webhook_id: UUID, secret: str) -> Record:
    """A new secret; the former signs too for a day."""
    return await db.fetchrow(ROTATE, webhook_id, secret)


async def delete(db: Connection, webhook_id: UUID) -> None:
    """It gets nothing any more."""
    await db.execute("delete from webhook where webhook_id = $1", webhook_id)


def _own(reader: Reader) -> tuple[str, str]:
    return reader.unit, reader.roles[0]
