"""Documents that a person asks for: checked in order, then drafted, and signed in the same transaction if asked."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from asyncpg import Connection

from contracts.commands.notice import DraftNotice, RequestedRecipient
from contracts.envelope import Done, Event
from contracts.events.notice import NoticeEvent, NoticeSigned
from contracts.notice import Recipient
from contracts.refusals import Refused
from contracts.terms import NoticeCause
from services.chassis.service import Service
from services.notices import metrics
from services.notices.documents import signing, store
from services.notices.documents.configuration import wording
from services.notices.documents.domain import guard
from services.notices.documents.domain.notice import FullNotice, too_large
from services.notices.documents.domain.writing import written
from services.notices.ladder.domain.escalation import Escalation
from services.notices.ladder.domain.guard import not_raisable
from services.notices.ladder.domain.policy import LEVEL, LadderPolicy
from services.notices.ladder.store import escalations, facts, policies
from services.notices.refusals import Code, refuse
from services.notices.settings import Settings

Answered = tuple[Done | Refused, Sequence[Event]]


async def draft(command: DraftNotice, db: Connection, now: datetime, service: Service[Settings]) -> Answered:
    """A new document; with `sign`, signed too."""
    await escalations.alone(db)
    ids = list(dict.fromkeys(command.assignments))
    stored = {each.assignment.assignment_id: each for each in await escalations.escalations(db, ids)}
    about, policy = [stored[id] for id in ids if id in stored], await policies.ladder(db)
    if no := guard.missing(ids, stored) or await _no_draft(command, about, policy, db, now, service):
        return no, ()
    issuer = about[0].assignment.issuer
    recipients = await _from_register(command.recipients, "recipients", issuer, db)
    copies = await _from_register(command.copies, "copies", issuer, db)
    if isinstance(recipients, Refused):
        return recipients, ()
    if isinstance(copies, Refused):
        return copies, ()
    full = written(command, about, recipients, copies, wording(service.settings), policy.version, now)
    return await _drafted(command, full, db, now, service)


async def _no_draft(
    command: DraftNotice, about: Sequence[Escalation], policy: LadderPolicy, db: Connection, now: datetime,
    service: Service[Settings],
) -> Refused | None:  # fmt: skip
    calendar, actor, kind = await facts.calendar(db), command.actor, command.kind
    assignments = [each.assignment for each in about]
    return (
        guard.not_drafter(actor, assignments)
        or (guard.not_signer(actor, assignments, kind) if command.sign else None)
        or guard.mixed(assignments, service.settings.node)
        or next(filter(None, (not_raisable(e, kind, command.reason, now, policy, calendar) for e in about)), None)
    )


async def _from_register(
    requested: Sequence[RequestedRecipient], field: str, issuer: str, db: Connection
) -> tuple[Recipient, ...] | Refused:
    """These units, each by the name that the register gives it."""
    units = await store.units(db, [issuer, *(each.unit for each in requested)])
    for n, each in enumerate(requested):
        pointer = f"/{field}/{n}/unit"
        if no := guard.unreachable(each, issuer, units, pointer):
            return no
    return tuple(Recipient(unit=each.unit, name=units[each.unit].short) for each in requested)


async def _drafted(
    command: DraftNotice, full: FullNotice, db: Connection, now: datetime, service: Service[Settings]
) -> Answered:
    drafted = full.drafted()
    full = replace(full, notice=drafted.notice)
    if too_large(drafted):
        return refuse(Code.TOO_LARGE, "事项过多或文字过长，请分成几件发文", "/assignments"), ()
    signed: NoticeSigned | signing.Prepared | Refused
    if command.sign:
        signed = await signing.sign(full, command.actor.person, db, now, service)
    else:
        signed = await signing.prepare(full, db, now, service)
    if isinstance(signed, Refused):
        return signed.model_copy(update={"pointer": _field(signed)}), ()
    if command.kind in LEVEL:
        metrics.ESCALATIONS.labels(command.kind, NoticeCause.BY_HAND).inc()
    events: list[NoticeEvent] = [drafted, *([signed] if isinstance(signed, NoticeSigned) else [])]
    notice = events[-1].notice
    detail = {"notice_id": str(notice.notice_id), "number": notice.number}
    return Done(aggregate=drafted.aggregate, version=notice.version, detail=detail), events


def _field(refusal: Refused) -> str:
    """Of a person's own words only the title and the paragraphs are printed as they are."""
    return "/title" if refusal.detail.get("field") == "title" else "/paragraphs"
