"""`/v1/notices`: documents, their signing, their stored bytes, their receipt."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from contracts.commands.notice import DraftNotice, ReceiveNotice, SignNotice, VoidNotice
from contracts.notice import Notice
from contracts.refusals import refuse
from contracts.terms import NoticeKind, NoticeState
from services.portal import refusals
from services.portal.identity.reader import Reader
from services.portal.notices import queries
from services.portal.notices.page import pdf_of
from services.portal.notices.shapes import NewNotice, Notices, Voiding
from services.portal.refusals import Code
from services.portal.web.bodies import Granted, granted, id_of
from services.portal.web.caller import Calls, Here, Reads
from services.portal.web.dependencies import Portal
from services.portal.web.problems import Refusal

router = APIRouter(tags=["公文"])

NOT_RENDERED = refuse(Code.NOT_RENDERED, "公文还没有成文：签发后几秒内生成")


@router.get("/v1/notices", operation_id="listNotices", summary="查询公文")
async def listed(
    portal: Here,
    reader: Reads,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str = "",
    kind: NoticeKind | None = None,
    state: NoticeState | None = None,
    waiting: bool = False,
) -> Notices:
    """One page, latest first; `waiting`: those the token's unit has yet to receive."""
    page = await queries.page(portal.db, reader, kind or "", state or "", waiting, limit, cursor)
    items = [Notice.model_validate_json(row["body"]) for row in page.rows]
    return Notices(items=items, next_cursor=page.next or None)


@router.post("/v1/notices", status_code=201, operation_id="draftNotice", summary="拟稿，或拟稿并签发")
async def draft(body: NewNotice, caller: Calls, response: Response) -> Granted:
    """A draft; with `sign`, numbered and on its way."""
    answer = await caller.send(DraftNotice, **body.fields())
    response.headers["Location"] = f"/v1/notices/{id_of(answer)}"
    return granted(answer)


@router.post("/v1/notices/{notice_id}/sign", operation_id="signNotice", summary="签发")
async def sign(notice_id: UUID, caller: Calls) -> Granted:
    """The number is taken, the content frozen; the PDF follows."""
    await seen(caller.portal, caller.reader, notice_id)
    return granted(await caller.send(SignNotice, notice_id=notice_id))


@router.post("/v1/notices/{notice_id}/void", operation_id="voidNotice", summary="撤回草稿，或作废文号")
async def void(notice_id: UUID, body: Voiding, caller: Calls) -> Granted:
    """A draft is withdrawn; a number is void on record."""
    await seen(caller.portal, caller.reader, notice_id)
    return granted(await caller.send(VoidNotice, notice_id=notice_id, **body.fields()))


@router.post("/v1/deliveries/{delivery_id}/receive", operation_id="receiveNotice", summary="签收公文")
async def receive(delivery_id: UUID, caller: Calls) -> Granted:
    """The token's unit signs for a document that was sent to it."""
    if await queries.delivery(caller.portal.db, caller.reader, delivery_id) is None:
        raise Refusal(refusals.not_found("没有这件送达，或该令牌的单位无权查看"))
    return granted(await caller.send(ReceiveNotice, delivery_id=delivery_id))


@router.get(
    "/v1/notices/{notice_id}.pdf",
    operation_id="getNoticePdf",
    summary="公文 PDF",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}}},
)
async def pdf(notice_id: UUID, portal: Here, reader: Reads) -> Response:
    """The stored bytes."""
    notice = await seen(portal, reader, notice_id)
    if notice.pdf is None:
        raise Refusal(NOT_RENDERED)
    return await pdf_of(portal, notice)


@router.get("/v1/notices/{notice_id}", operation_id="getNotice", summary="一份公文")
async def one(notice_id: UUID, portal: Here, reader: Reads) -> Notice:
    """The document as it stands."""
    return await seen(portal, reader, notice_id)


async def seen(portal: Portal, reader: Reader, notice_id: UUID) -> Notice:
    """A document. Raises Refusal."""
    row = await queries.one(portal.db, reader, notice_id)
    if row is None:
        raise Refusal(refusals.not_found("没有这份公文，或该令牌的单位无权查看"))
    return Notice.model_validate_json(row["body"])
