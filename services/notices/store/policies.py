"""The policies of notices, as they were published, and whether this database is a demo."""

import json

from asyncpg import Connection

from contracts.events.register import PolicyPublished
from services.notices.domain.policy import LadderPolicy

LADDER, NUMBERING = "ladder", "numbering"
ENTER = """
insert into policy (name, version, rules) values ($1, $2, $3)
on conflict (name, version) do update set rules = excluded.rules
"""
NEWEST = "select version, rules::text from policy where name = $1 order by version desc limit 1"


async def enter(db: Connection, event: PolicyPublished) -> None:
    """A policy as it was published."""
    await db.execute(ENTER, event.name, event.policy_version, json.dumps(dict(event.values)))


async def newest(db: Connection, name: str) -> tuple[int, dict[str, object]]:
    """The version and the rules now in force; version 0 where none was published."""
    row = await db.fetchrow(NEWEST, name)
    return (row["version"], json.loads(row["rules"])) if row else (0, {})


async def ladder(db: Connection) -> LadderPolicy:
    """The ladder's numbers now in force."""
    version, rules = await newest(db, LADDER)
    return LadderPolicy.model_validate({**rules, "version": version}) if version else LadderPolicy()


async def is_demo(db: Connection) -> bool:
    """The demo mark stands in this database."""
    return await db.fetchval("select exists (select from mark where name = 'demo')")
