"""As time passes: the scheme at the first start, the rankings of a month that is over, and those of the running one."""

from collections.abc import Sequence
from datetime import datetime

from asyncpg import Connection

from contracts.envelope import Event
from contracts.offices import Issued
from contracts.terms import PeerGroup
from contracts.workdays import opening
from services.chassis import inbox, on_tick
from services.chassis.service import Service
from services.ranking.facts import store as facts
from services.ranking.facts.domain.peers import office_of
from services.ranking.facts.domain.period import Period, Window
from services.ranking.rankings import store
from services.ranking.rankings.domain.publishing import computed
from services.ranking.rankings.handlers import publish
from services.ranking.schemes import store as schemes
from services.ranking.schemes.domain import SCHEME, in_force, outdated, publication


@on_tick
async def rank(db: Connection, now: datetime, service: Service) -> Sequence[Event]:
    """The scheme before all, then a month that is over, then the running one."""
    node = service.settings.node
    if outdated(await schemes.schemes(db)):
        return [publication(SCHEME, now, node)]
    if (office := await facts.office(db, office_of(node))) is None:
        return ()
    return await publish_finished(db, office, now, service) or await compute_running(db, office, now, service)


async def publish_finished(db: Connection, office: Issued, now: datetime, service: Service) -> Sequence[Event]:
    """The earliest month that waits, from the first working moment after it, once every event is handled."""
    period = await unpublished(db, now)
    if period is None or now < await first_working_moment(db, period.next):
        return ()
    if (await inbox.waiting(service, service.name)).events:
        return ()
    await store.lock_publishing(db)
    if await unpublished(db, now) != period:
        return ()
    return await publish(db, period, office, now, service)


async def unpublished(db: Connection, now: datetime) -> Period | None:
    """The earliest month that is over, in or after the first in which anything was issued."""
    if (period := await facts.first_period(db)) is None:
        return None
    published = await store.published(db)
    while period in published:
        period = period.next
    return period if period.end <= now else None


async def first_working_moment(db: Connection, period: Period) -> datetime:
    """Start of business on the first working day of a month (R1)."""
    calendar = await facts.workdays(db, period.first_day)
    return opening(calendar.next_workday(period.first_day))


async def compute_running(db: Connection, office: Issued, now: datetime, service: Service) -> Sequence[Event]:
    """The rankings of this month that differ from the last draft."""
    if (edition := await store.edition_to_compute(db, now)) is None:
        return ()
    await store.save_computation(db, edition, now)
    window = Window.of(Period.of(now), now)
    scheme, events = in_force(await schemes.schemes(db), window.period), []
    for group in PeerGroup:
        result, _ = await store.compute(db, window, group, scheme)
        last = await store.draft(db, window.period, group)
        if result.digest != last.digest and (result.rows or last.version):
            events.append(computed(result, office, last.version + 1, now, service.settings.node))
    return events
