"""Events of other services, and the policy of the ladder."""

from asyncpg import Connection

from contracts.assignment import FIRST_CLOCKS
from contracts.events.assignment import AssignmentEvent, AssignmentReported
from contracts.events.light import ClockDueSoon, ClockMissed, LightEvent
from contracts.events.register import CalendarRevised, PolicyPublished
from contracts.terms import Light, ReportKind
from contracts.workdays import ClockKind
from services.chassis import applies, on_event, tracing
from services.notices.ladder.domain.escalation import activity
from services.notices.ladder.store import escalations, facts, policies

RAISING = frozenset({Light.LAGGING, Light.STALLED, Light.OVERDUE})
DAYS_LEFT = 3
"""The badge that prompts (R3); those of the last days only show."""


@on_event(CalendarRevised)
async def on_calendar_revised(event: CalendarRevised, db: Connection) -> None:
    """Reply clocks follow the legal calendar (R1)."""
    await facts.save_year(db, event)


@on_event(AssignmentEvent, batch=True)
async def on_assignment(events: list[AssignmentEvent], db: Connection) -> None:
    """The last state, and what its difference from the one before does to reply clocks."""
    states = await facts.assignments(db, {event.assignment.assignment_id for event in events})
    activities = []
    for event in events:
        id, after = event.assignment.assignment_id, event.assignment
        if (before := states.get(id)) and (moment := activity(before, after, event.time, _imported(event))):
            activities.append((id, moment))
        states[id] = after
    await facts.save_assignments(db, states)
    await facts.save_activities(db, activities)
    work = tracing.now()
    causes = {event.assignment.assignment_id: work.cause_of(event) for event in events}
    await escalations.evaluate_raised(db, causes)


def _imported(event: AssignmentEvent) -> bool:
    """A ledger's figure and a unit's report leave the same state; only the event tells them apart."""
    return isinstance(event, AssignmentReported) and event.kind is ReportKind.IMPORTED


@on_event(LightEvent, batch=True)
async def on_light(events: list[LightEvent], db: Connection) -> None:
    """Lights of assignments; one that raises nothing may still take a draft back."""
    work = tracing.now()
    last = {event.light.assignment_id: event for event in events if event.light.assignment_id}
    await facts.save_lights(db, {id: event.light for id, event in last.items()})
    raising = {id: work.cause_of(event) for id, event in last.items() if event.light.light in RAISING}
    await escalations.evaluate(db, raising)
    others = {id: work.cause_of(event) for id, event in last.items() if id not in raising}
    await escalations.evaluate_raised(db, others)


@on_event(ClockMissed, batch=True)
async def on_clock_missed(events: list[ClockMissed], db: Connection) -> None:
    """That it ran out is what happened; only the feedback clock urges by itself, the others show in the light."""
    clocks = [(event, clock) for event in events for clock in event.alarm.clocks if not clock.historical]
    missed = [event for event, clock in clocks if clock.kind is ClockKind.FEEDBACK_3D]
    await facts.save_feedback_missed(db, [(event.alarm.assignment_id, event.time) for event in missed])
    await escalations.evaluate(db, {event.alarm.assignment_id: tracing.now().cause_of(event) for event in missed})


@on_event(ClockDueSoon, batch=True)
async def on_clock_due_soon(events: list[ClockDueSoon], db: Connection) -> None:
    """Three working days to the due date: only this event has the number of days left."""
    first = [(e, clock) for e in events if e.days_left == DAYS_LEFT for clock in e.alarm.clocks if not clock.historical]
    soon = [(event, clock.due) for event, clock in first if clock.kind not in FIRST_CLOCKS]
    await facts.save_due_soon(db, [(event.alarm.assignment_id, event.time, due) for event, due in soon])
    await escalations.evaluate(db, {event.alarm.assignment_id: tracing.now().cause_of(event) for event, _ in soon})


@applies(PolicyPublished, latest=True)
async def store_policy(event: PolicyPublished, db: Connection) -> None:
    """The last version of each policy of this service."""
    await policies.save(db, event)
