"""Where time itself acts: parts that are to be looked at, drafts that go out by themselves, the first policies."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from asyncpg import Connection

from contracts.envelope import Event
from contracts.refusals import Refused
from services.chassis import on_tick
from services.chassis.service import Service
from services.notices import climbing, settings, signing, standing
from services.notices.domain.notice import BY_ITSELF
from services.notices.domain.policy import LadderPolicy, announced
from services.notices.store import climbs, notices, policies

logger = structlog.get_logger(__name__)
HELD = timedelta(hours=1)
"""How long a draft that cannot be printed waits before the clock tries again; a person may sign it any time."""


@on_tick
async def found(db: Connection, now: datetime, service: Service) -> Sequence[Event]:
    """Publish the policies this version comes with, unless they or newer ones are known."""
    node, ladder = service.settings.node, LadderPolicy()
    said: list[Event] = []
    if (await policies.newest(db, policies.LADDER))[0] < ladder.version:
        rules = ladder.model_dump(mode="json", exclude={"version"})
        said.append(announced(policies.LADDER, rules, ladder.version, now, node))
    version, known = await policies.newest(db, policies.NUMBERING)
    series = {"series": dict(standing.letterheads(settings.of(service)).series)}
    if known != series:
        said.append(announced(policies.NUMBERING, series, version + 1, now, node))
    return said


@on_tick
async def climb(db: Connection, now: datetime, service: Service) -> Sequence[Event]:
    """The ladder: look at up to 1,000 parts whose time has come, and draft or withdraw what R3 wants."""
    ids = await climbs.ripe(db, now)
    return await climbing.climbed(ids, db, now, service) if ids else ()


@on_tick
async def send(db: Connection, now: datetime, service: Service) -> Sequence[Event]:
    """Sign the next document that is approved beforehand and has its hour: each in a transaction of its own (R10)."""
    settle = (await policies.ladder(db)).settle
    while notice := await notices.outgoing(db, now, settle):
        event = await signing.signed(notice, BY_ITSELF, db, now, service)
        if not isinstance(event, Refused):
            return [event]
        logger.error("cannot go out by itself", notice=str(notice.notice_id), reason=event.message)
        await notices.hold(db, notice.notice_id, now + HELD, event.message)
    return ()
