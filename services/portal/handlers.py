"""What the portal hears: every happening changes the ledger, and is written into the feed as it was said."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from asyncpg import Connection

from contracts import events as said
from contracts.envelope import CommandAnswered
from services.chassis import on_event
from services.portal.store import assignments, feed, notices, rankings, tasks, units

KEEPS = ("account", "session", "token", "upload")

Heard = Callable[[list[Any], Connection], Awaitable[None]]


def written_down(handler: Heard) -> Heard:
    """What `handler` hears also goes into the feed."""

    @wraps(handler)
    async def both(events: list[Any], db: Connection) -> None:
        await handler(events, db)
        await feed.put(db, events)

    return both


@on_event(said.UnitRegistered, batch=True)
@written_down
async def enrol(events: list[said.UnitRegistered], db: Connection) -> None:
    """The register grew, or an entry changed."""
    await units.registered(db, events)


@on_event(said.CalendarRevised, batch=True)
@written_down
async def revise(events: list[said.CalendarRevised], db: Connection) -> None:
    """A year's working days are known."""
    await units.revised(db, events)


@on_event(said.PolicyPublished, batch=True)
@written_down
async def rule(events: list[said.PolicyPublished], db: Connection) -> None:
    """Rules as they hold from a day on."""
    await units.ruled(db, events)


@on_event(CommandAnswered, batch=True)
@written_down
async def answer(events: list[CommandAnswered], db: Connection) -> None:
    """A node's command was answered: for its feed alone."""


@on_event(said.TaskRegistered, batch=True)
@written_down
async def register(events: list[said.TaskRegistered], db: Connection) -> None:
    """Tasks are on the ledger."""
    await tasks.registered(db, events)
    await tasks.seen_by(db, events)


@on_event(said.TaskAdvanced, batch=True)
@written_down
async def advance(events: list[said.TaskAdvanced], db: Connection) -> None:
    """Tasks moved on."""
    await tasks.advanced(db, events)


@on_event(said.AssignmentEvent, batch=True)
@written_down
async def store_assignments(events: list[said.AssignmentEvent], db: Connection) -> None:
    """Whatever happened to assignments: they stand as their owner says."""
    await assignments.store(db, events)
    await tasks.seen_by(db, events)


@on_event(said.LightChanged, batch=True)
@written_down
async def light(events: list[said.LightChanged], db: Connection) -> None:
    """Lights turned: of parts, and of whole tasks."""
    await assignments.lit(db, [event for event in events if event.assignment_id])
    await tasks.lit(db, [event for event in events if not event.assignment_id])


@on_event(said.ClockMissed, batch=True)
@written_down
async def miss(events: list[said.ClockMissed], db: Connection) -> None:
    """Clocks ran out."""
    await assignments.missed(db, events)


@on_event(said.ClockDueSoon, batch=True)
@written_down
async def warn(events: list[said.ClockDueSoon], db: Connection) -> None:
    """Clocks will soon run out: the ledger sees it by the date, the feed is told."""


@on_event(said.NoticeDrafted, batch=True)
@written_down
async def draft(events: list[said.NoticeDrafted], db: Connection) -> None:
    """Documents were drafted."""
    await notices.drafted(db, events)
    await notices.seen_by(db, events)


@on_event(said.NoticeAmended, batch=True)
@written_down
async def amend(events: list[said.NoticeAmended], db: Connection) -> None:
    """Drafts changed."""
    for event in events:
        await notices.amended(db, event)


@on_event(said.NoticeSigned, batch=True)
@written_down
async def sign(events: list[said.NoticeSigned], db: Connection) -> None:
    """Documents have their numbers."""
    for event in events:
        await notices.signed(db, event)


@on_event(said.NoticeRendered, batch=True)
@written_down
async def render(events: list[said.NoticeRendered], db: Connection) -> None:
    """PDFs are stored."""
    for event in events:
        await notices.rendered(db, event)


@on_event(said.NoticeSent, batch=True)
@written_down
async def send(events: list[said.NoticeSent], db: Connection) -> None:
    """Documents went out."""
    for event in events:
        await notices.sent(db, event)


@on_event(said.NoticeVoided, batch=True)
@written_down
async def void(events: list[said.NoticeVoided], db: Connection) -> None:
    """Documents were withdrawn."""
    for event in events:
        await notices.voided(db, event)


@on_event(said.DeliverySent, batch=True)
@written_down
async def deliver(events: list[said.DeliverySent], db: Connection) -> None:
    """Units have documents to receive."""
    await notices.delivered(db, events)
    await notices.seen_by(db, events)


@on_event(said.DeliveryReceived, batch=True)
@written_down
async def receive(events: list[said.DeliveryReceived], db: Connection) -> None:
    """Units signed for documents."""
    for event in events:
        await notices.received(db, event)


@on_event(said.DeliveryWithdrawn, batch=True)
@written_down
async def withdraw(events: list[said.DeliveryWithdrawn], db: Connection) -> None:
    """Documents are void: nobody need receive or answer them."""
    for event in events:
        await notices.withdrawn(db, event)


@on_event(said.RankingComputed, batch=True)
async def compute(events: list[said.RankingComputed], db: Connection) -> None:
    """A running month's board; said often and not released, so it stays out of the feed."""
    for event in events:
        await rankings.computed(db, event)


@on_event(said.RankingPublished, batch=True)
@written_down
async def publish(events: list[said.RankingPublished], db: Connection) -> None:
    """A month's board is out."""
    for event in events:
        await rankings.published(db, event)
