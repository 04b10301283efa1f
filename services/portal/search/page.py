"""The search page: facets, highlights, a document number on top."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from contracts.queries.search import SearchFor, SearchResult
from contracts.refusals import Refused
from contracts.terms import Board, Light
from services.portal.identity.reader import Reader
from services.portal.web import command_client, templates
from services.portal.web.dependencies import Here, Reads

router = APIRouter()

KINDS = ("task", "notice", "report", "delivery")
PAGE = 20


@router.get("/search")
async def search(
    request: Request,
    portal: Here,
    reader: Reads,
    q: str = "",
    kind: str = "",
    board: str = "",
    light: str = "",
    page: int = 1,
) -> Response:
    """What matches, with facets; an empty box asks nothing."""
    text, number = q.strip()[:400], min(max(page, 1), 50)
    question = question_of(reader, text, kind, board, light, number)
    answer = await command_client.query(portal.service, question, SearchResult) if text else None
    refusal = answer if isinstance(answer, Refused) else None
    result = answer if isinstance(answer, SearchResult) else None
    context = {
        "q": text,
        "question": question,
        "number": number,
        "more": result is not None and result.total > number * PAGE,
        "refusal": refusal,
        "result": result,
    }
    return templates.page(request, "search.html", templates.status_of(refusal), **context)


def question_of(reader: Reader, text: str, kind: str, board: str, light: str, number: int) -> SearchFor:
    """What is asked of the search service; a value outside its closed set asks nothing."""
    return SearchFor(
        text=text,
        reader=reader.eyes,
        kinds=(kind,) if kind in KINDS else (),
        board=board if board in set(Board) else "",
        light=light if light in set(Light) else "",
        limit=PAGE,
        offset=(number - 1) * PAGE,
    )
