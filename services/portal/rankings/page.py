"""The month's boards, three groups; every score opens into its indicators, their figures and their rule. R4, R5."""

import re
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from contracts.commands.ranking import PublishRanking
from contracts.envelope import ActorRole, Command
from contracts.refusals import Refused
from contracts.terms import PeerGroup
from contracts.workdays import ZONE
from services.portal import view
from services.portal.identity.reader import Reader
from services.portal.web.dependencies import Front, Here, Reads, Writes, needs
from services.portal.task.action_routes import done, read
from services.portal.store import rankings, units
from services.portal.web.formats import number

router = APIRouter()


@router.get("/rankings")
async def boards(
    request: Request, front: Here, reader: Reads, period: str = "", group: str = PeerGroup.CITY, unit: str = ""
) -> Response:
    """One board of one month; `unit` opens one row."""
    known = await rankings.periods(front.db, reader)
    month = period if re.fullmatch(r"\d{4}-\d{2}", period) else (known[0] if known else "")
    found = await rankings.of_period(front.db, reader, month)
    before = await rankings.of_period(front.db, reader, previous(month)) if month else {}
    shown = group if group in set(PeerGroup) else PeerGroup.CITY
    if shown not in found and found:
        shown = next(iter(found))
    places = {row["unit"]: row["rank"] for row in (before.get(shown) or {}).get("standings", ())}
    context: dict[str, Any] = {
        "periods": known,
        "period": month,
        "group": shown,
        "board": found.get(shown),
        "groups": sorted(found),
        "before": places,
        "rules": await rules(front, found.get(shown)),
        "sum_of": sum_of,
        "unit": unit,
        "publishes": reader.may(ActorRole.SUPERVISOR) and _over(month),
    }
    return view.page(request, "rankings.html", refusal=None, **context)


@router.post("/rankings/{period}/publish")
async def publish(request: Request, period: str, front: Here, reader: Writes) -> Response:
    """Publish a month that is over; nobody can set a rank."""
    needs(reader, ActorRole.SUPERVISOR)
    form = await request.form()
    wish = read(PublishRanking, {"id": form.get("id"), "actor": reader.actor, "period": period})
    answer = await front.send(wish) if isinstance(wish, Command) else wish
    if isinstance(answer, Refused):
        raise HTTPException(422, answer.message)
    return done("/rankings", "publish", answer)


async def rules(front: Front, board: dict[str, Any] | None) -> dict[str, dict[str, Any]]:
    """The rule of each indicator as it was published in the version the board was computed with."""
    if board is None:
        return {}
    scheme = await units.rule(front.db, "ranking", "monthly", board["scheme_version"])
    return {measure["indicator"]: measure for measure in scheme.get("measures", ())}


def sum_of(cell: dict[str, Any], rule: dict[str, Any]) -> str:
    """How the points of a cell come about, as a sum anyone can do again (R4)."""
    weight, top, bottom = (number(cell[name]) for name in ("weight", "numerator", "denominator"))
    if rule.get("method") == "deduct":
        return f"max({number(rule['floor'])}, {weight} − {number(rule['per_unit'])} × {top} ÷ {bottom})"
    return f"{weight} × min(1, {top} ÷ {bottom})"


def previous(month: str) -> str:
    """The month before: `2026-01` → `2025-12`."""
    year, number = (int(part) for part in month.split("-"))
    return f"{year - 1}-12" if number == 1 else f"{year}-{number - 1:02}"


def _over(month: str) -> bool:
    return bool(month) and month < f"{datetime.now(UTC).astimezone(ZONE):%Y-%m}"


async def latest(front: Front, reader: Reader, groups: tuple[PeerGroup, ...]) -> tuple[str, dict[str, Any]] | None:
    """The latest published board of the first of these groups there is, else the running one; with its month."""
    running = None
    for month in await rankings.periods(front.db, reader):
        found = await rankings.of_period(front.db, reader, month)
        for group in (group for group in groups if group in found):
            if found[group]["published"]:
                return month, found[group]
            running = running or (month, found[group])
    return running
