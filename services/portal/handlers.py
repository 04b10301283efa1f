"""What the portal hears: every happening changes the ledger, and is written into the feed as it was said."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from asyncpg import Connection

from contracts import events as said
from contracts.envelope import CommandAnswered
from services.chassis import hears
from services.portal.store import assignments, feed, milestones, notices, rankings, tasks, units

KEEPS = ("account", "session", "token", "upload")

Heard = Callable[[list[Any], Connection], Awaitable[None]]


def written_down(handler: Heard) -> Heard:
    """What `handler` hears also goes into the feed."""

    @wraps(handler)
    async def both(events: list[Any], db: Connection) -> None:
        await handler(events, db)
        await feed.put(db, events)

    return both


@hears(said.UnitRegistered, together=True)
@written_down
async def enrol(events: list[said.UnitRegistered], db: Connection) -> None:
    """The register grew, or an entry changed."""
    await units.registered(db, events)


@hears(said.CalendarRevised, together=True)
@written_down
async def revise(events: list[said.CalendarRevised], db: Connection) -> None:
    """A year's working days are known."""
    await units.revised(db, events)


@hears(said.PolicyPublished, together=True)
@written_down
async def rule(events: list[said.PolicyPublished], db: Connection) -> None:
    """Rules as they hold from a day on."""
    await units.ruled(db, events)


@hears(CommandAnswered, together=True)
@written_down
async def answer(events: list[CommandAnswered], db: Connection) -> None:
    """A node's command was answered: for its feed alone."""


@hears(said.TaskRegistered, together=True)
@written_down
async def register(events: list[said.TaskRegistered], db: Connection) -> None:
    """Tasks are on the ledger."""
    await tasks.registered(db, events)
    await tasks.seen_by(db, events)


@hears(said.TaskAdvanced, together=True)
@written_down
async def advance(events: list[said.TaskAdvanced], db: Connection) -> None:
    """Tasks moved on."""
    await tasks.advanced(db, events)


@hears(said.AssignmentIssued, together=True)
@written_down
async def issue(events: list[said.AssignmentIssued], db: Connection) -> None:
    """Units were asked to do their part."""
    await assignments.issued(db, events)
    await milestones.planned(db, events)
    await tasks.seen_by(db, events)


@hears(said.AssignmentAcknowledged, together=True)
@written_down
async def acknowledge(events: list[said.AssignmentAcknowledged], db: Connection) -> None:
    """Units have it."""
    for event in events:
        await assignments.acknowledged(db, event)


@hears(said.AssignmentReported, together=True)
@written_down
async def report(events: list[said.AssignmentReported], db: Connection) -> None:
    """Units reported."""
    await assignments.reported(db, events)
    await milestones.reached(db, events)


@hears(said.AssignmentSubmitted, together=True)
@written_down
async def submit(events: list[said.AssignmentSubmitted], db: Connection) -> None:
    """Units say they are done."""
    for event in events:
        await assignments.submitted(db, event)


@hears(said.AssignmentVerified, together=True)
@written_down
async def verify(events: list[said.AssignmentVerified], db: Connection) -> None:
    """Second persons confirmed."""
    for event in events:
        await assignments.verified(db, event)


@hears(said.AssignmentReworked, together=True)
@written_down
async def rework(events: list[said.AssignmentReworked], db: Connection) -> None:
    """Parts were sent back."""
    for event in events:
        await assignments.reworked(db, event)


@hears(said.AssignmentClosed, together=True)
@written_down
async def close(events: list[said.AssignmentClosed], db: Connection) -> None:
    """Parts were written off."""
    await assignments.closed(db, events)


@hears(said.AssignmentSuspended, together=True)
@written_down
async def suspend(events: list[said.AssignmentSuspended], db: Connection) -> None:
    """Clocks stand still."""
    await assignments.stopped(db, events, running=False)


@hears(said.AssignmentResumed, together=True)
@written_down
async def resume(events: list[said.AssignmentResumed], db: Connection) -> None:
    """Clocks run again."""
    await assignments.stopped(db, events, running=True)


@hears(said.AssignmentCancelled, together=True)
@written_down
async def cancel(events: list[said.AssignmentCancelled], db: Connection) -> None:
    """Parts ended undone."""
    await assignments.stopped(db, events, running=False)


@hears(said.AssignmentDueChanged, together=True)
@written_down
async def move(events: list[said.AssignmentDueChanged], db: Connection) -> None:
    """Due dates moved."""
    for event in events:
        await assignments.due_changed(db, event)


@hears(said.LightChanged, together=True)
@written_down
async def light(events: list[said.LightChanged], db: Connection) -> None:
    """Lights turned: of parts, and of whole tasks."""
    await assignments.lit(db, [event for event in events if event.assignment_id])
    await tasks.lit(db, [event for event in events if not event.assignment_id])


@hears(said.ClockMissed, together=True)
@written_down
async def miss(events: list[said.ClockMissed], db: Connection) -> None:
    """Clocks ran out."""
    await assignments.missed(db, events)


@hears(said.ClockDueSoon, together=True)
@written_down
async def warn(events: list[said.ClockDueSoon], db: Connection) -> None:
    """Clocks will soon run out: the ledger sees it by the date, the feed is told."""


@hears(said.NoticeDrafted, together=True)
@written_down
async def draft(events: list[said.NoticeDrafted], db: Connection) -> None:
    """Documents were drafted."""
    await notices.drafted(db, events)
    await notices.seen_by(db, events)


@hears(said.NoticeAmended, together=True)
@written_down
async def amend(events: list[said.NoticeAmended], db: Connection) -> None:
    """Drafts changed."""
    for event in events:
        await notices.amended(db, event)


@hears(said.NoticeSigned, together=True)
@written_down
async def sign(events: list[said.NoticeSigned], db: Connection) -> None:
    """Documents have their numbers."""
    for event in events:
        await notices.signed(db, event)


@hears(said.NoticeRendered, together=True)
@written_down
async def render(events: list[said.NoticeRendered], db: Connection) -> None:
    """PDFs are stored."""
    for event in events:
        await notices.rendered(db, event)


@hears(said.NoticeSent, together=True)
@written_down
async def send(events: list[said.NoticeSent], db: Connection) -> None:
    """Documents went out."""
    for event in events:
        await notices.sent(db, event)


@hears(said.NoticeVoided, together=True)
@written_down
async def void(events: list[said.NoticeVoided], db: Connection) -> None:
    """Documents were withdrawn."""
    for event in events:
        await notices.voided(db, event)


@hears(said.DeliverySent, together=True)
@written_down
async def deliver(events: list[said.DeliverySent], db: Connection) -> None:
    """Units have documents to receive."""
    await notices.delivered(db, events)
    await notices.seen_by(db, events)


@hears(said.DeliveryReceived, together=True)
@written_down
async def receive(events: list[said.DeliveryReceived], db: Connection) -> None:
    """Units signed for documents."""
    for event in events:
        await notices.received(db, event)


@hears(said.DeliveryWithdrawn, together=True)
@written_down
async def withdraw(events: list[said.DeliveryWithdrawn], db: Connection) -> None:
    """Documents are void: nobody need receive or answer them."""
    for event in events:
        await notices.withdrawn(db, event)


@hears(said.RankingComputed, together=True)
async def compute(events: list[said.RankingComputed], db: Connection) -> None:
    """A running month's board; said often and not released, so it stays out of the feed."""
    for event in events:
        await rankings.computed(db, event)


@hears(said.RankingPublished, together=True)
@written_down
async def publish(events: list[said.RankingPublished], db: Connection) -> None:
    """A month's board is out."""
    for event in events:
        await rankings.published(db, event)
