"""One box over everything the reader may see; the search service answers. R11."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from contracts.queries.search import SearchFor, SearchResult
from contracts.refusals import Refused
from contracts.terms import Board, Light
from services.portal import desk, view
from services.portal.web.dependencies import Here, Reads

router = APIRouter()

KINDS = ("task", "notice", "report", "delivery")
PAGE = 20


@router.get("/search")
async def search(
    request: Request,
    front: Here,
    reader: Reads,
    q: str = "",
    kind: str = "",
    board: str = "",
    light: str = "",
    page: int = 1,
) -> Response:
    """What was found, with facets; an empty box asks nothing."""
    text, number = q.strip()[:400], min(max(page, 1), 50)
    wish = SearchFor(
        text=text,
        scope=reader.scope,
        kinds=(kind,) if kind in KINDS else (),
        board=board if board in set(Board) else "",
        light=light if light in set(Light) else "",
        limit=PAGE,
        offset=(number - 1) * PAGE,
    )
    found = await desk.question(front.service, wish, SearchResult) if text else None
    refusal = found if isinstance(found, Refused) else None
    context = {"q": text, "wish": wish, "number": number, "more": _more(found, number), "refusal": refusal}
    return view.page(request, "search.html", 503 if refusal else 200, found=None if refusal else found, **context)


def _more(found: SearchResult | Refused | None, number: int) -> bool:
    return isinstance(found, SearchResult) and found.total > number * PAGE
