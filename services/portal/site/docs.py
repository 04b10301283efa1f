"""The API's documentation, rendered here: no script of others, readable on a closed network."""

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from services.portal import view
from services.portal.web.dependencies import Here, Reads
from services.portal.rest import contract

router = APIRouter()


@router.get("/docs")
async def docs(request: Request, front: Here, reader: Reads) -> Response:
    """Every operation: what it takes, what it answers."""
    return view.page(request, "docs.html", api=contract())


@router.get("/openapi.json")
async def openapi() -> Response:
    """The same for machines."""
    return JSONResponse(contract())
