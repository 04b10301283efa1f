"""`/v1/assignments/{id}/…`: what a unit does with its assignment; and the files it rests on."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Query, Request

from contracts.commands.assignment import Acknowledge, AssignmentCommand, Close, Complete, Report, Rework, Verify
from services.portal import refusals
from services.portal.task import queries
from services.portal.task.shapes import Acknowledgement, Closure, Completion, NewReport, Return, Uploaded
from services.portal.web import uploads
from services.portal.web.bodies import Body, Granted, granted
from services.portal.web.caller import Calls, Here, Reads
from services.portal.web.problems import Refusal, done

router = APIRouter(tags=["承办"])

FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
AT = "/v1/assignments/{assignment_id}"


@router.post(f"{AT}/acknowledge", operation_id="acknowledge", summary="签收")
async def acknowledge(assignment_id: UUID, body: Acknowledgement, caller: Calls) -> Granted:
    """The unit has it."""
    return await _act(caller, Acknowledge, assignment_id, body)


@router.post(f"{AT}/reports", status_code=201, operation_id="report", summary="报送进展")
async def report(assignment_id: UUID, body: NewReport, caller: Calls) -> Granted:
    """Deployment or progress."""
    return await _act(caller, Report, assignment_id, body)


@router.post(f"{AT}/complete", operation_id="complete", summary="报完成")
async def complete(assignment_id: UUID, body: Completion, caller: Calls) -> Granted:
    """The unit's head says it is done."""
    return await _act(caller, Complete, assignment_id, body)


@router.post(f"{AT}/verify", operation_id="verify", summary="核验")
async def verify(assignment_id: UUID, caller: Calls) -> Granted:
    """A second person confirms."""
    return await _act(caller, Verify, assignment_id, None)


@router.post(f"{AT}/rework", operation_id="rework", summary="退回重办")
async def rework(assignment_id: UUID, body: Return, caller: Calls) -> Granted:
    """Back to work; the due date stays."""
    return await _act(caller, Rework, assignment_id, body)


@router.post(f"{AT}/close", operation_id="close", summary="销号")
async def close(assignment_id: UUID, body: Closure, caller: Calls) -> Granted:
    """A third person writes it off."""
    return await _act(caller, Close, assignment_id, body)


@router.post(
    "/v1/evidence",
    status_code=201,
    operation_id="uploadEvidence",
    summary="上传佐证材料",
    openapi_extra=FILE,
)
async def evidence(
    request: Request, portal: Here, reader: Reads, name: str = Query(min_length=1, max_length=200)
) -> Uploaded:
    """The raw bytes of one file, cited from then on by their SHA-256."""
    megabytes = portal.settings.upload_megabytes
    content = done(await uploads.body(request, megabytes))
    if reason := await uploads.reason_against(name, content, megabytes):
        raise Refusal(refusals.upload(reason, ""))
    file = await uploads.store(portal, name, content, reader)
    return Uploaded(sha256=file.digest, name=file.name, media_type=file.media_type, size=file.size)


async def _act(caller: Calls, command: type[AssignmentCommand], assignment_id: UUID, body: Body | None) -> Granted:
    """Only on an assignment the reader may see, and only with files of its own unit."""
    portal, reader, fields = caller.portal, caller.reader, body.fields() if body else {}
    if await queries.task_of(portal.db, reader, assignment_id) is None:
        raise Refusal(refusals.not_found("没有这个承办件，或该令牌的单位无权查看"))
    done(await uploads.not_uploaded(portal, reader, fields.get("evidence", ())))
    return granted(await caller.send(command, assignment_id=assignment_id, **fields))
