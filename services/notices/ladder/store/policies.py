"""The policies of notices, as they were published."""

import json

from asyncpg import Connection

from contracts.events.register import PolicyPublished
from services.notices.ladder.domain.policy import LadderPolicy

LADDER, NUMBERING = "ladder", "numbering"
SAVE = """
insert into policy (name, version, rules) values ($1, $2, $3)
on conflict (name) do update set version = excluded.version, rules = excluded.rules
"""
CURRENT = "select version, rules::text from policy where name = $1"


async def save(db: Connection, event: PolicyPublished) -> None:
    """A policy as it was last published."""
    await db.execute(SAVE, event.name, event.policy_version, json.dumps(dict(event.values)))


async def current(db: Connection, name: str) -> tuple[int, dict[str, object]]:
    """The version and the rules in force; version 0 where none was published."""
    row = await db.fetchrow(CURRENT, name)
    return (row["version"], json.loads(row["rules"])) if row else (0, {})


async def ladder(db: Connection) -> LadderPolicy:
    """The ladder's numbers in force."""
    version, rules = await current(db, LADDER)
    return LadderPolicy.model_validate({**rules, "version": version}) if version else LadderPolicy()
