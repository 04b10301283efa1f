"""The facts follow the published states of others."""

from asyncpg import Connection

from contracts.events.assignment import AssignmentEvent
from contracts.events.delivery import DeliveryEvent
from contracts.events.light import ClockMissed, LightEvent
from contracts.events.register import CalendarRevised, UnitEvent
from services.chassis import on_event
from services.chassis.service import Service
from services.ranking.facts import store
from services.ranking.facts.domain.evidence import evolve, overdue_turns
from services.ranking.facts.domain.peers import issued_by_office, urged


@on_event(UnitEvent, batch=True)
async def on_unit(events: list[UnitEvent], db: Connection) -> None:
    await store.save_units(db, [event.unit for event in events])


@on_event(CalendarRevised)
async def on_calendar_revised(event: CalendarRevised, db: Connection) -> None:
    """A month is published on its first working day."""
    await store.save_days(db, event.days)


@on_event(AssignmentEvent, batch=True)
async def on_assignment(events: list[AssignmentEvent], db: Connection, service: Service) -> None:
    evidence = await store.evidence(db, [event.assignment.assignment_id for event in events])
    touched = {}
    for event in events:
        id = event.assignment.assignment_id
        if after := evolve(evidence.get(id), event.assignment, service.settings.node, event.time):
            evidence[id] = touched[id] = after
    await store.save_evidence(db, touched.values())


@on_event(LightEvent, batch=True)
async def on_light(events: list[LightEvent], db: Connection, service: Service) -> None:
    """Days overdue are counted while an assignment's own light is OVERDUE."""
    counted = [event for event in events if issued_by_office(event.light, service.settings.node)]
    before = await store.overdue(db, [id for event in counted if (id := event.light.assignment_id)])
    after = dict(before)
    for event in counted:
        if id := event.light.assignment_id:
            after[id] = overdue_turns(after.get(id, ()), event.light, event.time)
    await store.save_overdue(db, {id: turns for id, turns in after.items() if turns != before.get(id, ())})


@on_event(ClockMissed, batch=True)
async def on_clock_missed(events: list[ClockMissed], db: Connection) -> None:
    """That time ran out is all that matters: no state changes, and the rankings do."""
    await store.changed(db)


@on_event(DeliveryEvent, batch=True)
async def on_delivery(events: list[DeliveryEvent], db: Connection, service: Service) -> None:
    """Urgings and orders break ties."""
    urgings = [(event.delivery, urged(event.delivery, service.settings.node)) for event in events]
    await store.save_urgings(db, [(delivery, peers) for delivery, peers in urgings if peers])
