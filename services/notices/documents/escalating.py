"""One evaluation of many assignments: what the ladder proposes for each, gathered into documents."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import structlog
from asyncpg import Connection

from contracts.envelope import Event
from contracts.events.notice import NoticeAmended, NoticeDrafted
from contracts.workdays import Calendar
from services.chassis import tracing
from services.chassis.service import Service
from services.notices import metrics
from services.notices.documents import store
from services.notices.documents.configuration import wording
from services.notices.documents.domain.lists import Drafts, Drawn, keys_of
from services.notices.ladder.domain.escalation import Escalation
from services.notices.ladder.domain.evaluation import Decision, Proposal, Raise, Withdraw, decide
from services.notices.ladder.domain.policy import LEVEL
from services.notices.ladder.store import escalations, facts, policies
from services.notices.settings import Settings

logger = structlog.get_logger(__name__)
Decided = Sequence[tuple[Escalation, Decision]]


async def escalate_all(
    causes: Mapping[UUID, str], db: Connection, now: datetime, service: Service[Settings]
) -> Sequence[Event]:
    """The drafts and withdrawals for these assignments, each with the traceparent because of which it is evaluated.

    The ladder acts only where this node owns the task.
    """
    await escalations.alone(db)
    policy, calendar = await policies.ladder(db), await facts.calendar(db)
    own = [e for e in await escalations.escalations(db, list(causes)) if e.assignment.owner == service.settings.node]
    decided = [(each, decide(each, now, policy, calendar)) for each in own]
    await escalations.evaluate_at(db, [(e.assignment.assignment_id, d.next_at) for e, d in decided if d.next_at])
    acting = [(each, decision) for each, decision in decided if decision.proposals]
    if not acting:
        return ()
    ids, keys = _touched(acting, now, calendar)
    stored, standing = await store.notices(db, ids, keys, policy.list_limit), await store.lists(db, keys)
    drafts = Drafts(stored, standing, policy, calendar, wording(service.settings), now)
    for each, decision in acting:
        drafts.follow(each, decision)
    _count([proposal for _, decision in acting for proposal in decision.proposals])
    events = drafts.events()
    tracing.now().turn_to(causes=_causes(acting, events, causes))
    return events


def _touched(acting: Decided, now: datetime, calendar: Calendar) -> tuple[list[UUID], list[str]]:
    """The drafts that may lose an assignment, and the lists that may gain one."""
    drafts = [p.notice_id for _, decision in acting for p in decision.proposals if isinstance(p, Withdraw)]
    lists = [key for each, decision in acting for key in keys_of(each.assignment, decision, now, calendar)]
    return drafts, list(dict.fromkeys(lists))


def _causes(acting: Decided, events: Sequence[Drawn], causes: Mapping[UUID, str]) -> dict[str, str]:
    """What caused each document, by its order key: a matter that is new to it, or left it."""
    by_notice = {
        proposal.notice_id: causes[each.assignment.assignment_id]
        for each, decision in acting
        for proposal in decision.proposals
        if isinstance(proposal, Withdraw)
    }
    by_key = dict[str, str]()
    for event in events:
        items = event.items if isinstance(event, NoticeDrafted | NoticeAmended) else ()
        causing = [causes[item.assignment_id] for item in items if causes.get(item.assignment_id)]
        by_key[event.order_key] = causing[-1] if causing else by_notice.get(event.notice.notice_id, "")
    return by_key


def _count(proposals: Sequence[Proposal]) -> None:
    logger.info("the ladder proposes", **Counter(str(proposal.reason) for proposal in proposals))
    for proposal in proposals:
        if isinstance(proposal, Raise) and proposal.kind in LEVEL:
            metrics.ESCALATIONS.labels(proposal.kind, proposal.reason).inc()
