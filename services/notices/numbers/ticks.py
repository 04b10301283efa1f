"""The policy of numbering, published when the letterheads' series differ from it."""

from collections.abc import Sequence
from datetime import datetime

from asyncpg import Connection

from contracts.envelope import Event
from services.chassis import on_tick
from services.chassis.service import Service
from services.notices.ladder.domain.policy import published
from services.notices.ladder.store import policies
from services.notices.numbers.letterheads import letterheads
from services.notices.settings import Settings


@on_tick
async def publish_numbering(db: Connection, now: datetime, service: Service[Settings]) -> Sequence[Event]:
    """Publish which series each kind is counted in."""
    version, rules = await policies.current(db, policies.NUMBERING)
    series = {"series": dict(letterheads(service.settings).series)}
    if rules == series:
        return ()
    return [published(policies.NUMBERING, series, version + 1, now, service.settings.node)]
