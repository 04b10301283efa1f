"""The ledger (台账): every filter lives in the address, every number counts what the reader may see."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from contracts.envelope import ActorRole
from services.portal import view
from services.portal.domain import filters
from services.portal.ledger.filters import CursorInvalid
from services.portal.web.dependencies import Here, Reads
from services.portal.store import tasks, units

router = APIRouter()

REGISTERS = (ActorRole.INSPECTOR, ActorRole.SUPERVISOR, ActorRole.LEADER, ActorRole.OPERATOR)
"""Who may put tasks on the ledger; the tasks service decides in the end."""


@router.get("/tasks")
async def ledger(request: Request, front: Here, reader: Reads, cursor: str = "") -> Response:
    """One page of one view."""
    wish, now = filters.read(request.query_params), datetime.now(UTC)
    try:
        page = await tasks.page(front.db, reader, wish, now, cursor=cursor)
    except CursorInvalid as error:
        raise HTTPException(422, str(error)) from None
    counted = await tasks.facets(front.db, reader, wish, now)
    shorts = await units.below(front.db, reader.region, ("province", "city"), ("government", "department"), 120)
    context: dict[str, Any] = {
        "wish": wish,
        "page": page,
        "counted": counted,
        "total": counted["total"].get("", 0),
        "now": now,
        "units": shorts,
        "first": not cursor,
        "registers": reader.may(*REGISTERS),
    }
    return view.page(request, "tasks.html", **context)
