"""`/v1/search`: full-text search."""

from typing import Annotated

from fastapi import APIRouter, Query

from contracts.queries.search import SearchFor, SearchResult
from services.portal.web import command_client
from services.portal.web.caller import Here, Reads
from services.portal.web.problems import done

router = APIRouter(tags=["查询"])


@router.get("/v1/search", operation_id="search", summary="全文搜索")
async def search(
    portal: Here,
    reader: Reads,
    q: Annotated[str, Query(min_length=1, max_length=400)],
    kind: str = "",
    board: str = "",
    light: str = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    offset: Annotated[int, Query(ge=0, le=10_000)] = 0,
) -> SearchResult:
    """Over everything the token's unit may see."""
    question = SearchFor(
        text=q,
        reader=reader.eyes,
        kinds=(kind,) if kind else (),
        board=board,
        light=light,
        limit=limit,
        offset=offset,
    )
    return done(await command_client.query(portal.service, question, SearchResult))
