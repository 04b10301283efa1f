"""`/v1/tasks`: the ledger."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request

from services.portal.ledger import filters, queries
from services.portal.ledger.shapes import Tasks
from services.portal.task.shapes import task_view
from services.portal.web.caller import Here, Reads

router = APIRouter(tags=["事项"])


@router.get("/v1/tasks", operation_id="listTasks", summary="查询台账")
async def listed(
    request: Request,
    portal: Here,
    reader: Reads,
    limit: Annotated[int, Query(ge=1, le=200, description="每页条数")] = 50,
    cursor: str = "",
    q: str = "",
    board: str = "",
    light: str = "",
    state: str = "",
    unit: str = "",
    role: str = "",
    due: str = "",
    view: str = "",
    scope: Annotated[str, Query(description="issued：本单位交办的")] = "",
    sort: str = "urgent",
) -> Tasks:
    """One page of the tasks the token's unit may see, by the same filters as the page `/tasks`."""
    read = filters.read(request.query_params)
    of_tasks = replace(read, rows="", clock="", scope=read.scope if read.scope == "issued" else "")
    page = await queries.page(portal.db, reader, of_tasks, datetime.now(UTC), limit, cursor)
    states = await queries.states(portal.db, reader, [row["task_id"] for row in page.rows])
    items = [task_view(json.loads(row["body"]), row) for row in states]
    return Tasks(items=items, next_cursor=page.next or None)
