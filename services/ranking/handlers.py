"""What ranking hears as facts, what it answers, and how its boards follow from what it says."""

from collections.abc import Sequence
from datetime import datetime

from asyncpg import Connection

from contracts.commands.ranking import PublishRanking
from contracts.envelope import Done, Event
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
)
from contracts.events.delivery import DeliverySent
from contracts.events.light import ClockMissed, LightChanged
from contracts.events.notice import NoticeVoided
from contracts.events.ranking import RankingComputed, RankingPublished
from contracts.events.register import CalendarRevised, PolicyPublished, UnitRegistered
from contracts.refusals import Refused
from contracts.terms import PeerGroup
from services.chassis import applies, on_command, on_event
from services.chassis.inbox import Inbox
from services.chassis.service import Service
from services.ranking import store
from services.ranking.domain import saying
from services.ranking.domain.evidence import Window
from services.ranking.domain.part import after, opened, ranked, reddens, urged
from services.ranking.domain.period import Period
from services.ranking.domain.scheme import in_force

Answered = tuple[Done | Refused, Sequence[Event]]


@on_event(UnitRegistered, batch=True)
async def enter_units(events: list[UnitRegistered], db: Connection) -> None:
    """How places are named, and which are functional zones: those are no county's peers."""
    await store.enter_units(db, events)


@on_event(CalendarRevised)
async def keep_year(event: CalendarRevised, db: Connection) -> None:
    """A month is published on its first working day."""
    await store.keep_year(db, event)


@on_event(AssignmentIssued, batch=True)
async def open_parts(events: list[AssignmentIssued], db: Connection, service: Service) -> None:
    """New parts, where they count."""
    places = [(event, ranked(event)) for event in events if event.owner == service.settings.node]
    await store.keep_parts(db, [opened(event, peers) for event, peers in places if peers])


@on_event(
    AssignmentAcknowledged,
    AssignmentReported,
    AssignmentSubmitted,
    AssignmentReworked,
    AssignmentClosed,
    AssignmentDueChanged,
    AssignmentSuspended,
    AssignmentResumed,
    AssignmentCancelled,
    batch=True,
)
async def follow_parts(events: list[AssignmentEvent], db: Connection) -> None:
    """What became of the parts that count."""
    parts = await store.parts(db, [event.assignment_id for event in events])
    for event in events:
        if part := parts.get(event.assignment_id):
            parts[event.assignment_id] = after(part, event)
    await store.keep_parts(db, parts.values())


@on_event(LightChanged, batch=True)
async def redden(events: list[LightChanged], db: Connection, service: Service) -> None:
    """Days overdue are counted while the light is red."""
    await store.keep_reds(db, [e for e in events if e.owner == service.settings.node and reddens(e)])


@on_event(ClockMissed, batch=True)
async def miss(events: list[ClockMissed], db: Connection) -> None:
    """That a clock ran out follows from its due date; the boards are to be computed again."""
    await store.changed(db)


@on_event(DeliverySent, batch=True)
async def urge(events: list[DeliverySent], db: Connection, service: Service) -> None:
    """Urgings and orders break ties."""
    places = [(event, urged(event)) for event in events if event.owner == service.settings.node]
    await store.keep_urgings(db, [(event, peers) for event, peers in places if peers])


@on_event(NoticeVoided)
async def void(event: NoticeVoided, db: Connection) -> None:
    """A void document counts no longer."""
    await store.keep_void(db, event)


@on_command(PublishRanking)
async def publish(command: PublishRanking, db: Connection, now: datetime, service: Service) -> Answered:
    """Publish a month that is over, or a new revision of it, by the same rules."""
    await store.hold(db)
    period, first = Period.read(command.period), await store.first_known(db)
    known = Period.of(first) if first else None
    if refused := saying.refusal(command.actor, period, known, now, service.settings.node):
        return refused, ()
    if waiting := await Inbox(service).lag():
        return saying.behind(waiting), ()
    if not (said := await published(db, period, now, service)):
        return saying.unchanged(period), ()
    detail = {"period": command.period, "revisions": {event.group: event.revision for event in said}}
    return Done(aggregate=said[-1].aggregate, version=said[-1].version, detail=detail), said


async def published(db: Connection, period: Period, now: datetime, service: Service) -> list[RankingPublished]:
    """The boards of a finished month that differ from what was published; their input is kept under its digest."""
    window, scheme = Window.of(period, now), in_force(await store.schemes(db), period)
    said = []
    for group in PeerGroup:
        board, content = await store.board(db, window, group, scheme, keep=True)
        last = await store.revision(db, period, group)
        if last.digest != board.digest:
            await service.blobs.put((content or "").encode())
            said.append(saying.published(board, last.version + 1, now, service.settings.node))
    return said


@applies(PolicyPublished)
async def adopt(event: PolicyPublished, db: Connection) -> None:
    """The schemes follow."""
    await store.adopt(db, event)


@applies(RankingComputed)
async def keep_draft(event: RankingComputed, db: Connection) -> None:
    """The running board, as last said."""
    await store.keep_draft(db, event)


@applies(RankingPublished)
async def keep_board(event: RankingPublished, db: Connection) -> None:
    """A revision more."""
    await store.keep_board(db, event)
