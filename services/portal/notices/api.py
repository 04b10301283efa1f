"""`/v1/notices`: documents, their signing, their stored bytes, their receipt."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from contracts.commands.notice import DraftNotice, ReceiveNotice, SignNotice
from contracts.terms import NoticeKind, NoticeState
from services.portal.notices.page import paper
from services.portal.rest import shapes
from services.portal.web.problems import Refusal
from services.portal.web.caller import Here, Reads, Wants
from services.portal.store import notices

router = APIRouter(tags=["公文"])


@router.get("/v1/notices", operation_id="listNotices", summary="查询公文")
async def listed(
    here: Here,
    reader: Reads,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: str = "",
    kind: NoticeKind | None = None,
    state: NoticeState | None = None,
    waiting: bool = False,
) -> shapes.Notices:
    """One page, latest first; `waiting`: those the token's unit has yet to receive."""
    page = await notices.page(here.db, reader, kind or "", state or "", waiting, limit, cursor)
    return shapes.Notices(items=[shapes.Notice(**row) for row in page.rows], next_cursor=page.next or None)


@router.post("/v1/notices", status_code=201, operation_id="draftNotice", summary="拟稿，或拟稿并签发")
async def draft(body: shapes.NewNotice, wants: Wants, response: Response) -> shapes.Granted:
    """A draft; with `sign`, numbered and on its way."""
    answer = await wants.ask(DraftNotice, **body.model_dump())
    response.headers["Location"] = f"/v1/notices/{answer.aggregate.partition('/')[2]}"
    return shapes.told(answer)


@router.post("/v1/notices/{notice_id}/sign", operation_id="signNotice", summary="签发")
async def sign(notice_id: UUID, wants: Wants) -> shapes.Granted:
    """The number is taken, the content frozen; the PDF follows."""
    await _seen(wants.front, wants.reader, notice_id)
    return shapes.told(await wants.ask(SignNotice, notice_id=notice_id))


@router.post("/v1/deliveries/{delivery_id}/receive", operation_id="receiveNotice", summary="签收公文")
async def receive(delivery_id: UUID, wants: Wants) -> shapes.Granted:
    """The token's unit signs for a document that was sent to it."""
    return shapes.told(await wants.ask(ReceiveNotice, delivery_id=delivery_id))


@router.get(
    "/v1/notices/{notice_id}.pdf",
    operation_id="getNoticePdf",
    summary="公文 PDF",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {}}}},
)
async def pdf(notice_id: UUID, here: Here, reader: Reads) -> Response:
    """The stored bytes."""
    row = await _seen(here, reader, notice_id)
    if row["pdf"] is None:
        raise Refusal(404, "not_rendered", "公文还没有成文：签发后几秒内生成")
    return await paper(here, reader, notice_id)


@router.get("/v1/notices/{notice_id}", operation_id="getNotice", summary="一份公文")
async def one(notice_id: UUID, here: Here, reader: Reads) -> shapes.Notice:
    """The document as the ledger has it."""
    return shapes.Notice(**await _seen(here, reader, notice_id))


async def _seen(here: Here, reader: Reads, notice_id: UUID) -> dict[str, object]:
    row = await notices.seen(here.db, reader, notice_id)
    if row is None:
        raise Refusal(404, "not_found", "没有这份公文，或该令牌的单位无权查看")
    return dict(row)
