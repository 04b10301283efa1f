"""What a person asks for with a document, and the last state of each."""

from collections.abc import Sequence
from datetime import datetime

from asyncpg import Connection

from contracts.commands.notice import DraftNotice, SignNotice, VoidNotice
from contracts.envelope import Done
from contracts.events.notice import NoticeAmended, NoticeDrafted, NoticeEvent, NoticeSigned
from contracts.events.register import UnitEvent
from contracts.refusals import Refused
from services.chassis import applies, on_command, on_event, tracing
from services.chassis.service import Service
from services.notices.deliveries import store as deliveries
from services.notices.deliveries.domain import withdraw
from services.notices.documents import drafting, signing, store
from services.notices.documents.domain import guard
from services.notices.documents.domain.notice import voided
from services.notices.documents.drafting import Answered
from services.notices.ladder.store import escalations, rungs
from services.notices.ladder.store.rungs import DraftedItems
from services.notices.numbers.store import count
from services.notices.refusals import Code, refuse, stale
from services.notices.settings import Settings

UNKNOWN = refuse(Code.NOT_FOUND, "没有这件文书", "/notice_id")


@on_event(UnitEvent, batch=True)
async def on_unit(events: list[UnitEvent], db: Connection) -> None:
    """Names for letterheads and recipients, and what each office oversees."""
    await store.save_units(db, [event.unit for event in events])


@on_command(DraftNotice)
async def draft_notice(command: DraftNotice, db: Connection, now: datetime, service: Service[Settings]) -> Answered:
    """A document by hand (R10)."""
    return await drafting.draft(command, db, now, service)


@on_command(SignNotice)
async def sign_notice(command: SignNotice, db: Connection, now: datetime, service: Service[Settings]) -> Answered:
    """One click: number and content; the PDF follows by itself (R10)."""
    full = await store.notice(db, command.notice_id)
    if full is None:
        return UNKNOWN, ()
    notice, actor = full.notice, command.actor
    tracing.now().link(full.trace)
    no = guard.not_signer(actor, [notice], notice.kind) or stale(command, notice.version) or guard.not_signable(notice)
    event = no or await signing.sign(full, actor.person, db, now, service)
    if isinstance(event, Refused):
        return event, ()
    detail = {"notice_id": str(notice.notice_id), "number": event.notice.number, "digest": event.notice.digest}
    return Done(aggregate=event.aggregate, version=event.version, detail=detail), [event]


@on_command(VoidNotice)
async def void_notice(command: VoidNotice, db: Connection, now: datetime) -> Answered:
    """A draft is withdrawn; a number stays void on record, and its deliveries are withdrawn."""
    full = await store.notice(db, command.notice_id)
    if full is None:
        return UNKNOWN, ()
    notice, reason, actor = full.notice, command.reason, command.actor
    no = guard.not_voider(actor, notice) or stale(command, notice.version) or guard.ended(notice)
    if no:
        return no, ()
    event = voided(notice, reason, actor.person, now)
    sent = await deliveries.of_notice(db, notice.notice_id)
    over = await deliveries.overseers(db, [each.unit for each in sent])
    withdrawn = [withdraw(delivery, over, reason, actor.person, now) for delivery in sent]
    detail = {"notice_id": str(notice.notice_id), "number": notice.number}
    return Done(aggregate=event.aggregate, version=event.version, detail=detail), [event, *withdrawn]


@applies(NoticeDrafted, NoticeAmended, batch=True)
async def store_drafts(events: Sequence[NoticeDrafted | NoticeAmended], db: Connection) -> None:
    """Only these two events carry the words of a draft; each matter is a rung."""
    await store.save(db, events)
    await store.save_words(db, events)
    raised = await rungs.save_drafts(db, [DraftedItems(event.notice, event.items, event.time) for event in events])
    await escalations.evaluate(db, dict.fromkeys(raised, ""))


@applies(NoticeSigned)
async def store_signed(event: NoticeSigned, db: Connection) -> None:
    """Only this event carries the content that is rendered; the number is counted, the reply clock begins."""
    await store_notices([event], db)
    await store.save_content(db, event)
    await count(db, event.notice)


@applies(NoticeEvent, batch=True, latest=True)
async def store_notices(events: Sequence[NoticeEvent], db: Connection) -> None:
    """The last states, and what they mean for rungs."""
    states = await store.save(db, events)
    await escalations.evaluate(db, dict.fromkeys(await rungs.follow(db, states), ""))
