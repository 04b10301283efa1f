"""`/v1/search`, `/v1/rankings/{period}`, `/v1/events`: what there is to know."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from contracts.queries.search import SearchFor, SearchResult
from services.portal import desk
from services.portal.rest import shapes
from services.portal.web.problems import Refusal, granted
from services.portal.web.caller import Here, Reads
from services.portal.store import feed, rankings

router = APIRouter(tags=["查询"])


@router.get("/v1/search", operation_id="search", summary="全文搜索")
async def search(
    here: Here,
    reader: Reads,
    q: Annotated[str, Query(min_length=1, max_length=400)],
    kind: str = "",
    board: str = "",
    light: str = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    offset: Annotated[int, Query(ge=0, le=10_000)] = 0,
) -> SearchResult:
    """Over everything the token's unit may see."""
    kinds = (kind,) if kind else ()
    wish = SearchFor(text=q, scope=reader.scope, kinds=kinds, board=board, light=light, limit=limit, offset=offset)
    return granted(await desk.question(here.service, wish, SearchResult))


@router.get("/v1/rankings/{period}", operation_id="getRankings", summary="一个月的排名")
async def boards(here: Here, reader: Reads, period: Annotated[str, Path(pattern=r"^\d{4}-\d{2}$")]) -> shapes.Boards:
    """Every group's board, each score with its indicators."""
    found = await rankings.of_period(here.db, reader, period)
    if not found:
        raise Refusal(404, "not_found", "该月没有排名")
    return shapes.Boards(
        period=period, boards=[shapes.RankingBoard(group=g, **row) for g, row in sorted(found.items())]
    )


@router.get("/v1/events", operation_id="pullEvents", summary="拉取事件")
async def events(
    here: Here, reader: Reads, after: str = "", limit: Annotated[int, Query(ge=1, le=200)] = 100
) -> shapes.Events:
    """What concerns the token's unit, in order, each event at least once: drop what `data.version` shows as known."""
    pulled = await feed.after(here.db, reader, after, limit)
    return shapes.Events(events=[_event(row) for row in pulled.events], next=pulled.next)


def _event(row: feed.Record) -> shapes.CloudEvent:
    kind, source = f"cn.duban.{row['type']}.v1", f"/nodes/{row['owner']}"
    facts = {"id": row["event_id"], "subject": row["aggregate"], "time": row["time"], "data": feed.said(row)}
    return shapes.CloudEvent(type=kind, source=source, **facts)
