"""The worklist (办公桌): the queues of whoever is signed in, and across them what has to happen first. M1–M4."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from asyncpg import Record
from fastapi import APIRouter, Request
from starlette.responses import Response

from contracts.envelope import UNIT_SIDE, ActorRole
from contracts.offices import HEADS, REVIEWERS
from contracts.workdays import ZONE, Calendar, day_of
from services.portal.identity.reader import Reader
from services.portal.ledger.filters import Queue
from services.portal.web import templates
from services.portal.web.dependencies import Here, Reads
from services.portal.web.i18n import gettext as _
from services.portal.worklist import queries

router = APIRouter()

MOST = 50
"""Rows of the list across all queues."""


@dataclass(frozen=True)
class Card:
    """One queue: how many wait, how many of them are late or fall due today."""

    queue: Queue
    count: int
    late: int
    today: int


@dataclass(frozen=True)
class Waiting:
    """One row of the list: what has to happen, and by when, in words."""

    queue: Queue
    row: Record
    when: str
    late: bool
    today: bool


@router.get("/worklist")
async def worklist(request: Request, portal: Here, reader: Reads) -> Response:
    """Counts equal what opens; a row opens its task and never acts unseen."""
    now, calendar = datetime.now(UTC), (await portal.reference()).calendar
    ends = end_of_day(now)
    mine = list(queues(reader))
    counted = [(queue, await queries.count(portal.db, reader, queue, now, ends)) for queue in mine]
    cards = [Card(queue, row["n"], row["late"], row["today"]) for queue, row in counted]
    listed = [
        waiting(queue, row, now, calendar)
        for queue in mine
        for row in await queries.first(portal.db, reader, queue, now, MOST)
    ]
    listed.sort(key=lambda each: (each.row["at"] is None, each.row["at"] or now, str(each.row["id"])))
    total = sum(card.count for card in cards)
    return templates.page(request, "worklist.html", cards=cards, listed=listed[:MOST], total=total, now=now)


def queues(reader: Reader) -> Iterator[Queue]:
    """What may wait for somebody in these roles, in the order of a matter's life seen from its end."""
    if reader.may(*HEADS):
        yield Queue.DECIDE
    if reader.may(*REVIEWERS, *UNIT_SIDE):
        yield Queue.VERIFY
    if reader.may(ActorRole.SUPERVISOR):
        yield Queue.CLOSE
    if reader.may(*UNIT_SIDE):
        yield from (Queue.ACKNOWLEDGE, Queue.WORK)


def waiting(queue: Queue, row: Record, now: datetime, calendar: Calendar) -> Waiting:
    """Late and today as words, this year without the year."""
    at = row["at"]
    late, today = at is not None and at < now, at is not None and now <= at < end_of_day(now)
    return Waiting(queue, row, in_words(at, now, calendar), late, today)


def in_words(at: datetime | None, now: datetime, calendar: Calendar) -> str:
    """`超 1 个工作日`, `今天 18:00`, `12-02`; `长期跟踪` without a date."""
    if at is None:
        return _("长期跟踪")
    local, here = at.astimezone(ZONE), now.astimezone(ZONE)
    if at < now:
        days = calendar.workdays_between(day_of(at), day_of(now))
        return _("超 %(n)s 个工作日") % {"n": days} if days else _("今天已超时")
    if local.date() == here.date():
        return _("今天 %s") % f"{local:%H:%M}"
    return f"{local:%m-%d}" if local.year == here.year else f"{local:%Y-%m-%d}"


def end_of_day(now: datetime) -> datetime:
    """The midnight after this moment, in Beijing."""
    local = now.astimezone(ZONE)
    return (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
