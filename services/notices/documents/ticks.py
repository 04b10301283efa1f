"""Where time itself writes documents: assignments that are to be evaluated, drafts that go out by themselves."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from asyncpg import Connection

from contracts.envelope import Event
from contracts.refusals import Refused
from services.chassis import on_tick, tracing
from services.chassis.service import Service
from services.notices.documents import signing, store
from services.notices.documents.domain.notice import BY_ITSELF
from services.notices.documents.escalating import escalate_all
from services.notices.ladder.store import escalations, policies
from services.notices.settings import Settings

logger = structlog.get_logger(__name__)
HELD = timedelta(hours=1)
"""How long a draft that cannot be printed waits before it is tried again; a person may sign it any time."""


@on_tick
async def escalate(db: Connection, now: datetime, service: Service[Settings]) -> Sequence[Event]:
    """Evaluate up to 1,000 assignments whose time has come, and draft or withdraw what R3 asks for."""
    causes = await escalations.take_due(db, now)
    return await escalate_all(causes, db, now, service) if causes else ()


@on_tick
async def sign_automatic(db: Connection, now: datetime, service: Service[Settings]) -> Sequence[Event]:
    """Sign the next document that is approved beforehand and has its hour: each in a transaction of its own (R10)."""
    quiet = (await policies.ladder(db)).quiet
    while full := await store.next_automatic(db, now, quiet):
        tracing.now().turn_to(full.trace)
        event, id = await signing.sign(full, BY_ITSELF, db, now, service), full.notice.notice_id
        if not isinstance(event, Refused):
            return [event]
        logger.error("cannot go out by itself", notice=str(id), reason=event.message)
        await store.hold(db, id, now + HELD, event.message)
    return ()
