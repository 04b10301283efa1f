"""`/v1/assignments/{id}/…`: the steps of one unit's part; and the files they rest on."""

from uuid import UUID

from fastapi import APIRouter, Query, Request

from contracts import commands
from services.portal import uploads
from services.portal.rest import shapes
from services.portal.web.problems import Refusal
from services.portal.web.caller import Here, Reads, Wants
from services.portal.store import assignments

router = APIRouter(tags=["承办"])


@router.post("/v1/assignments/{assignment_id}/acknowledge", operation_id="acknowledge", summary="签收")
async def acknowledge(assignment_id: UUID, body: shapes.Acknowledgement, wants: Wants) -> shapes.Granted:
    """The unit has it."""
    return await _step(wants, commands.Acknowledge, assignment_id, body)


@router.post("/v1/assignments/{assignment_id}/reports", status_code=201, operation_id="report", summary="报送进展")
async def report(assignment_id: UUID, body: shapes.NewReport, wants: Wants) -> shapes.Granted:
    """Deployment or progress."""
    return await _step(wants, commands.Report, assignment_id, body)


@router.post("/v1/assignments/{assignment_id}/complete", operation_id="complete", summary="报完成")
async def complete(assignment_id: UUID, body: shapes.Completion, wants: Wants) -> shapes.Granted:
    """The unit's head says it is done."""
    return await _step(wants, commands.Complete, assignment_id, body)


@router.post("/v1/assignments/{assignment_id}/verify", operation_id="verify", summary="核验")
async def verify(assignment_id: UUID, wants: Wants) -> shapes.Granted:
    """A second person confirms."""
    return await _step(wants, commands.Verify, assignment_id, None)


@router.post("/v1/assignments/{assignment_id}/close", operation_id="close", summary="销号")
async def close(assignment_id: UUID, body: shapes.Closure, wants: Wants) -> shapes.Granted:
    """A third person writes it off."""
    return await _step(wants, commands.Close, assignment_id, body)


@router.post(
    "/v1/evidence",
    status_code=201,
    operation_id="uploadEvidence",
    summary="上传佐证材料",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def evidence(
    request: Request, here: Here, reader: Reads, name: str = Query(min_length=1, max_length=200)
) -> shapes.Kept:
    """The raw bytes of one file, known from then on by their SHA-256."""
    content = await uploads.body(request, here.settings.upload_megabytes)
    if content is None:
        raise Refusal(413, "too_large", f"文件超过 {here.settings.upload_megabytes} MB")
    if reason := uploads.refused(name, content, here.settings.upload_megabytes):
        raise Refusal(422, "upload", reason)
    kept = await uploads.keep(here, name, content, reader.person)
    return shapes.Kept(sha256=kept.digest, name=kept.name, media_type=kept.media_type, size=kept.size)


async def _step(
    wants: Wants, command: type[commands.AssignmentCommand], assignment_id: UUID, body: shapes.Body | None
) -> shapes.Granted:
    if await assignments.seen(wants.front.db, wants.reader, assignment_id) is None:
        raise Refusal(404, "not_found", "没有这个承办件，或该令牌的单位无权查看")
    given = body.model_dump() if body else {}
    return shapes.told(await wants.ask(command, assignment_id=assignment_id, **given))
