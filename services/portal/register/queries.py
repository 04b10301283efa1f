"""All SQL about units, persons, posts, working days and policies."""

import json
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from asyncpg import Connection, Record

from contracts.events.register import PolicyPublished
from contracts.register import Person, Post, Unit
from contracts.workdays import CalendarDay
from services.chassis.outbox import transposed

STORE_UNITS = """
insert into unit (address, name, short, level, kind, supervises, leadership, aliases, valid_to)
select address, name, short, level, kind, supervises, leadership, string_to_array(aliases, E'\\n'), valid_to
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::date[])
    as u (address, name, short, level, kind, supervises, leadership, aliases, valid_to)
on conflict (address) do update set name = excluded.name, short = excluded.short, level = excluded.level,
    kind = excluded.kind, supervises = excluded.supervises, leadership = excluded.leadership,
    aliases = excluded.aliases, valid_to = excluded.valid_to
"""
STORE_PERSONS = """
insert into person (person_id, name, unit, valid_to)
select * from unnest($1::text[], $2::text[], $3::text[], $4::date[])
on conflict (person_id) do update set name = excluded.name, unit = excluded.unit, valid_to = excluded.valid_to
"""
STORE_POSTS = """
insert into post (post_id, unit, body) select * from unnest($1::uuid[], $2::text[], $3::json[])
on conflict (post_id) do update set unit = excluded.unit, body = excluded.body
"""
STORE_WORKDAYS = """
insert into workday select * from unnest($1::date[], $2::boolean[], $3::text[], $4::boolean[])
on conflict (date) do update
set is_workday = excluded.is_workday, source = excluded.source, provisional = excluded.provisional
"""
REVISED = """
insert into reference values ($1, 1) on conflict (name) do update set revision = reference.revision + 1
"""
STORE_POLICIES = """
insert into policy select * from unnest($1::text[], $2::text[], $3::int[], $4::jsonb[]) on conflict do nothing
"""


async def store_units(db: Connection, units: Sequence[Unit]) -> None:
    """The last entry of each unit."""
    rows = [
        (u.address, u.name, u.short, u.level, u.kind, u.supervises, u.leadership, "\n".join(u.aliases), u.valid_to)
        for u in {unit.address: unit for unit in units}.values()
    ]
    await db.execute(STORE_UNITS, *transposed(rows, 9))
    await db.execute(REVISED, "units")


async def store_persons(db: Connection, persons: Sequence[Person]) -> None:
    """The last entry of each person."""
    last = {person.person_id: person for person in persons}.values()
    await db.execute(STORE_PERSONS, *transposed([(p.person_id, p.name, p.unit, p.valid_to) for p in last], 4))


async def store_posts(db: Connection, posts: Sequence[Post]) -> None:
    """The last entry of each post."""
    last = {post.post_id: post for post in posts}.values()
    await db.execute(STORE_POSTS, *transposed([(p.post_id, p.unit, p.model_dump_json()) for p in last], 3))


async def store_workdays(db: Connection, days: Sequence[CalendarDay]) -> None:
    """The working days of whole years."""
    last = {day.date: day for day in days}.values()
    await db.execute(STORE_WORKDAYS, *transposed([(d.date, d.is_workday, d.source, d.provisional) for d in last], 4))
    await db.execute(REVISED, "calendar")


async def store_policies(db: Connection, events: Sequence[PolicyPublished]) -> None:
    """Policies, each version once."""
    rows = [(e.service, e.name, e.policy_version, json.dumps(dict(e.values), default=str)) for e in events]
    await db.execute(STORE_POLICIES, *transposed(rows, 4))


async def policy(db: Connection, service: str, name: str, version: int) -> dict[str, Any]:
    """The values of one version of a policy; empty where it was never published."""
    statement = "select values from policy where service = $1 and name = $2 and policy_version = $3"
    values = await db.fetchval(statement, service, name, version)
    return json.loads(values) if values else {}


async def revisions(db: Connection) -> dict[str, int]:
    """How often what is cached has changed."""
    return {row["name"]: row["revision"] for row in await db.fetch("select name, revision from reference")}


async def workdays(db: Connection) -> list[Record]:
    """Every known day."""
    return await db.fetch("select date, is_workday, source, provisional from workday order by date")


async def units(db: Connection) -> list[Record]:
    """The whole register of units, by address."""
    return await db.fetch("select * from unit order by address")


async def person(db: Connection, person_id: str) -> Record | None:
    """A person who may still act."""
    valid = "select * from person where person_id = $1 and (valid_to is null or valid_to >= current_date)"
    return await db.fetchrow(valid, person_id)


async def person_names(db: Connection, person_ids: Iterable[str]) -> dict[str, str]:
    """The names of these persons; one who is not on the register is missing."""
    rows = await db.fetch("select person_id, name from person where person_id = any($1)", list(set(person_ids)))
    return {row["person_id"]: row["name"] for row in rows}


async def post(db: Connection, post_id: UUID | None) -> Post | None:
    """One post and its holder."""
    body = await db.fetchval("select body from post where post_id = $1", post_id) if post_id else None
    return Post.model_validate_json(body) if body else None
