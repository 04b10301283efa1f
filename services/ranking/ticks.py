"""What time brings: the scheme at the first start, the boards of a month that is over, and those of the running one."""

from collections.abc import Sequence
from datetime import datetime

from asyncpg import Connection

from contracts.envelope import Event
from contracts.terms import PeerGroup
from contracts.workdays import opening
from services.chassis import on_tick
from services.chassis.inbox import Inbox
from services.chassis.service import Service
from services.ranking import handlers, store
from services.ranking.domain.evidence import Window
from services.ranking.domain.period import Period
from services.ranking.domain.saying import computed
from services.ranking.domain.scheme import SCHEME, announced, in_force


@on_tick
async def tick(db: Connection, now: datetime, service: Service) -> Sequence[Event]:
    """The scheme before all, then a month that is over, then the running one."""
    if SCHEME.version > max((scheme.version for scheme in await store.schemes(db)), default=0):
        return [announced(SCHEME, now, service.settings.node)]
    return await finished(db, now, service) or await running(db, now, service)


async def finished(db: Connection, now: datetime, service: Service) -> Sequence[Event]:
    """The earliest month that waits, from the first working moment after it, once all that was said is heard."""
    period = await waiting(db, now)
    if period is None or now < await first_working_moment(db, period.next) or await Inbox(service).lag():
        return ()
    await store.hold(db)
    if await waiting(db, now) != period:
        return ()
    return await handlers.published(db, period, now, service)


async def waiting(db: Connection, now: datetime) -> Period | None:
    """The earliest month that is over, had parts, and was not published."""
    if (first := await store.first_known(db)) is None:
        return None
    period, done = Period.of(first), await store.published(db)
    while period in done:
        period = period.next
    return period if period.end <= now else None


async def first_working_moment(db: Connection, period: Period) -> datetime:
    """Start of business on the first working day of a month (R1)."""
    calendar = await store.workdays(db, period.first_day)
    return opening(calendar.next_workday(period.first_day))


async def running(db: Connection, now: datetime, service: Service) -> Sequence[Event]:
    """The boards of this month that differ from what was said of them."""
    if (edition := await store.due_a_look(db, now)) is None:
        return ()
    await store.looked(db, edition, now)
    window = Window.of(Period.of(now), now)
    scheme, said = in_force(await store.schemes(db), window.period), []
    for group in PeerGroup:
        board, _ = await store.board(db, window, group, scheme)
        last = await store.draft(db, window.period, group)
        if board.digest != last.digest and (board.standings or last.version):
            said.append(computed(board, last.version + 1, now, service.settings.node))
    return said
