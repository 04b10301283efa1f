"""`/v1/notices`: documents, their signing, their stored bytes."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from contracts.commands.notice import DraftNotice, SignNotice, VoidNotice
from contracts.notice import Notice
from contracts.refusals import refuse
from contracts.terms import NoticeKind, NoticeState
from services.portal import refusals
from services.portal.identity.reader import Reader
from services.portal.notices import queries
from services.portal.notices.page import pdf_headers
from services.portal.notices.shapes import NewNotice, Notices, Voiding
from services.portal.refusals import Code
from services.portal.web.bodies import Cursor, Granted, Limit, granted, id_of
from services.portal.web.caller import Calls, Changes, Here, Reads
from services.portal.web.dependencies import Portal
from services.portal.web.etags import SINGLE, Asked, conditional, single
from services.portal.web.problems import Refusal

router = APIRouter(tags=["notices"])

NoticeId = Annotated[UUID, Path(description="Of the document (公文).")]

PDF: dict[int | str, dict[str, Any]] = {200: {**SINGLE[200], "content": {"application/pdf": {}}}, 304: SINGLE[304]}
NOT_RENDERED = refuse(Code.NOT_RENDERED, "公文还没有成文：签发后几秒内生成")


@router.get("/v1/notices", operation_id="listNotices", summary="List documents (查询公文)")
async def listed(
    portal: Here,
    reader: Reads,
    limit: Limit = 50,
    cursor: Cursor = "",
    kind: Annotated[NoticeKind | None, Query(description="The kind of document (文种).")] = None,
    state: Annotated[NoticeState | None, Query(description="The state of the document (状态).")] = None,
    waiting: Annotated[bool, Query(description="Those that the token's unit has yet to receive (待签收).")] = False,
) -> Notices:
    """One page of the documents the token's unit may see, latest first."""
    page = await queries.page(portal.db, reader, kind or "", state or "", waiting, limit, cursor)
    items = [Notice.model_validate_json(row["body"]) for row in page.rows]
    return Notices(items=items, next_cursor=page.next or None)


@router.post("/v1/notices", status_code=201, operation_id="draftNotice", summary="Draft a document (拟稿)")
async def draft(body: NewNotice, caller: Calls, response: Response) -> Granted:
    """A draft; with `sign`, numbered and on its way."""
    answer = await caller.send(DraftNotice, **body.fields())
    response.headers["Location"] = f"/v1/notices/{id_of(answer)}"
    return granted(answer)


@router.post("/v1/notices/{notice_id}/sign", operation_id="signNotice", summary="Sign (签发)")
async def sign(notice_id: NoticeId, caller: Changes) -> Granted:
    """The number is taken, the content frozen; the PDF follows."""
    await seen(caller.portal, caller.reader, notice_id)
    return granted(await caller.change(SignNotice, notice_id, notice_id=notice_id))


@router.post("/v1/notices/{notice_id}/void", operation_id="voidNotice", summary="Withdraw or void (撤回、作废)")
async def void(notice_id: NoticeId, body: Voiding, caller: Changes) -> Granted:
    """A draft is withdrawn; a number is void on record."""
    await seen(caller.portal, caller.reader, notice_id)
    return granted(await caller.change(VoidNotice, notice_id, notice_id=notice_id, **body.fields()))


@router.get(
    "/v1/notices/{notice_id}.pdf",
    operation_id="getNoticePdf",
    summary="A document's PDF (公文 PDF)",
    response_class=Response,
    responses=PDF,
)
async def pdf(request: Asked, notice_id: NoticeId, portal: Here, reader: Reads) -> Response:
    """The bytes as they were sent; they never change."""
    notice = await seen(portal, reader, notice_id)
    if notice.pdf is None:
        raise Refusal(NOT_RENDERED)
    content = await portal.service.blobs.get(notice.pdf)
    return conditional(request, content, "application/pdf", f'"{notice.pdf}"', **pdf_headers(notice))


@router.get(
    "/v1/notices/{notice_id}",
    operation_id="getNotice",
    summary="One document (一份公文)",
    responses=SINGLE,
    response_model=Notice,
)
async def one(request: Asked, notice_id: NoticeId, portal: Here, reader: Reads) -> Response:
    """The document as it stands."""
    notice = await seen(portal, reader, notice_id)
    return single(request, notice, notice_id, notice.version)


async def seen(portal: Portal, reader: Reader, notice_id: UUID) -> Notice:
    """A document. Raises Refusal."""
    row = await queries.one(portal.db, reader, notice_id)
    if row is None:
        raise Refusal(refusals.not_found("没有这份公文，或该令牌的单位无权查看"))
    return Notice.model_validate_json(row["body"])
