"""One look at many parts: what the ladder decides of each, gathered into documents."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog
from asyncpg import Connection

from contracts.envelope import Event
from contracts.workdays import Calendar
from services.chassis.service import Service
from services.notices import metrics, settings, standing
from services.notices.domain.climb import Climb
from services.notices.domain.ladder import Decision, Raise, Wish, Withdraw, decide
from services.notices.domain.lists import Drafts, keys_of
from services.notices.domain.notice import Notice
from services.notices.domain.policy import LEVEL
from services.notices.store import climbs, facts, notices, policies

logger = structlog.get_logger(__name__)
Decided = list[tuple[Climb, Decision]]


async def climbed(ids: Sequence[UUID], db: Connection, now: datetime, service: Service) -> Sequence[Event]:
    """What the ladder says of these parts now; it acts only where this node owns the task."""
    await climbs.alone(db)
    policy, calendar = await policies.ladder(db), await facts.calendar(db)
    parts = [part for part in await climbs.climbs(db, ids) if part.owner == service.settings.node]
    decided = [(part, decide(part, now, policy, calendar)) for part in parts]
    await climbs.look_at(db, [(part.assignment_id, step.next_at) for part, step in decided if step.next_at])
    wanted = [(part, step) for part, step in decided if step.wishes]
    if not wanted:
        return ()
    drafts = Drafts(
        await _touched(wanted, db, now, calendar), policy, calendar, standing.wording(settings.of(service)), now
    )
    for part, step in wanted:
        drafts.take(part, step)
    _count([wish for _, step in wanted for wish in step.wishes])
    return drafts.said()


async def _touched(wanted: Decided, db: Connection, now: datetime, calendar: Calendar) -> dict[UUID, Notice]:
    """The drafts that may lose a part, and the lists that may gain one, locked."""
    drafts = [wish.notice_id for _, step in wanted for wish in step.wishes if isinstance(wish, Withdraw)]
    lists = [key for part, step in wanted for key in keys_of(part, step, now, calendar)]
    return await notices.notices(db, drafts, lists)


def _count(wishes: Sequence[Wish]) -> None:
    reasons = Counter(str(wish.reason) for wish in wishes)
    logger.info("the ladder wants", **reasons)
    for wish in wishes:
        if isinstance(wish, Raise) and wish.kind in LEVEL:
            metrics.ESCALATIONS.labels(wish.kind, wish.reason).inc()
