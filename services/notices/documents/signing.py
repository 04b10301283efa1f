"""Signing: everything is checked first, then the number is taken, and nothing comes after it (R10)."""

import asyncio
import json
import threading
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from asyncpg import Connection
from pydantic import ValidationError

from contracts.events.notice import NoticeSigned
from contracts.notice import NoticeItem
from contracts.refusals import Refused
from contracts.secrecy import refuse_classified
from contracts.terms import NoticeCause
from contracts.workdays import day_of
from services.chassis.service import Service
from services.notices.documents import configuration, store
from services.notices.documents.domain.composition import Terms, composed
from services.notices.documents.domain.content import Document, canonical, numbered, texts
from services.notices.documents.domain.notice import LARGEST, FullNotice, signed
from services.notices.documents.domain.writing import several
from services.notices.documents.fonts import Fonts
from services.notices.documents.render import Unprintable, check
from services.notices.ladder.domain.escalation import Escalation
from services.notices.ladder.domain.guard import at_rest
from services.notices.ladder.domain.policy import LadderPolicy
from services.notices.ladder.store import escalations, facts, policies, rungs
from services.notices.numbers.domain import DocNumber, Letterhead
from services.notices.numbers.letterheads import letterheads
from services.notices.numbers.store import take_next
from services.notices.refusals import Code, refuse
from services.notices.settings import Settings

READING = threading.Lock()
"""The first to ask reads all fonts, which takes a second; the others wait for it rather than read them too."""


class Prepared(NamedTuple):
    """A document that can be printed, numbered with a number that nobody has."""

    document: Document
    series: str
    terms: Terms
    policy: LadderPolicy


async def prepare(full: FullNotice, db: Connection, now: datetime, service: Service[Settings]) -> Prepared | Refused:
    """Everything that can be asked before the number is taken: form, characters, size."""
    ids, kind = [item.assignment_id for item in full.items], full.notice.kind
    stored = {each.assignment.assignment_id: each for each in await escalations.escalations(db, ids)}
    if no := next(filter(None, (at_rest(e.assignment, kind, "/notice_id") for e in stored.values())), None):
        return no
    full = replace(full, items=tuple(_as_of_today(item, stored.get(item.assignment_id)) for item in full.items))
    policy, own, today = await policies.ladder(db), service.settings, day_of(now)
    terms = await _terms(full, policy, db, now, own)
    head = await _letterhead(full, db, own, terms.demo)
    series = letterheads(own).series_of(head, kind)
    try:
        document = composed(full, head, configuration.wording(own), terms)
        document = numbered(document, str(DocNumber(series, today.year, 1)), today)
        await asyncio.to_thread(_check_characters, document, configuration.fonts(own))
    except (ValidationError, Unprintable) as error:
        return _unprintable(error)
    return _unacceptable(document) or Prepared(document, series, terms, policy)


async def sign(
    full: FullNotice, actor: str, db: Connection, now: datetime, service: Service[Settings]
) -> NoticeSigned | Refused:
    """The document signed: its number is held until the transaction ends; refused, it holds none."""
    prepared = await prepare(full, db, now, service)
    if isinstance(prepared, Refused):
        return prepared
    document, series, terms, policy = prepared
    sequence = await take_next(db, full.notice.issuer, series, document.date.year)
    number = DocNumber(series, document.date.year, sequence)
    final = numbered(document, str(number), document.date)
    more = {"reply_by": terms.reply_by, "cites": terms.cites, "policy_version": policy.version}
    return signed(full.notice, number, final, actor, now, **more)


def _as_of_today(item: NoticeItem, stored: Escalation | None) -> NoticeItem:
    """A matter as it stands at signing; why it was drafted stays."""
    if stored is None:
        return item
    assignment = stored.assignment
    return item.model_copy(update={"light": stored.light, "due": assignment.due, "percent": assignment.percent})


def _unacceptable(document: Document) -> Refused | None:
    """Too long for its event, or marked as classified, wherever the words came from."""
    if len(json.dumps(canonical(document).decode(), ensure_ascii=False).encode()) > LARGEST:
        return refuse(Code.TOO_LARGE, "文书内容过长，请减少事项或文字，分成几件发文", "/notice_id")
    for text in texts(document):
        try:
            refuse_classified(text)
        except ValueError as error:
            field = "title" if text == document.title else ""
            return refuse(Code.CLASSIFIED, f"文书{error}", "/notice_id", field=field)
    return None


def _check_characters(document: Document, fonts: Fonts) -> None:
    with READING:
        check(document, fonts)


async def _terms(full: FullNotice, policy: LadderPolicy, db: Connection, now: datetime, own: Settings) -> Terms:
    calendar, notice = await facts.calendar(db), full.notice
    before = await rungs.cited(db, notice.notice_id, [item.assignment_id for item in full.items])
    return Terms(
        now=now,
        reply_by=policy.reply_by(notice.kind, now, calendar),
        mend_by=policy.days_after(policy.mend, now, calendar),
        cites=(notice.cites if notice.cause is NoticeCause.BY_HAND else "") or several(before),
        demo=own.demo or await store.is_demo(db),
        verify_at=own.verify_at,
    )


async def _letterhead(full: FullNotice, db: Connection, own: Settings, demo: bool) -> Letterhead:
    issuer = full.notice.issuer
    unit = (await store.units(db, [issuer])).get(issuer)
    names = (unit.name, unit.short) if unit else (full.notice.issuer_name,) * 2
    return letterheads(own).of(issuer, *names, demo)


def _unprintable(error: ValidationError | Unprintable) -> Refused:
    """What cannot be printed, in the words of the check that failed."""
    if isinstance(error, Unprintable):
        return refuse(Code.UNPRINTABLE, str(error), "/notice_id")
    first = error.errors()[0]
    message, field = first["msg"].removeprefix("Value error, "), ".".join(map(str, first["loc"]))
    return refuse(Code.UNPRINTABLE, f"文书内容不合格式：{message}", "/notice_id", field=field)
