"""The months' rankings; every score opens into its indicators, their figures and their rule. R4, R5."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from contracts.commands.ranking import PublishRanking
from contracts.envelope import ActorRole
from contracts.offices import oversees
from contracts.ranking import Ranking, Score
from contracts.refusals import Refused
from contracts.terms import PeerGroup
from contracts.workdays import ZONE
from services.portal.identity.reader import Reader
from services.portal.rankings import queries
from services.portal.register import queries as register
from services.portal.web import forms, templates
from services.portal.web.dependencies import Here, Portal, Reads, Writes, needs
from services.portal.web.formats import number
from services.portal.web.forms import Form

router = APIRouter()


@router.get("/rankings")
async def rankings(
    request: Request, portal: Here, reader: Reads, period: str = "", group: str = PeerGroup.CITY, unit: str = ""
) -> Response:
    """One ranking of one month; `unit` opens one row."""
    periods = await queries.periods(portal.db, reader)
    month = period if re.fullmatch(r"\d{4}-\d{2}", period) else (periods[0] if periods else "")
    of_month = await queries.of_period(portal.db, reader, month)
    chosen = group if group in of_month or not of_month else next(iter(of_month))
    ranking = of_month.get(chosen)
    context: dict[str, Any] = {
        "periods": periods,
        "period": month,
        "group": chosen if chosen in set(PeerGroup) else PeerGroup.CITY,
        "ranking": ranking,
        "before": await before(portal, reader, month, chosen),
        "rules": await rules(portal, ranking),
        "sum_of": sum_of,
        "unit": unit,
        "publishes": bool(ranking and oversees(reader.actor, ranking, ActorRole.SUPERVISOR) and _over(month)),
    }
    return templates.page(request, "rankings.html", **context)


@router.post("/rankings/{period}/publish")
async def publish(request: Request, period: str, portal: Here, reader: Writes) -> Response:
    """Publish a month that is over; nobody can set a rank."""
    needs(reader, ActorRole.SUPERVISOR)
    form = await request.form()
    answer = await forms.send(portal, Form(PublishRanking).read(form, actor=reader.actor, period=period))
    if isinstance(answer, Refused):
        raise HTTPException(templates.status_of(answer), answer.message)
    return forms.back("/rankings", "publish", answer)


async def before(portal: Portal, reader: Reader, month: str, group: str) -> dict[str, int]:
    """The ranks of the month before, by unit."""
    ranking = (await queries.of_period(portal.db, reader, previous(month))).get(group) if month else None
    return {row.unit: row.rank for row in ranking.rows} if ranking else {}


async def rules(portal: Portal, ranking: Ranking | None) -> dict[str, dict[str, Any]]:
    """The rule of each indicator as it was published in the version the ranking was computed with."""
    if ranking is None:
        return {}
    scheme = await register.policy(portal.db, "ranking", "monthly", ranking.scheme_version)
    return {measure["indicator"]: measure for measure in scheme.get("measures", ())}


def sum_of(score: Score, rule: dict[str, Any]) -> str:
    """How the points of an indicator come about, as a sum anyone can do again (R4)."""
    weight, top, bottom = number(score.weight), number(score.numerator), number(score.denominator)
    if rule.get("method") == "deduct":
        return f"max({number(rule['floor'])}, {weight} − {number(rule['per_unit'])} × {top} ÷ {bottom})"
    return f"{weight} × min(1, {top} ÷ {bottom})"


def previous(month: str) -> str:
    """The month before: `2026-01` → `2025-12`."""
    year, number = (int(part) for part in month.split("-"))
    return f"{year - 1}-12" if number == 1 else f"{year}-{number - 1:02}"


def _over(month: str) -> bool:
    return bool(month) and month < f"{datetime.now(UTC).astimezone(ZONE):%Y-%m}"


async def latest(portal: Portal, reader: Reader, groups: Sequence[str]) -> Ranking | None:
    """The latest published ranking of the first of these groups there is, else the running one."""
    running = None
    for month in await queries.periods(portal.db, reader):
        of_month = await queries.of_period(portal.db, reader, month)
        for ranking in (of_month[group] for group in groups if group in of_month):
            if ranking.published:
                return ranking
            running = running or ranking
    return running
