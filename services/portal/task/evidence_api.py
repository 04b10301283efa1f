"""`/v1/evidence`: the files that reports rest on, sent up as raw bytes and cited by their SHA-256."""

from hashlib import sha256 as hashed
from typing import Annotated, Any

from asyncpg import Connection, Pool
from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response

from contracts.refusals import refuse
from services.portal import refusals
from services.portal.feed import queries as feed
from services.portal.identity.tokens import Bearer
from services.portal.refusals import Code
from services.portal.task.shapes import Files, StoredFile, Uploaded
from services.portal.web import answers, upload_queries, uploads
from services.portal.web.bodies import Cursor, Limit
from services.portal.web.caller import Here, Reads, bearer
from services.portal.web.etags import SINGLE, Asked, conditional
from services.portal.web.problems import Refusal, done

router = APIRouter(tags=["evidence"])

FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
FileName = Annotated[str, Query(min_length=1, max_length=200, description="The file's name with its ending (文件名).")]
Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="SHA-256 of the file, hexadecimal.")]
OptionalKey = Annotated[
    str | None,
    Header(min_length=8, max_length=128, description="Optional here: the same bytes are one file anyhow (幂等键)."),
]
ON_ITS_WAY = refuse(Code.FILE_ON_ITS_WAY, "文件正在传输，请稍后再试")
NOT_THERE = refusals.not_found("没有这个文件，或该令牌的单位无权查看")
BYTES: dict[int | str, dict[str, Any]] = {
    200: {**SINGLE[200], "content": {"application/octet-stream": {}}},
    304: SINGLE[304],
}


@router.get("/v1/evidence", operation_id="listEvidence", summary="Files of the unit (本单位的佐证材料)")
async def listed(portal: Here, reader: Reads, limit: Limit = 50, cursor: Cursor = "") -> Files:
    """What the token's unit uploaded, one page, latest first."""
    if reader.operates:
        return Files(items=[])
    page = await upload_queries.page(portal.db, reader.unit, limit, cursor)
    items = [StoredFile(**{**row, "sha256": row["digest"], "uploaded_at": row["at"]}) for row in page.rows]
    return Files(items=items, next_cursor=page.next or None)


@router.post(
    "/v1/evidence",
    status_code=201,
    operation_id="uploadEvidence",
    summary="Upload evidence (上传佐证材料)",
    openapi_extra=FILE,
)
async def upload(
    request: Request,
    portal: Here,
    bearer: Annotated[Bearer, Depends(bearer)],
    name: FileName,
    idempotency_key: OptionalKey = None,
) -> Uploaded:
    """The raw bytes of one file (PDF, picture, Word, Excel, OFD), cited from then on by their SHA-256."""
    megabytes, reader = portal.settings.upload_megabytes, bearer.reader
    content = done(await uploads.body(request, megabytes))
    if reason := await uploads.reason_against(name, content, megabytes):
        raise Refusal(refusals.upload(reason, ""))

    async def take(db: Connection | Pool) -> str:
        file = await uploads.store(portal, name, content, reader, db)
        taken = Uploaded(sha256=file.digest, name=file.name, media_type=file.media_type, size=file.size)
        return taken.model_dump_json()

    if idempotency_key is None:
        return Uploaded.model_validate_json(await take(portal.db))
    asked = f"uploadEvidence {name} {hashed(content).hexdigest()}"
    return Uploaded.model_validate_json(await answers.once(portal.db, bearer.command_id(idempotency_key), asked, take))


@router.get(
    "/v1/evidence/{sha256}",
    operation_id="getEvidence",
    summary="Download evidence (下载佐证材料)",
    response_class=Response,
    responses=BYTES,
)
async def download(request: Asked, sha256: Digest, portal: Here, reader: Reads) -> Response:
    """A file that the token's unit uploaded, or that an event cites which the unit may see."""
    cited_by = await feed.cited(portal.db, reader, sha256)
    units = [] if reader.operates else [reader.unit, *([cited_by] if cited_by else [])]
    files = [await upload_queries.of_unit(portal.db, unit, [sha256]) for unit in units]
    upload = next((of_unit[sha256] for of_unit in files if of_unit), None)
    if upload is None:
        raise Refusal(NOT_THERE)
    try:
        content = await portal.service.blobs.get(sha256)
    except FileNotFoundError:
        raise Refusal(ON_ITS_WAY) from None
    named = {"Content-Disposition": uploads.attachment(upload["name"])}
    return conditional(request, content, upload["media_type"], f'"{sha256}"', **named)
