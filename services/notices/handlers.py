"""What notices hears and answers, and how its own words change its own state."""

from collections.abc import Sequence
from datetime import datetime

from asyncpg import Connection

from contracts.commands.notice import DraftNotice, ReceiveNotice, SignNotice, VoidNotice
from contracts.events.assignment import (
    AssignmentAcknowledged,
    AssignmentCancelled,
    AssignmentClosed,
    AssignmentDueChanged,
    AssignmentEvent,
    AssignmentIssued,
    AssignmentReported,
    AssignmentResumed,
    AssignmentReworked,
    AssignmentSubmitted,
    AssignmentSuspended,
    AssignmentVerified,
)
from contracts.events.delivery import DeliveryReceived, DeliverySent, DeliveryWithdrawn
from contracts.events.light import ClockDueSoon, ClockMissed, LightChanged
from contracts.events.notice import NoticeAmended, NoticeDrafted, NoticeRendered, NoticeSent, NoticeSigned, NoticeVoided
from contracts.events.register import CalendarRevised, PolicyPublished, UnitRegistered
from contracts.terms import Light
from contracts.workdays import ClockKind
from services.chassis import applies, on_command, on_event
from services.chassis.service import Service
from services.notices import drafting
from services.notices.drafting import Answered
from services.notices.store import climbs, delivering, facts, notices, policies

RAISING = (Light.LAGGING, Light.STALLED, Light.OVERDUE)
FIRST_CLOCKS = (ClockKind.DEPLOY_1D, ClockKind.FEEDBACK_3D)
DAYS_LEFT = 3
"""The badge that prompts (R3); those of the last days only show."""


@on_event(UnitRegistered, batch=True)
async def enrol(events: list[UnitRegistered], db: Connection) -> None:
    """Names for letterheads."""
    await facts.enter_units(db, events)


@on_event(CalendarRevised)
async def revise(event: CalendarRevised, db: Connection) -> None:
    """Reply clocks follow the legal calendar (R1)."""
    await facts.enter_year(db, event)


@on_event(AssignmentIssued, batch=True)
async def issue(events: list[AssignmentIssued], db: Connection) -> None:
    """Parts that documents may speak of."""
    await facts.enter_parts(db, events)


@on_event(
    AssignmentAcknowledged,
    AssignmentReported,
    AssignmentSubmitted,
    AssignmentVerified,
    AssignmentReworked,
    AssignmentClosed,
    AssignmentSuspended,
    AssignmentResumed,
    AssignmentCancelled,
    batch=True,
)
async def follow(events: list[AssignmentEvent], db: Connection) -> None:
    """A report stops reply clocks, its rejection restarts them; a suspension freezes the ladder, an end ends it."""
    await facts.follow_parts(db, events)
    await climbs.look_if_raised(db, [event.assignment_id for event in events])


@on_event(AssignmentDueChanged)
async def move(event: AssignmentDueChanged, db: Connection) -> None:
    """The resolving clock moved."""
    if event.clock not in FIRST_CLOCKS:
        await facts.move_due(db, event)
        await climbs.look_if_raised(db, [event.assignment_id])


@on_event(LightChanged, batch=True)
async def turn(events: list[LightChanged], db: Connection) -> None:
    """Lights of parts; what raises nothing may still take a draft back."""
    await facts.turn_lights(db, [event for event in events if event.assignment_id])
    raising = {event.assignment_id: event.light in RAISING for event in events if event.assignment_id}
    await climbs.look(db, [part for part, raises in raising.items() if raises])
    await climbs.look_if_raised(db, [part for part, raises in raising.items() if not raises])


@on_event(ClockMissed, batch=True)
async def miss(events: list[ClockMissed], db: Connection) -> None:
    """Only the feedback clock urges by itself; the others show in the light."""
    missed = [event for event in events if event.clock is ClockKind.FEEDBACK_3D and not event.historical]
    await facts.miss_feedback(db, missed)
    await climbs.look(db, [event.assignment_id for event in missed])


@on_event(ClockDueSoon, batch=True)
async def come_due(events: list[ClockDueSoon], db: Connection) -> None:
    """Three working days to the due date."""
    soon = [e for e in events if e.days_left == DAYS_LEFT and e.clock not in FIRST_CLOCKS and not e.historical]
    await facts.come_due(db, soon)
    await climbs.look(db, [event.assignment_id for event in soon])


@on_command(DraftNotice)
async def draft(command: DraftNotice, db: Connection, now: datetime, service: Service) -> Answered:
    """A document by hand (R10)."""
    return await drafting.drafted(command, db, now, service)


@on_command(SignNotice)
async def sign(command: SignNotice, db: Connection, now: datetime, service: Service) -> Answered:
    """One click: number and content; the PDF follows by itself (R10)."""
    return await drafting.signed(command, db, now, service)


@on_command(VoidNotice)
async def void(command: VoidNotice, db: Connection, now: datetime) -> Answered:
    """Withdrawn, or void on record."""
    return await drafting.voided(command, db, now)


@on_command(ReceiveNotice, durable=True)
async def receive(command: ReceiveNotice, db: Connection, now: datetime) -> Answered:
    """A unit signs for it."""
    return await drafting.received(command, db, now)


@applies(PolicyPublished)
async def adopt(event: PolicyPublished, db: Connection) -> None:
    """The policies follow."""
    await policies.enter(db, event)


@applies(NoticeDrafted, batch=True)
async def enter_drafts(events: Sequence[NoticeDrafted], db: Connection) -> None:
    """Documents begin; when to look again follows from them."""
    await notices.enter(db, events)
    await climbs.look(db, {item.assignment_id for event in events for item in event.items})


@applies(NoticeAmended)
async def enter_amendment(event: NoticeAmended, db: Connection) -> None:
    """A draft says something else."""
    await notices.amend(db, event)
    await climbs.look(db, await notices.parts_of(db, event.notice_id))


@applies(NoticeSigned)
async def enter_number(event: NoticeSigned, db: Connection) -> None:
    """Its reply clock begins."""
    await notices.sign(db, event)
    await climbs.look(db, await notices.parts_of(db, event.notice_id))


@applies(NoticeRendered)
async def enter_pdf(event: NoticeRendered, db: Connection) -> None:
    """The bytes are kept."""
    await notices.keep_pdf(db, event)


@applies(NoticeSent)
async def enter_sent(event: NoticeSent, db: Connection) -> None:
    """It went out."""
    await notices.send(db, event)


@applies(NoticeVoided)
async def enter_void(event: NoticeVoided, db: Connection) -> None:
    """Its rungs end."""
    await notices.void(db, event)
    await climbs.look(db, await notices.parts_of(db, event.notice_id))


@applies(DeliverySent, batch=True)
async def enter_deliveries(events: Sequence[DeliverySent], db: Connection) -> None:
    """Units have documents to receive."""
    await delivering.enter(db, events)


@applies(DeliveryReceived)
async def enter_receipt(event: DeliveryReceived, db: Connection) -> None:
    """A prompt is answered by its receipt."""
    await delivering.receive(db, event)
    await climbs.look(db, await notices.parts_of(db, event.notice_id))


@applies(DeliveryWithdrawn)
async def enter_withdrawal(event: DeliveryWithdrawn, db: Connection) -> None:
    """It need not be received."""
    await delivering.withdraw(db, event)
