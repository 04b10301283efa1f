"""The ladder's own first word: its policy."""

from collections.abc import Sequence
from datetime import datetime

from asyncpg import Connection

from contracts.envelope import Event
from services.chassis import on_tick
from services.chassis.service import Service
from services.notices.ladder.domain.policy import LadderPolicy, published
from services.notices.ladder.store import policies


@on_tick
async def publish_ladder(db: Connection, now: datetime, service: Service) -> Sequence[Event]:
    """Publish the ladder this version comes with, unless it or a newer one is in force."""
    ladder = LadderPolicy()
    if (await policies.current(db, policies.LADDER))[0] >= ladder.version:
        return ()
    rules = ladder.model_dump(mode="json", exclude={"version"})
    return [published(policies.LADDER, rules, ladder.version, now, service.settings.node)]
