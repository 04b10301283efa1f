"""`/v1/tasks` and `/v1/assignments`: the ledger, and what the token's unit has to do."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from contracts.terms import AssignmentState, Board, Light, TaskState
from services.portal.ledger import filters, queries
from services.portal.ledger.filters import Due, PartRole, Scope, Sort, View
from services.portal.ledger.shapes import Assignments, Issued, Tasks
from services.portal.task.shapes import assignment_view, task_view
from services.portal.web.bodies import Cursor, Limit
from services.portal.web.caller import Here, Reads

router = APIRouter()

Text = Annotated[str, Query(max_length=200, description="Part of a number, title, official or unit name (关键词).")]
OnBoard = Annotated[Board | None, Query(description="The board a task stands on (板块).")]
InLight = Annotated[Light | None, Query(description="The warning light (预警灯).")]
OfUnit = Annotated[
    str, Query(max_length=200, description="A unit's address, a region such as `14.05`, or part of a name (单位).")
]
InRole = Annotated[
    PartRole | None,
    Query(description="The unit's role in the task (身份); `accountable`: lead or responsible."),
]
DueIn = Annotated[Due | None, Query(description="When it is due, in whole days of Asia/Shanghai (时限).")]
Order = Annotated[
    Sort, Query(description="Worst light first, next due date first, or latest first (排序); a cursor keeps its order.")
]


def narrowed(
    request: Request,
    q: Text = "",
    board: OnBoard = None,
    light: InLight = None,
    unit: OfUnit = "",
    role: InRole = None,
    due: DueIn = None,
    sort: Order = Sort.URGENT,
) -> Mapping[str, str]:
    """The filters that both lists have, checked; what was sent, for `filters.read`."""
    return request.query_params


Narrowed = Annotated[Mapping[str, str], Depends(narrowed)]


@router.get("/v1/tasks", tags=["tasks"], operation_id="listTasks", summary="List tasks (查询台账)")
async def listed(
    sent: Narrowed,
    portal: Here,
    reader: Reads,
    limit: Limit = 50,
    cursor: Cursor = "",
    state: Annotated[TaskState | None, Query(description="The state of the task (状态).")] = None,
    view: Annotated[View | None, Query(description="From the point of view of the token's unit (视图).")] = None,
    scope: Annotated[Issued | None, Query(description="`issued`: what the token's unit issued (本单位交办).")] = None,
) -> Tasks:
    """One page of the tasks the token's unit may see, by the same filters as the page `/tasks`."""
    read = filters.read(sent)
    of_tasks = replace(read, rows="", clock="", figure="", scope=scope or "")
    page = await queries.page(portal.db, reader, of_tasks, datetime.now(UTC), limit, cursor)
    states = await queries.states(portal.db, [row["task_id"] for row in page.rows])
    items = [task_view(json.loads(row["body"]), row) for row in states]
    return Tasks(items=items, next_cursor=page.next or None)


@router.get(
    "/v1/assignments", tags=["assignments"], operation_id="listAssignments", summary="List assignments (查询承办件)"
)
async def assignments(
    sent: Narrowed,
    portal: Here,
    reader: Reads,
    limit: Limit = 50,
    cursor: Cursor = "",
    state: Annotated[AssignmentState | None, Query(description="The state of the assignment (状态).")] = None,
    scope: Annotated[
        Scope, Query(description="`own`: what the token's unit has to do (本单位承办); `issued`: what it issued.")
    ] = Scope.OWN,
) -> Assignments:
    """One page of the assignments of the token's unit, or of those it issued, each as a whole."""
    read = replace(filters.read(_of_assignments(sent)), scope=scope)
    now, calendar = datetime.now(UTC), (await portal.reference()).calendar
    page = await queries.page(portal.db, reader, read, now, limit, cursor)
    rows = await queries.assignment_states(portal.db, [row["id"] for row in page.rows])
    items = [assignment_view(json.loads(row["body"]), row, now, calendar) for row in rows]
    return Assignments(items=items, next_cursor=page.next or None)


def _of_assignments(query: Mapping[str, str]) -> dict[str, str]:
    return {**query, "rows": "assignment"}
