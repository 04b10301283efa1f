"""The commands and questions of the register, and how its rows follow its events."""

from collections.abc import Sequence
from datetime import datetime

from asyncpg import Connection

from contracts.commands.register import FillPost, RegisterPerson
from contracts.envelope import Done, Event
from contracts.events.register import CalendarRevised, PersonEvent, PolicyPublished, PostEvent, UnitEvent
from contracts.queries.register import FindPersons, FindPosts, FindUnits, PersonList, PostList, UnitList
from contracts.refusals import Refused
from services.chassis import applies, on_command, on_query
from services.chassis.service import Service
from services.tasks.register import store
from services.tasks.register.domain import person, post

Result = tuple[Done | Refused, Sequence[Event]]


@on_command(RegisterPerson)
async def register_person(command: RegisterPerson, db: Connection, now: datetime, service: Service) -> Result:
    """A person is on the register, or the entry changes."""
    entry, version = await store.person(db, command.person)
    register = await store.register(db)
    event = person.register_person(command, entry, version, register, service.settings.node, now)
    if isinstance(event, Refused):
        return event, ()
    return Done(aggregate=event.aggregate, version=event.version, detail={"unit": event.person.unit}), (event,)


@on_command(FillPost)
async def fill_post(command: FillPost, db: Connection, now: datetime, service: Service) -> Result:
    """A post has a new holder, or none."""
    register, node = await store.register(db), service.settings.node
    unit = post.unit_of(command, register, node)
    if isinstance(unit, Refused):
        return unit, ()
    persons = await store.persons(db, [command.person, command.deputy])
    version = await store.post_version(db, post.post_id_of(unit.address, command.title))
    event = post.fill_post(command, unit, persons, version, register, node, now)
    if isinstance(event, Refused):
        return event, ()
    detail = {"unit": unit.address, "name": event.post.name}
    return Done(aggregate=event.aggregate, version=event.version, detail=detail), (event,)


@applies(UnitEvent, latest=True, batch=True)
async def store_units(events: Sequence[UnitEvent], db: Connection) -> None:
    """The last state of each unit."""
    await store.save_units(db, events)


@applies(PersonEvent, latest=True, batch=True)
async def store_persons(events: Sequence[PersonEvent], db: Connection) -> None:
    """The last state of each person."""
    await store.save_persons(db, events)


@applies(PostEvent, latest=True, batch=True)
async def store_posts(events: Sequence[PostEvent], db: Connection) -> None:
    """The last state of each post."""
    await store.save_posts(db, events)


@applies(CalendarRevised, latest=True)
async def store_year(event: CalendarRevised, db: Connection) -> None:
    """The days of a year as last revised."""
    await store.save_year(db, event)


@applies(PolicyPublished)
async def store_policy(event: PolicyPublished, db: Connection) -> None:
    """Every version of a policy: a clock is recomputed by the one it was computed with."""
    await store.save_policy(db, event)


@on_query(FindUnits)
async def find_units(query: FindUnits, db: Connection) -> UnitList:
    """Units by any of their names, best first."""
    units = (await store.register(db)).find(query.text, query.limit + 1)
    return UnitList(units=tuple(units[: query.limit]), more=len(units) > query.limit)


@on_query(FindPosts)
async def find_posts(query: FindPosts, db: Connection) -> PostList:
    """Posts and who holds them."""
    posts = await store.posts_like(db, query.text, query.limit + 1)
    return PostList(posts=tuple(posts[: query.limit]), more=len(posts) > query.limit)


@on_query(FindPersons)
async def find_persons(query: FindPersons, db: Connection) -> PersonList:
    """Persons by id, name or unit."""
    persons = await store.persons_like(db, query.text, query.limit + 1)
    return PersonList(persons=tuple(persons[: query.limit]), more=len(persons) > query.limit)
