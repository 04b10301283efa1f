"""`/v1/tasks/{id}` and new entries."""

import json
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from asyncpg import Record
from fastapi import APIRouter, Path, Response

from contracts.commands.task import Cancel, RegisterTask, Resume, Suspend, TaskCommand
from services.portal import refusals
from services.portal.identity.reader import Reader
from services.portal.task import queries
from services.portal.task.shapes import Cancellation, NewTask, Resumption, Suspension, WholeTask, task_view
from services.portal.web.bodies import Body, Granted, granted, id_of
from services.portal.web.caller import Calls, Changer, Changes, Here, Reads
from services.portal.web.dependencies import Portal
from services.portal.web.etags import SINGLE, Asked, single
from services.portal.web.problems import Refusal

router = APIRouter(tags=["tasks"])

TaskId = Annotated[UUID, Path(description="Of the task (事项).")]


@router.post("/v1/tasks", status_code=201, operation_id="registerTask", summary="Register a task (登记事项并交办)")
async def register(body: NewTask, caller: Calls, response: Response) -> Granted:
    """Onto the ledger, and to every unit it names. For the people of an inspectorate's office."""
    answer = await caller.send(RegisterTask, **body.fields())
    response.headers["Location"] = f"/v1/tasks/{id_of(answer)}"
    return granted(answer)


@router.post("/v1/tasks/{task_id}/suspend", operation_id="suspendTask", summary="Suspend a task (暂停办理)")
async def suspend(task_id: TaskId, body: Suspension, caller: Changes) -> Granted:
    """Every clock stands still, every light stays."""
    return await _act(caller, Suspend, task_id, body)


@router.post("/v1/tasks/{task_id}/resume", operation_id="resumeTask", summary="Resume a task (恢复办理)")
async def resume(task_id: TaskId, body: Resumption, caller: Changes) -> Granted:
    """The clocks run on, later by the working days lost."""
    return await _act(caller, Resume, task_id, body)


@router.post("/v1/tasks/{task_id}/cancel", operation_id="cancelTask", summary="Cancel a task (撤销事项)")
async def cancel(task_id: TaskId, body: Cancellation, caller: Changes) -> Granted:
    """The task ends undone."""
    return await _act(caller, Cancel, task_id, body)


@router.get(
    "/v1/tasks/{task_id}",
    operation_id="getTask",
    summary="One task (一个事项)",
    responses=SINGLE,
    response_model=WholeTask,
)
async def one(request: Asked, task_id: TaskId, portal: Here, reader: Reads) -> Response:
    """The task with its texts, its assignments and their clocks."""
    task = await whole(portal, reader, task_id)
    return single(request, task, task_id, task.version)


async def whole(portal: Portal, reader: Reader, task_id: UUID) -> WholeTask:
    """A task with everything the reader may see of it. Raises Refusal."""
    row, calendar = await seen(portal, reader, task_id), (await portal.reference()).calendar
    assignments = await queries.assignments_of(portal.db, reader, task_id, datetime.now(UTC), calendar)
    texts = {name: row[name] for name in ("target", "verification_form", "instruction")}
    task = task_view(json.loads(row["body"]), row)
    return WholeTask.model_validate({**dict(task), **texts, "assignments": list(assignments)})


async def seen(portal: Portal, reader: Reader, task_id: UUID) -> Record:
    """The row of a task. Raises Refusal."""
    row = await queries.one(portal.db, reader, task_id)
    if row is None:
        raise Refusal(refusals.not_found("没有这个事项，或该令牌的单位无权查看"))
    return row


async def _act(caller: Changer, command: type[TaskCommand], task_id: UUID, body: Body) -> Granted:
    await seen(caller.portal, caller.reader, task_id)
    return granted(await caller.change(command, task_id, task_id=task_id, **body.fields()))
