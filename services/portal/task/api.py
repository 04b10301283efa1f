"""`/v1/tasks`: the ledger, and new entries."""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated
from uuid import UUID

from asyncpg import Record
from fastapi import APIRouter, Header, Query, Request, Response

from contracts.commands.task import Cancel, RegisterTask, Resume, Suspend, TaskCommand
from services.portal.domain import filters
from services.portal.identity.reader import Reader
from services.portal.web.dependencies import Front
from services.portal.rest import shapes
from services.portal.web.problems import Refusal
from services.portal.web.caller import Here, Reads, Wants
from services.portal.store import assignments, milestones, tasks

router = APIRouter(tags=["事项"])

Limit = Annotated[int, Query(ge=1, le=200, description="每页条数")]


@router.post("/v1/tasks", status_code=201, operation_id="registerTask", summary="登记事项并交办")
async def register(body: shapes.NewTask, wants: Wants, response: Response) -> shapes.Granted:
    """Onto the ledger, and to every unit it names."""
    answer = await wants.ask(RegisterTask, **body.model_dump())
    response.headers["Location"] = f"/v1/tasks/{answer.aggregate.partition('/')[2]}"
    return shapes.told(answer)


@router.post("/v1/tasks/{task_id}/suspend", operation_id="suspendTask", summary="暂停办理")
async def suspend(task_id: UUID, body: shapes.Reason, wants: Wants) -> shapes.Granted:
    """Every clock stands still, every light stays."""
    return await _whole(wants, Suspend, task_id, body)


@router.post("/v1/tasks/{task_id}/resume", operation_id="resumeTask", summary="恢复办理")
async def resume(task_id: UUID, body: shapes.MaybeReason, wants: Wants) -> shapes.Granted:
    """The clocks run on, later by the working days lost."""
    return await _whole(wants, Resume, task_id, body)


@router.post("/v1/tasks/{task_id}/cancel", operation_id="cancelTask", summary="撤销事项")
async def cancel(task_id: UUID, body: shapes.Reason, wants: Wants) -> shapes.Granted:
    """The task ends undone."""
    return await _whole(wants, Cancel, task_id, body)


async def _whole(wants: Wants, command: type[TaskCommand], task_id: UUID, body: shapes.Body) -> shapes.Granted:
    await _seen(wants.front, wants.reader, task_id)
    return shapes.told(await wants.ask(command, task_id=task_id, **body.model_dump()))


async def _seen(here: Front, reader: Reader, task_id: UUID) -> Record:
    row = await tasks.seen(here.db, reader, task_id)
    if row is None:
        raise Refusal(404, "not_found", "没有这个事项，或该令牌的单位无权查看")
    return row


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
    row = await _seen(here, reader, task_id)
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
