"""Every version of the scheme that was published."""

import json

from asyncpg import Connection
from pydantic import TypeAdapter

from contracts.events.register import PolicyPublished
from services.ranking.schemes.domain import Scheme

ROWS = TypeAdapter(list[Scheme])
SCHEMES = """
select coalesce(jsonb_agg(jsonb_build_object('version', version, 'effective', effective) || values), '[]') from scheme
"""
SAVE_SCHEME = "insert into scheme (version, effective, values) values ($1, $2, $3)"


async def schemes(db: Connection) -> list[Scheme]:
    """Every version, in no order."""
    return ROWS.validate_json(await db.fetchval(SCHEMES))


async def save_scheme(db: Connection, event: PolicyPublished) -> None:
    """A version of the scheme, as it was published."""
    await db.execute(SAVE_SCHEME, event.policy_version, event.effective, json.dumps(dict(event.values)))
