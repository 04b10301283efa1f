"""`/v1/rankings/{period}`: a month's rankings."""

from typing import Annotated

from fastapi import APIRouter, Path

from services.portal import refusals
from services.portal.rankings import queries
from services.portal.rankings.shapes import Rankings
from services.portal.web.caller import Here, Reads
from services.portal.web.problems import Refusal

router = APIRouter(tags=["查询"])


@router.get("/v1/rankings/{period}", operation_id="getRankings", summary="一个月的排名")
async def rankings(portal: Here, reader: Reads, period: Annotated[str, Path(pattern=r"^\d{4}-\d{2}$")]) -> Rankings:
    """Every group's ranking, each score with its indicators."""
    of_month = await queries.of_period(portal.db, reader, period)
    if not of_month:
        raise Refusal(refusals.not_found("该月没有排名"))
    return Rankings(period=period, rankings=[ranking for _, ranking in sorted(of_month.items())])
