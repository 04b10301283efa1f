"""The register, its persons and posts, the calendar and the policies.

Each process keeps units and calendar in memory for as long as their edition holds.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary

from asyncpg import Connection
from pydantic import TypeAdapter

from contracts.events.register import CalendarRevised, PersonEvent, PolicyPublished, PostEvent, UnitEvent
from contracts.register import Person, Post, Unit
from contracts.workdays import Calendar, CalendarDay, ClockPolicy
from services.chassis.db import Unavailable
from services.tasks.register.domain import Register
from services.tasks.register.domain.timetable import CLOCK_POLICY, Timetable

UNITS = TypeAdapter(list[Unit])
POSTS = TypeAdapter(list[Post])
PERSONS = TypeAdapter(list[Person])
DAYS = TypeAdapter(list[CalendarDay])
YEARS = TypeAdapter(list[list[CalendarDay]])
POLICIES = TypeAdapter(list[ClockPolicy])
REGISTER, TIMETABLE = "register", "timetable"
T = TypeVar("T")

EDITION = "select stamp from edition where name = $1"
RENEW = """
insert into edition (name, stamp) values ($1, gen_random_uuid())
on conflict (name) do update set stamp = excluded.stamp
"""
EVERY_UNIT = "select coalesce(json_agg(document), '[]') from unit"
EVERY_YEAR = "select coalesce(json_agg(days), '[]') from calendar"
EVERY_POLICY = "select coalesce(json_agg(values), '[]') from policy where name = $1"
VERSIONS = "select year, version from calendar"
TAKE_CALENDAR = "insert into mark (name) values ('calendar ' || $1) on conflict do nothing returning true"
SAVE_UNITS = """
insert into unit (address, version, document) select * from unnest($1::text[], $2::int[], $3::json[])
on conflict (address) do update set (version, document) = (excluded.version, excluded.document)
"""
SAVE_PERSONS = """
insert into person (person_id, version, unit, document)
select * from unnest($1::text[], $2::int[], $3::text[], $4::json[])
on conflict (person_id) do update set (version, unit, document) = (excluded.version, excluded.unit, excluded.document)
"""
SAVE_POSTS = """
insert into post (post_id, version, unit, title, document)
select * from unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::json[])
on conflict (post_id) do update set (version, document) = (excluded.version, excluded.document)
"""
SAVE_YEAR = """
insert into calendar (year, version, days) values ($1, $2, $3)
on conflict (year) do update set (version, days) = (excluded.version, excluded.days)
"""
SAVE_POLICY = """
insert into policy (name, version, effective, author, values) values ($1, $2, $3, $4, $5) on conflict do nothing
"""

HOLD = "select pg_advisory_xact_lock(hashtextextended('tasks ' || $1, 0))"
POST = "select version from post where post_id = $1"
POSTS_OF = "select coalesce(json_agg(document order by unit, title), '[]') from post where unit like $1 || '.%'"
LIKE = "concat_ws(' ', {}) ilike '%' || replace(replace(replace($1, '\\', '\\\\'), '%', '\\%'), '_', '\\_') || '%'"
POSTS_LIKE = f"""
select coalesce(json_agg(document order by unit, title), '[]') from (
    select document, unit, title from post
    where {LIKE.format("unit, document ->> 'unit_name', title, document ->> 'name', document ->> 'deputy_name'")}
    order by unit, title limit $2
) page
"""
PERSON = "select version, document from person where person_id = $1"
PERSONS_OF = "select coalesce(json_agg(document), '[]') from person where person_id = any($1)"
PERSONS_LIKE = f"""
select coalesce(json_agg(document order by unit, person_id), '[]') from (
    select document, unit, person_id from person
    where {LIKE.format("person_id, document ->> 'name', unit, document ->> 'unit_name'")}
    order by unit, person_id limit $2
) page
"""

CACHE: dict[str, tuple[UUID, object]] = {}
"""What this process has in memory, with the stamp of its edition."""

LOADING: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()
"""Whoever comes while it is loaded waits, and does not load it again."""


class NotSeeded(Unavailable):
    """The first start has not yet written the register: the same command succeeds a moment later."""


async def register(db: Connection) -> Register:
    """Every unit, and what it may be called. Raises NotSeeded."""

    async def load() -> Register:
        units = await db.fetchval(EVERY_UNIT)
        return await asyncio.to_thread(lambda: Register.of(UNITS.validate_json(units)))

    return await _cached(db, REGISTER, load)


async def timetable(db: Connection) -> Timetable:
    """The calendar and the clock policies. Raises NotSeeded."""

    async def load() -> Timetable:
        years = await db.fetchval(EVERY_YEAR)
        policies = POLICIES.validate_json(await db.fetchval(EVERY_POLICY, CLOCK_POLICY))
        calendar = await asyncio.to_thread(
            lambda: Calendar.of(day for year in YEARS.validate_json(years) for day in year)
        )
        return Timetable(calendar, tuple(policies))

    return await _cached(db, TIMETABLE, load)


async def is_seeded(db: Connection) -> bool:
    """The register has been written."""
    return await db.fetchval(EDITION, REGISTER) is not None


async def take_calendar(db: Connection, edition: str) -> bool:
    """This edition of the working days was not yet looked at here, and now is."""
    return await db.fetchval(TAKE_CALENDAR, edition) is True


async def calendar_versions(db: Connection) -> dict[int, int]:
    """Year → its version so far."""
    return {row["year"]: row["version"] for row in await db.fetch(VERSIONS)}


async def _cached(db: Connection, name: str, load: Callable[[], Awaitable[T]]) -> T:
    stamp = await db.fetchval(EDITION, name)
    if stamp is None:
        raise NotSeeded(name)
    async with LOADING.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
        if name not in CACHE or CACHE[name][0] != stamp:
            CACHE[name] = stamp, await load()
        return CACHE[name][1]  # type: ignore[return-value]


async def post_version(db: Connection, post_id: UUID) -> int:
    """The version of a post, 0 for a new one; held until the transaction ends."""
    await db.execute(HOLD, f"post {post_id}")
    return await db.fetchval(POST, post_id) or 0


async def posts_of(db: Connection, region: str) -> list[Post]:
    """The posts of the units of one region, such as `14.00.00.000`."""
    return POSTS.validate_json(await db.fetchval(POSTS_OF, region))


async def posts_like(db: Connection, text: str, limit: int) -> list[Post]:
    """The posts whose unit, title, holder or deputy contains a text."""
    return POSTS.validate_json(await db.fetchval(POSTS_LIKE, text, limit))


async def person(db: Connection, person_id: str) -> tuple[Person | None, int]:
    """A person and the version of the entry, 0 for a new one; held until the transaction ends."""
    await db.execute(HOLD, f"person {person_id}")
    row = await db.fetchrow(PERSON, person_id)
    return (Person.model_validate_json(row["document"]), row["version"]) if row else (None, 0)


async def persons(db: Connection, ids: Sequence[str]) -> dict[str, Person]:
    """Those of these persons who stand on the register, by id."""
    return {person.person_id: person for person in PERSONS.validate_json(await db.fetchval(PERSONS_OF, ids))}


async def persons_like(db: Connection, text: str, limit: int) -> list[Person]:
    """The persons whose id, name or unit contains a text."""
    return PERSONS.validate_json(await db.fetchval(PERSONS_LIKE, text, limit))


async def save_units(db: Connection, events: Sequence[UnitEvent]) -> None:
    """The units as they now stand."""
    last = {event.unit.address: event for event in events}
    rows = [(e.unit.address, e.version, e.unit.model_dump_json()) for e in last.values()]
    await db.execute(SAVE_UNITS, *zip(*rows, strict=True))
    await db.execute(RENEW, REGISTER)


async def save_persons(db: Connection, events: Sequence[PersonEvent]) -> None:
    """The persons as they now stand."""
    last = {event.person.person_id: event for event in events}
    rows = [(id, e.version, e.person.unit, e.person.model_dump_json()) for id, e in last.items()]
    await db.execute(SAVE_PERSONS, *zip(*rows, strict=True))


async def save_posts(db: Connection, events: Sequence[PostEvent]) -> None:
    """The posts as they now stand."""
    last = {event.post.post_id: event for event in events}
    rows = [(id, e.version, e.post.unit, e.post.title, e.post.model_dump_json()) for id, e in last.items()]
    await db.execute(SAVE_POSTS, *zip(*rows, strict=True))


async def save_year(db: Connection, event: CalendarRevised) -> None:
    """The days of one year as they now hold."""
    await db.execute(SAVE_YEAR, event.year, event.version, DAYS.dump_json(list(event.days)).decode())
    await db.execute(RENEW, TIMETABLE)


async def save_policy(db: Connection, event: PolicyPublished) -> None:
    """One more version of a policy."""
    values = json.dumps(event.model_dump(mode="json")["values"])
    await db.execute(SAVE_POLICY, event.name, event.policy_version, event.effective, event.author, values)
    await db.execute(RENEW, TIMETABLE)
