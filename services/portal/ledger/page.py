"""The ledger: every filter lives in the address, every number counts what the reader may see."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from contracts.offices import OVERSEEING
from services.portal.ledger import filters, queries
from services.portal.web import templates
from services.portal.web.cursors import CursorInvalid
from services.portal.web.dependencies import Here, Reads

router = APIRouter()

SUGGESTED = ("province", "city", "county"), ("government", "department")


@router.get("/tasks")
async def ledger(request: Request, portal: Here, reader: Reads, cursor: str = "") -> Response:
    """One page of one view."""
    view, now = filters.read(request.query_params), datetime.now(UTC)
    try:
        page = await queries.page(portal.db, reader, view, now, cursor=cursor)
    except CursorInvalid as error:
        raise HTTPException(422, str(error)) from None
    counted = await queries.facets(portal.db, reader, view, now)
    units = (await portal.reference()).units
    context: dict[str, Any] = {
        "filters": view,
        "states": "assignment_state" if view.of_assignments else "task_state",
        "page": page,
        "counted": counted,
        "total": counted["total"].get("", 0),
        "now": now,
        "units": units.below(units.region_of(reader.unit), *SUGGESTED, most=120),
        "first": not cursor,
        "registers": reader.may(*OVERSEEING),
    }
    return templates.page(request, "tasks.html", **context)
