"""The documentation under `/docs`: the pages of `docs/`, the reference of the API and of every event."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import FileResponse, JSONResponse, Response

from contracts.glossary import Language
from services.portal.site import event_reference, handbook
from services.portal.site.api import contract
from services.portal.web import templates
from services.portal.web.dependencies import Anybody
from services.portal.web.i18n import gettext as _

router = APIRouter()

Chosen = Annotated[str, Query(alias="lang")]
Accepted = Annotated[str, Header(alias="Accept-Language")]


@router.get("/docs")
async def index(request: Request, reader: Anybody, chosen: Chosen = "", accepted: Accepted = "") -> Response:
    """The page that leads to all others."""
    return _page(request, handbook.INDEX, handbook.language_of(chosen, accepted))


@router.get("/docs/api")
async def api(request: Request, reader: Anybody, chosen: Chosen = "", accepted: Accepted = "") -> Response:
    """Every operation: what it takes, what it answers."""
    return _render(request, "docs_api.html", handbook.language_of(chosen, accepted), api=contract())


@router.get("/docs/events")
async def events(request: Request, reader: Anybody, chosen: Chosen = "", accepted: Accepted = "") -> Response:
    """Every event, and when it is emitted."""
    language = handbook.language_of(chosen, accepted)
    return _render(request, "docs_events.html", language, families=event_reference.families())


@router.get("/docs/events/{kind}")
async def event(request: Request, kind: str, reader: Anybody, chosen: Chosen = "", accepted: Accepted = "") -> Response:
    """One event: its fields, an example, its schema."""
    if (event := event_reference.event_pages().get(kind)) is None:
        return _missing(request, _("没有名为“%s”的事件，请从事件目录中选择。") % kind)
    return _render(request, "docs_event.html", handbook.language_of(chosen, accepted), event=event)


@router.get("/docs/files/{path:path}")
async def file(request: Request, path: str, reader: Anybody) -> Response:
    """A file that the pages link to, such as a schema or an example, as it is."""
    if (stored := handbook.files().get(path)) is None:
        return _missing(request, _("没有这个文件，或者它不对外提供。"))
    return FileResponse(stored, media_type=f"{handbook.TEXTS[stored.suffix]}; charset=utf-8")


@router.get("/docs/{name}")
async def page(request: Request, name: str, reader: Anybody, chosen: Chosen = "", accepted: Accepted = "") -> Response:
    """One page."""
    return _page(request, name, handbook.language_of(chosen, accepted))


@router.get("/openapi.json")
async def openapi() -> Response:
    """The API for machines."""
    return JSONResponse(contract())


def _page(request: Request, name: str, language: Language) -> Response:
    """A page of `docs/` in this language, which has a twin in the other."""
    if (page := handbook.page(name, language)) is None:
        return _missing(request, _("没有名为“%s”的文档，请从文档首页选择。") % name)
    return _render(request, "docs_page.html", language, page=page)


def _render(request: Request, template: str, language: Language, **context: Any) -> Response:
    """A page with the way to all others."""
    answer = templates.page(request, template, language=language, menu=handbook.menu(language), **context)
    answer.headers["Vary"] = "Accept-Language"
    return answer


def _missing(request: Request, text: str) -> Response:
    """A page that says what is not there; no address here names anything that a command makes."""
    return templates.page(request, "error.html", 404, heading=_("没有找到"), text=text)
