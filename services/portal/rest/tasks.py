"""`/v1/tasks`: the ledger, and new entries."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response

from contracts.commands import RegisterTask
from services.portal.domain import filters
from services.portal.rest import shapes
from services.portal.rest.problems import Refusal
from services.portal.rest.who import Here, Reads, Wants
from services.portal.store import assignments, milestones, tasks

router = APIRouter(tags=["事项"])

Limit = Annotated[int, Query(ge=1, le=200, description="每页条数")]


@router.post("/v1/tasks", status_code=201, operation_id="registerTask", summary="登记事项并交办")
async def register(body: shapes.NewTask, wants: Wants, response: Response) -> shapes.Granted:
    """Onto the ledger, and to every unit it names."""
    answer = await wants.ask(RegisterTask, **body.model_dump())
    response.headers["Location"] = f"/v1/tasks/{answer.aggregate.partition('/')[2]}"
    return shapes.told(answer)


@router.get("/v1/tasks", operation_id="listTasks", summary="查询台账")
async def listed(
    request: Request,
    here: Here,
    reader: Reads,
    limit: Limit = 50,
    cursor: str = "",
    q: str = "",
    board: str = "",
    light: str = "",
    state: str = "",
    unit: str = "",
    role: str = "",
    due: str = "",
    view: str = "",
    sort: str = "urgent",
) -> shapes.Tasks:
    """One page of what the token's unit may see, by the same filters as the page `/tasks`."""
    wish = filters.read(request.query_params)
    page = await tasks.page(here.db, reader, wish, datetime.now(UTC), limit, cursor)
    return shapes.Tasks(items=[shapes.Task(**row) for row in page.rows], next_cursor=page.next or None)


@router.get(
    "/v1/tasks/{task_id}",
    operation_id="getTask",
    summary="一个事项",
    responses={304: {"description": "没有变化"}},
    response_model=shapes.WholeTask,
)
async def one(task_id: UUID, here: Here, reader: Reads, if_none_match: Annotated[str, Header()] = "") -> Response:
    """The task with its parts and clocks; with the ETag of an earlier answer, 304 where nothing changed."""
    row = await tasks.seen(here.db, reader, task_id)
    if row is None:
        raise Refusal(404, "not_found", "没有这个事项，或该令牌的单位无权查看")
    parts = []
    for part in await assignments.of_task(here.db, task_id):
        clocks = [shapes.Clock(**clock) for clock in await assignments.clocks_of(here.db, part["assignment_id"])]
        plan = [shapes.Milestone(**each) for each in await milestones.of_part(here.db, part["assignment_id"])]
        parts.append(shapes.Assignment(**part, clocks=clocks, milestones=plan))
    body = shapes.WholeTask(**row, assignments=parts).model_dump_json().encode()
    headers = {"ETag": f'"{sha256(body).hexdigest()[:32]}"', "Cache-Control": "private, no-cache"}
    if headers["ETag"] in (tag.strip() for tag in if_none_match.split(",")):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)
