"""Publishing a month, and how the stored rankings follow from what this service emits."""

from collections.abc import Sequence
from datetime import datetime

from asyncpg import Connection

from contracts.commands.ranking import PublishRanking
from contracts.envelope import Done, Event
from contracts.events.ranking import RankingComputed, RankingPublished
from contracts.offices import Issued
from contracts.refusals import Refused
from contracts.terms import PeerGroup
from services.chassis import applies, inbox, on_command
from services.chassis.service import Service
from services.ranking.facts import store as facts
from services.ranking.facts.domain.peers import office_of
from services.ranking.facts.domain.period import Period, Window
from services.ranking.rankings import store
from services.ranking.rankings.domain.publishing import behind, forbidden, may_publish, not_yet, published, unchanged
from services.ranking.schemes import store as schemes
from services.ranking.schemes.domain import in_force


@on_command(PublishRanking)
async def publish_ranking(
    command: PublishRanking, db: Connection, now: datetime, service: Service
) -> tuple[Done | Refused, Sequence[Event]]:
    """Publish a month that is over, or a new revision of it, by the same rules."""
    await store.lock_publishing(db)
    period, office = Period.read(command.period), await facts.office(db, office_of(service.settings.node))
    if office is None or not may_publish(command.actor, office):
        return forbidden(), ()
    if refused := not_yet(period, await facts.first_period(db), now):
        return refused, ()
    if waiting := (await inbox.waiting(service, service.name)).events:
        return behind(waiting), ()
    if not (events := await publish(db, period, office, now, service)):
        return unchanged(period), ()
    revisions = {event.ranking.group: event.ranking.revision for event in events}
    detail = {"period": command.period, "revisions": revisions}
    return Done(aggregate=events[-1].aggregate, version=events[-1].version, detail=detail), events


async def publish(
    db: Connection, period: Period, office: Issued, now: datetime, service: Service
) -> list[RankingPublished]:
    """The rankings of a finished month that differ from the last revision; their input is kept under its digest."""
    window, scheme = Window.of(period, now), in_force(await schemes.schemes(db), period)
    events = []
    for group in PeerGroup:
        result, text = await store.compute(db, window, group, scheme, with_input=True)
        last = await store.revision(db, period, group)
        if last.digest != result.digest:
            await service.blobs.put(text.encode())
            events.append(published(result, office, last.version + 1, now, service.settings.node))
    return events


@applies(RankingComputed, latest=True)
async def on_ranking_computed(event: RankingComputed, db: Connection) -> None:
    """A draft is overwritten by the next."""
    await store.save_draft(db, event.ranking)


@applies(RankingPublished)
async def on_ranking_published(event: RankingPublished, db: Connection) -> None:
    """A revision stands beside those before it, never changed."""
    await store.save_revision(db, event.ranking)
