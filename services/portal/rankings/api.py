"""`/v1/rankings/{period}`: a month's rankings."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from services.portal import refusals
from services.portal.rankings import queries
from services.portal.rankings.shapes import Rankings
from services.portal.web.caller import Here, Reads
from services.portal.web.etags import SINGLE, Asked, single
from services.portal.web.problems import Refusal

router = APIRouter(tags=["rankings"])


@router.get(
    "/v1/rankings/{period}",
    operation_id="getRankings",
    summary="A month's rankings (一个月的排名)",
    responses=SINGLE,
    response_model=Rankings,
)
async def rankings(
    request: Asked,
    portal: Here,
    reader: Reads,
    period: Annotated[str, Path(pattern=r"^[0-9]{4}-[0-9]{2}$", description="The month, such as `2026-10` (月份).")],
) -> Response:
    """Every group's published ranking, each score with its indicators."""
    of_month = await queries.of_period(portal.db, reader, period)
    if not of_month:
        raise Refusal(refusals.not_found("该月没有排名"))
    return single(request, Rankings(period=period, rankings=[ranking for _, ranking in sorted(of_month.items())]))
