"""Documents (督办通知与三单一书): the list, one with its PDF and receipts, signing, withdrawing, receiving."""

from typing import Any
from uuid import UUID

from asyncpg import Record
from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from contracts.commands.notice import DraftNotice, ReceiveNotice, SignNotice, VoidNotice
from contracts.envelope import UNIT_SIDE, ActorRole, Command, Done
from contracts.refusals import Refused
from contracts.terms import NoticeKind, NoticeState
from services.portal import story, view
from services.portal.ledger.filters import CursorInvalid
from services.portal.identity.reader import Reader
from services.portal.web.dependencies import Front, Here, Reads, Writes, needs
from services.portal.web.i18n import gettext as _
from services.portal.task.action_routes import done, read
from services.portal.web.headers import FRAMED, FRAMING
from services.portal.store import feed, notices

router = APIRouter()

SIGNS = (ActorRole.SUPERVISOR, ActorRole.LEADER)


@router.get("/notices")
async def listed(
    request: Request, front: Here, reader: Reads, kind: str = "", state: str = "", waiting: str = "", cursor: str = ""
) -> Response:
    """One page of documents, latest first."""
    wanted = (kind if kind in set(NoticeKind) else "", state if state in set(NoticeState) else "")
    try:
        page = await notices.page(front.db, reader, *wanted, bool(waiting), cursor=cursor)
    except CursorInvalid as error:
        raise HTTPException(422, str(error)) from None
    counted = await notices.counts(front.db, reader)
    context: dict[str, Any] = {
        "page": page,
        "kind": wanted[0],
        "state": wanted[1],
        "waiting": bool(waiting),
        "counted": counted,
    }
    return view.page(request, "notices.html", **context)


@router.get("/notices/{notice_id}.pdf")
async def pdf(notice_id: UUID, front: Here, reader: Reads) -> Response:
    """The stored bytes; a reprint is the same."""
    return await paper(front, reader, notice_id)


async def paper(front: Front, reader: Reader, notice_id: UUID) -> Response:
    """The PDF of a document the reader may see; 404 while there is none."""
    row = await found(front, reader, notice_id)
    if row["pdf"] is None:
        raise HTTPException(404, _("公文还没有成文：签发后几秒内生成。"))
    name = view.quote(f"{row['number']}.pdf")
    headers = {
        "Content-Disposition": f"inline; filename*=UTF-8''{name}",
        "Content-Security-Policy": FRAMED,
        "ETag": f'"{row["pdf"]}"',
        "Cache-Control": "private, no-cache",
    }
    return Response(await front.service.blobs.get(row["pdf"]), media_type="application/pdf", headers=headers)


@router.get("/notices/{notice_id}")
async def notice(request: Request, notice_id: UUID, front: Here, reader: Reads) -> Response:
    """One document."""
    return await shown(request, front, reader, notice_id)


@router.post("/notices/{notice_id}/sign")
async def sign(request: Request, notice_id: UUID, front: Here, reader: Writes) -> Response:
    """Take the number; a double click is the same command twice."""
    needs(reader, *SIGNS)
    form = await request.form()
    wish = {"id": form.get("id"), "actor": reader.actor, "notice_id": notice_id}
    return await _done(request, front, reader, notice_id, read(SignNotice, wish), "sign")


@router.post("/notices/{notice_id}/void")
async def void(request: Request, notice_id: UUID, front: Here, reader: Writes) -> Response:
    """Withdraw a draft, or void a number on record."""
    needs(reader, *SIGNS)
    form = await request.form()
    wish = {"id": form.get("id"), "actor": reader.actor, "notice_id": notice_id, "reason": form.get("reason")}
    return await _done(request, front, reader, notice_id, read(VoidNotice, wish), "void")


@router.post("/notices/{notice_id}/raise")
async def upgrade(request: Request, notice_id: UUID, front: Here, reader: Writes) -> Response:
    """A red-head document about the same matters, citing this one's number: signed at once by those who may sign."""
    needs(reader, *SIGNS, ActorRole.INSPECTOR)
    signs = reader.may(*SIGNS)
    row, form = await found(front, reader, notice_id), await request.form()
    wish = {
        "id": form.get("id"),
        "actor": reader.actor,
        "kind": NoticeKind.SUPERVISION,
        "cites": row["number"],
        "assignments": [item["assignment_id"] for item in view.loads(row["items"])],
        "sign": signs,
    }
    answer = await _sent(front, read(DraftNotice, wish))
    if isinstance(answer, Refused):
        return await shown(request, front, reader, notice_id, answer)
    return done(f"/notices/{answer.aggregate.partition('/')[2]}", "sign" if signs else "raise", answer)


@router.post("/notices/{notice_id}/deliveries/{delivery_id}/receive")
async def receive(request: Request, notice_id: UUID, delivery_id: UUID, front: Here, reader: Writes) -> Response:
    """The unit signs for it."""
    needs(reader, *UNIT_SIDE)
    form = await request.form()
    wish = {"id": form.get("id"), "actor": reader.actor, "delivery_id": delivery_id}
    return await _done(request, front, reader, notice_id, read(ReceiveNotice, wish), "receive")


async def found(front: Front, reader: Reader, notice_id: UUID) -> Record:
    """The document; 404 also where the reader may not see it."""
    row = await notices.seen(front.db, reader, notice_id)
    if row is None:
        raise HTTPException(404)
    return row


async def _sent(front: Front, wish: Command | Refused) -> Done | Refused:
    return await front.send(wish) if isinstance(wish, Command) else wish


async def _done(
    request: Request, front: Front, reader: Reader, notice_id: UUID, wish: Command | Refused, what: str
) -> Response:
    await found(front, reader, notice_id)
    answer = await _sent(front, wish)
    if isinstance(answer, Refused):
        return await shown(request, front, reader, notice_id, answer)
    return done(f"/notices/{notice_id}", what, answer)


async def shown(
    request: Request, front: Front, reader: Reader, notice_id: UUID, refusal: Refused | None = None
) -> Response:
    """The page of one document, with what was refused, if something was."""
    context = await _context(front, reader, notice_id)
    answer = view.page(request, "notice.html", 422 if refusal else 200, **context, refusal=refusal)
    answer.headers["Content-Security-Policy"] = FRAMING
    return answer


async def _context(front: Front, reader: Reader, notice_id: UUID) -> dict[str, Any]:
    row = await found(front, reader, notice_id)
    deliveries = await notices.deliveries(front.db, notice_id)
    told = await feed.of_notice(front.db, notice_id)
    seen = deliveries if reader.region else [each for each in deliveries if each["unit"] == reader.unit]
    return {
        "notice": row,
        "items": view.loads(row["items"]),
        "recipients": view.loads(row["recipients"]),
        "copies": view.loads(row["copies"]),
        "deliveries": seen,
        "signs": reader.may(*SIGNS),
        "raises": reader.may(*SIGNS, ActorRole.INSPECTOR),
        "unit_side": reader.may(*UNIT_SIDE),
        "lines": [story.line(each["type"], each["time"], feed.said(each)) for each in told],
    }
