"""The API's documentation, rendered here: no script of others, readable on a closed network."""

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from services.portal.site.api import contract
from services.portal.web import templates
from services.portal.web.dependencies import Anybody

router = APIRouter()


@router.get("/docs")
async def docs(request: Request, reader: Anybody) -> Response:
    """Every operation: what it takes, what it answers."""
    return templates.page(request, "docs.html", api=contract())


@router.get("/openapi.json")
async def openapi() -> Response:
    """The same for machines."""
    return JSONResponse(contract())
