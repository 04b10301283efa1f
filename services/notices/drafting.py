"""What a person asks for: drafts by hand, signatures, voids, receipts; checked in order, then said."""

from collections.abc import Sequence
from datetime import datetime

from asyncpg import Connection

from contracts.commands.notice import DraftNotice, ReceiveNotice, SignNotice, VoidNotice
from contracts.envelope import Done, Event
from contracts.events.delivery import DeliveryReceived
from contracts.events.notice import NoticeDrafted, NoticeSigned
from contracts.refusals import Refused
from contracts.terms import NoticeCause
from services.chassis.service import Service
from services.notices import metrics, settings, signing, standing
from services.notices.domain import guard
from services.notices.domain.climb import Climb
from services.notices.domain.notice import Notice, too_large
from services.notices.domain.policy import LEVEL, LadderPolicy
from services.notices.domain.writing import written
from services.notices.store import climbs, delivering, facts, notices, policies

Answered = tuple[Done | Refused, Sequence[Event]]


async def drafted(command: DraftNotice, db: Connection, now: datetime, service: Service) -> Answered:
    """A new document; with `sign`, signed in the same transaction."""
    await climbs.alone(db)
    ids = list(dict.fromkeys(command.assignments))
    known = {climb.assignment_id: climb for climb in await climbs.climbs(db, ids)}
    parts, policy = [known[id] for id in ids if id in known], await policies.ladder(db)
    if no := guard.missing(ids, list(known)) or await _no_draft(command, parts, policy, db, now, service):
        return no, ()
    if no := await _unknown_units(command, db):
        return no, ()
    notice = written(command, parts, standing.wording(settings.of(service)), policy.version)
    draft = notice.drafted(command.actor.person, now)
    if too_large(draft):
        return guard.refused("too_large", "事项过多或文字过长，请分成几件发文", "/assignments"), ()
    return await _with_signature(command, notice, draft, db, now, service)


async def _no_draft(
    command: DraftNotice, parts: Sequence[Climb], policy: LadderPolicy, db: Connection, now: datetime, service: Service
) -> Refused | None:
    calendar, issuer, actor = await facts.calendar(db), parts[0].issuer, command.actor
    reasons = (guard.not_climbing(part, command.kind, command.reason, now, policy, calendar) for part in parts)
    return (
        guard.not_drafter(actor, issuer)
        or (guard.not_signer(actor, issuer, command.kind) if command.sign else None)
        or guard.mixed(parts, service.settings.node)
        or next(filter(None, reasons), None)
    )


async def _unknown_units(command: DraftNotice, db: Connection) -> Refused | None:
    for field, units in (("recipients", command.recipients), ("copies", command.copies)):
        known = await facts.registered(db, [unit.unit for unit in units])
        for n, unit in enumerate(units):
            if unit.unit not in known:
                return guard.refused("unknown_unit", f"名录中没有单位 {unit.unit}（{unit.name}）", f"/{field}/{n}/unit")
    return None


async def _with_signature(
    command: DraftNotice, notice: Notice, draft: NoticeDrafted, db: Connection, now: datetime, service: Service
) -> Answered:
    said: list[Event] = [draft]
    known = notice.said_so_far(1)
    event: NoticeSigned | signing.Ready | Refused
    if command.sign:
        event = await signing.signed(known, command.actor.person, db, now, service)
    else:
        event = await signing.ready(known, db, now, service)
    if isinstance(event, Refused):
        return event.model_copy(update={"pointer": _field(event)}), ()
    said += [event] if isinstance(event, NoticeSigned) else []
    if notice.kind in LEVEL:
        metrics.ESCALATIONS.labels(notice.kind, NoticeCause.BY_HAND).inc()
    detail = {"notice_id": str(notice.notice_id), "number": getattr(event, "number", "")}
    return Done(aggregate=draft.aggregate, version=len(said), detail=detail), said


def _field(refusal: Refused) -> str:
    """Of a person's own words only the title and the paragraphs are printed as they are."""
    return "/title" if refusal.detail.get("field") == "title" else "/paragraphs"


async def signed(command: SignNotice, db: Connection, now: datetime, service: Service) -> Answered:
    """A draft becomes a numbered document."""
    notice = await notices.notice(db, command.notice_id)
    if notice is None:
        return unknown("没有这件文书", "/notice_id"), ()
    no = guard.not_signer(command.actor, notice.issuer, notice.kind) or guard.not_signable(notice)
    if no := no or guard.stale(command, notice.version):
        return no, ()
    event = await signing.signed(notice, command.actor.person, db, now, service)
    if isinstance(event, Refused):
        return event, ()
    detail = {"notice_id": str(notice.notice_id), "number": event.number, "digest": event.digest}
    return Done(aggregate=event.aggregate, version=event.version, detail=detail), [event]


async def voided(command: VoidNotice, db: Connection, now: datetime) -> Answered:
    """A draft is withdrawn; a number stays void on record, and its recipients are told."""
    notice = await notices.notice(db, command.notice_id)
    if notice is None:
        return unknown("没有这件文书", "/notice_id"), ()
    no = guard.not_voider(command.actor, notice) or guard.not_voidable(notice)
    if no := no or guard.stale(command, notice.version):
        return no, ()
    event = notice.voided(command.reason, command.actor.person, now)
    deliveries = await delivering.deliveries_of(db, notice.notice_id)
    told = [delivery.withdraw(command.reason, now) for delivery in deliveries]
    detail = {"notice_id": str(notice.notice_id), "number": notice.number}
    return Done(aggregate=event.aggregate, version=event.version, detail=detail), [event, *told]


async def received(command: ReceiveNotice, db: Connection, now: datetime) -> Answered:
    """A unit signs for a document."""
    delivery = await delivering.delivery(db, command.delivery_id)
    if delivery is None:
        return unknown("没有这件送达文书", "/delivery_id"), ()
    no = guard.not_receiver(command.actor, delivery) or guard.not_receivable(delivery)
    if no := no or guard.stale(command, delivery.version):
        return no, ()
    event: DeliveryReceived = delivery.received(command.actor.person, now)
    return Done(aggregate=event.aggregate, version=event.version, detail={"number": delivery.number}), [event]


def unknown(message: str, pointer: str) -> Refused:
    """It does not exist here."""
    return guard.refused("not_found", message, pointer)
