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
from contracts.terms import NoticeCause
from contracts.workdays import day_of
from services.chassis.service import Service
from services.notices import settings, standing
from services.notices.documents.content import Document, canonical, numbered
from services.notices.documents.fonts import Fonts
from services.notices.documents.render import Unprintable, check
from services.notices.domain import guard
from services.notices.domain.climb import Climb
from services.notices.domain.letterhead import DocNumber, Letterhead
from services.notices.domain.notice import LARGEST, Notice
from services.notices.domain.paper import Terms, composed
from services.notices.domain.policy import LadderPolicy
from services.notices.domain.writing import several
from services.notices.store import climbs, facts, notices, policies

READING = threading.Lock()
"""The first to ask reads all fonts, which takes a second; the others wait for it rather than read them too."""


class Ready(NamedTuple):
    """A document that can be printed, numbered with a number that nobody has."""

    document: Document
    series: str
    terms: Terms
    policy: LadderPolicy


async def ready(notice: Notice, db: Connection, now: datetime, service: Service) -> Ready | Refused:
    """Everything that can be asked before the number is taken: form, characters, size."""
    parts = {part.assignment_id: part for part in await climbs.climbs(db, [i.assignment_id for i in notice.items])}
    if no := next(filter(None, (guard.at_rest(part, notice.kind, "/notice_id") for part in parts.values())), None):
        return no
    notice = replace(notice, items=tuple(_today(item, parts.get(item.assignment_id)) for item in notice.items))
    policy, own = await policies.ladder(db), settings.of(service)
    terms = await _terms(notice, policy, db, now, own)
    head = await _letterhead(notice, db, own, terms.demo)
    series, today = standing.letterheads(own).series_of(head, notice.kind), day_of(now)
    try:
        document = composed(notice, head, standing.wording(own), terms)
        document = numbered(document, str(DocNumber(series, today.year, 1)), today)
        await asyncio.to_thread(_fit, document, standing.fonts(own))
    except (ValidationError, Unprintable) as error:
        return _unprintable(error)
    if _size(document) > LARGEST:
        return guard.refused("too_large", "文书内容过长，请减少事项或文字，分成几件发文")
    return Ready(document, series, terms, policy)


async def signed(notice: Notice, actor: str, db: Connection, now: datetime, service: Service) -> NoticeSigned | Refused:
    """The document signed: its number is held until the transaction ends; refused, it holds none."""
    found = await ready(notice, db, now, service)
    if isinstance(found, Refused):
        return found
    document, series, terms, policy = found
    sequence = await notices.next_sequence(db, notice.issuer, series, document.date.year)
    number = DocNumber(series, document.date.year, sequence)
    final = numbered(document, str(number), document.date)
    return replace(notice, policy_version=policy.version).signed(number, final, terms.reply_by, actor, now)


def _today(item: NoticeItem, part: Climb | None) -> NoticeItem:
    """A matter as it stands at signing; why it was drafted stays."""
    return item.model_copy(update={"light": part.light, "due": part.due, "percent": part.percent}) if part else item


def _size(document: Document) -> int:
    """Bytes that the frozen content takes within its event, as a text."""
    return len(json.dumps(canonical(document).decode(), ensure_ascii=False).encode())


def _fit(document: Document, fonts: Fonts) -> None:
    with READING:
        check(document, fonts)


async def _terms(notice: Notice, policy: LadderPolicy, db: Connection, now: datetime, own: settings.Settings) -> Terms:
    calendar = await facts.calendar(db)
    before = await climbs.cited(db, notice.notice_id, [item.assignment_id for item in notice.items])
    return Terms(
        now=now,
        reply_by=policy.reply_by(notice.kind, now, calendar),
        mend_by=policy.days_after(policy.mend, now, calendar),
        cites=(notice.cites if notice.cause is NoticeCause.BY_HAND else "") or several(before),
        demo=own.demo or await policies.is_demo(db),
        verify_at=own.verify_at,
    )


async def _letterhead(notice: Notice, db: Connection, own: settings.Settings, demo: bool) -> Letterhead:
    name, short = await facts.unit_names(db, notice.issuer) or (notice.issuer_name, notice.issuer_name)
    return standing.letterheads(own).of(notice.issuer, name, short, demo)


def _unprintable(error: ValidationError | Unprintable) -> Refused:
    """What cannot be printed, in the words of whoever found it."""
    if isinstance(error, Unprintable):
        return guard.refused("unprintable", str(error))
    first = error.errors()[0]
    message = first["msg"].removeprefix("Value error, ")
    return guard.refused("unprintable", f"文书内容不合格式：{message}", field=".".join(map(str, first["loc"])))
