"""`/v1/search`: full-text search."""

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query

from contracts.queries.search import SearchFor, SearchResult
from contracts.terms import Board, Light
from services.portal.web import command_client
from services.portal.web.caller import Here, Reads
from services.portal.web.problems import done


class HitKind(StrEnum):
    """What kind of thing is there to be searched."""

    TASK = "task"
    NOTICE = "notice"
    REPORT = "report"


router = APIRouter(tags=["search"])


@router.get("/v1/search", operation_id="search", summary="Full-text search (全文搜索)")
async def search(
    portal: Here,
    reader: Reads,
    q: Annotated[
        str, Query(min_length=1, max_length=400, description="Words; a document number comes first (关键词).")
    ],
    kind: Annotated[HitKind | None, Query(description="What kind of thing (种类).")] = None,
    board: Annotated[Board | None, Query(description="The board a task stands on (板块).")] = None,
    light: Annotated[Light | None, Query(description="The warning light (预警灯).")] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="How many, 100 at most (每页条数).")] = 20,
    offset: Annotated[int, Query(ge=0, le=10_000, description="How many to skip, 10,000 at most.")] = 0,
) -> SearchResult:
    """Over everything the token's unit may see."""
    question = SearchFor(
        text=q,
        reader=reader.eyes,
        kinds=(kind,) if kind else (),
        board=board or "",
        light=light or "",
        limit=limit,
        offset=offset,
    )
    return done(await command_client.query(portal.service, question, SearchResult))
