"""The register follows its events."""

from asyncpg import Connection

from contracts.events.register import CalendarRevised, PersonEvent, PolicyPublished, PostEvent, UnitEvent
from services.chassis import on_event
from services.portal.register import queries


@on_event(UnitEvent, batch=True)
async def on_unit(events: list[UnitEvent], db: Connection) -> None:
    await queries.store_units(db, [event.unit for event in events])


@on_event(PersonEvent, batch=True)
async def on_person(events: list[PersonEvent], db: Connection) -> None:
    await queries.store_persons(db, [event.person for event in events])


@on_event(PostEvent, batch=True)
async def on_post(events: list[PostEvent], db: Connection) -> None:
    await queries.store_posts(db, [event.post for event in events])


@on_event(CalendarRevised, batch=True)
async def on_calendar(events: list[CalendarRevised], db: Connection) -> None:
    await queries.store_workdays(db, [day for event in events for day in event.days])


@on_event(PolicyPublished, batch=True)
async def on_policy(events: list[PolicyPublished], db: Connection) -> None:
    await queries.store_policies(db, events)
