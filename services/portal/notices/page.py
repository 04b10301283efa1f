"""Documents: the list, one with its PDF and receipts, signing, withdrawing, receiving."""

import json
from typing import Any
from uuid import UUID

from asyncpg import Record
from fastapi import APIRouter, HTTPException, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from contracts.commands.notice import DraftNotice, ReceiveNotice, SignNotice, VoidNotice
from contracts.envelope import UNIT_SIDE
from contracts.notice import Notice, signers
from contracts.offices import HEADS, OVERSEEING, oversees
from contracts.refusals import Refused
from contracts.terms import NoticeKind, NoticeState
from services.portal.feed import queries as feed
from services.portal.identity.reader import Reader
from services.portal.notices import queries
from services.portal.register import queries as register
from services.portal.web import forms, templates
from services.portal.web.cursors import CursorInvalid
from services.portal.web.dependencies import Here, Portal, Reads, Writes, needs
from services.portal.web.forms import NOTHING_TYPED, Field, Form
from services.portal.web.headers import FRAMED, FRAMING
from services.portal.web.i18n import N_
from services.portal.web.i18n import gettext as _

router = APIRouter()

DRAFT, SIGN, RECEIVE = Form(DraftNotice), Form(SignNotice), Form(ReceiveNotice)
VOID = Form(VoidNotice, (Field("reason", N_("原因")),))


@router.get("/notices")
async def listed(
    request: Request, portal: Here, reader: Reads, kind: str = "", state: str = "", waiting: str = "", cursor: str = ""
) -> Response:
    """One page of documents, latest first."""
    kind, state = kind if kind in set(NoticeKind) else "", state if state in set(NoticeState) else ""
    try:
        page = await queries.page(portal.db, reader, kind, state, bool(waiting), cursor=cursor)
    except CursorInvalid as error:
        raise HTTPException(422, str(error)) from None
    context: dict[str, Any] = {
        "rows": [(Notice.model_validate_json(row["body"]), json.loads(row["recipients"]), row) for row in page.rows],
        "next": page.next,
        "kind": kind,
        "state": state,
        "waiting": bool(waiting),
        "counted": await queries.counts(portal.db, reader),
        "receives": reader.may(*UNIT_SIDE),
    }
    return templates.page(request, "notices.html", **context)


@router.get("/notices/{notice_id}.pdf")
async def pdf(notice_id: UUID, portal: Here, reader: Reads) -> Response:
    """The stored bytes; a reprint is the same."""
    notice = Notice.model_validate_json((await seen(portal, reader, notice_id))["body"])
    if notice.pdf is None:
        raise HTTPException(404, _("公文还没有成文：签发后几秒内生成。"))
    return await pdf_of(portal, notice)


async def pdf_of(portal: Portal, notice: Notice) -> Response:
    """The PDF of a document that is rendered and that the reader may see."""
    assert notice.pdf is not None
    headers = pdf_headers(notice) | {"ETag": f'"{notice.pdf}"', "Cache-Control": "private, no-cache"}
    return Response(await portal.service.blobs.get(notice.pdf), media_type="application/pdf", headers=headers)


def pdf_headers(notice: Notice) -> dict[str, str]:
    """Its name, and that our own pages may frame it."""
    name = f"inline; filename*=UTF-8''{templates.quote(f'{notice.number}.pdf')}"
    return {"Content-Disposition": name, "Content-Security-Policy": FRAMED}


@router.get("/notices/{notice_id}")
async def notice(request: Request, notice_id: UUID, portal: Here, reader: Reads) -> Response:
    """One document."""
    return await notice_page(request, portal, reader, notice_id)


@router.post("/notices/{notice_id}/sign")
async def sign(request: Request, notice_id: UUID, portal: Here, reader: Writes) -> Response:
    """Take the number; a double click is the same command twice."""
    return await _act(request, portal, reader, notice_id, SIGN, "sign", notice_id=notice_id)


@router.post("/notices/{notice_id}/void")
async def void(request: Request, notice_id: UUID, portal: Here, reader: Writes) -> Response:
    """Withdraw a draft, or void a number on record."""
    return await _act(request, portal, reader, notice_id, VOID, "void", notice_id=notice_id)


@router.post("/notices/{notice_id}/raise")
async def upgrade(request: Request, notice_id: UUID, portal: Here, reader: Writes) -> Response:
    """A red-head document about the same matters, citing this one's number: signed at once by those who may sign."""
    needs(reader, *sorted(OVERSEEING))
    row, form = await seen(portal, reader, notice_id), await request.form()
    cited = Notice.model_validate_json(row["body"])
    signs = oversees(reader.actor, cited, *HEADS)
    fields = {
        "actor": reader.actor,
        "kind": NoticeKind.SUPERVISION,
        "cites": cited.number,
        "assignments": [item["assignment_id"] for item in json.loads(row["items"])],
        "sign": signs,
    }
    answer = await forms.send(portal, DRAFT.read(form, **fields))
    if isinstance(answer, Refused):
        return await notice_page(request, portal, reader, notice_id, answer)
    return forms.back(f"/notices/{answer.aggregate.partition('/')[2]}", "sign" if signs else "raise", answer)


@router.post("/notices/{notice_id}/deliveries/{delivery_id}/receive")
async def receive(request: Request, notice_id: UUID, delivery_id: UUID, portal: Here, reader: Writes) -> Response:
    """The unit signs for it."""
    needs(reader, *UNIT_SIDE)
    return await _act(request, portal, reader, notice_id, RECEIVE, "receive", delivery_id=delivery_id)


async def seen(portal: Portal, reader: Reader, notice_id: UUID) -> Record:
    """The row of a document; 404 also where the reader may not see it."""
    row = await queries.one(portal.db, reader, notice_id)
    if row is None:
        raise HTTPException(404)
    return row


async def _act(
    request: Request, portal: Portal, reader: Reader, of: UUID, form: Form, what: str, **fields: Any
) -> Response:
    await seen(portal, reader, of)
    sent = await request.form()
    answer = await forms.send(portal, form.read(sent, actor=reader.actor, **fields))
    if isinstance(answer, Refused):
        return await notice_page(request, portal, reader, of, answer, sent)
    return forms.back(f"/notices/{of}", what, answer)


async def notice_page(
    request: Request,
    portal: Portal,
    reader: Reader,
    notice_id: UUID,
    refusal: Refused | None = None,
    typed: FormData = NOTHING_TYPED,
) -> Response:
    """The page of one document, with what was refused, if something was."""
    context = await _context(portal, reader, notice_id)
    form = VOID.bind(typed=typed, refusal=refusal)
    status = templates.status_of(refusal)
    answer = templates.page(request, "notice.html", status, **context, refusal=refusal, form=form)
    answer.headers["Content-Security-Policy"] = FRAMING
    return answer


async def _context(portal: Portal, reader: Reader, notice_id: UUID) -> dict[str, Any]:
    row = await seen(portal, reader, notice_id)
    notice = Notice.model_validate_json(row["body"])
    deliveries = await queries.deliveries(portal.db, reader, notice_id)
    draft = notice.state is NoticeState.DRAFT
    persons = {notice.drafted_by, notice.signed_by, *(each.received_by for each in deliveries)}
    return {
        "notice": notice,
        "items": json.loads(row["items"]),
        "recipients": json.loads(row["recipients"]),
        "paragraphs": row["paragraphs"],
        "deliveries": deliveries,
        "names": await register.person_names(portal.db, persons),
        "signs": oversees(reader.actor, notice, *signers(notice.kind)),
        "voids": oversees(reader.actor, notice, *(OVERSEEING if draft else signers(notice.kind))),
        "raises": oversees(reader.actor, notice, *OVERSEEING),
        "unit_side": reader.may(*UNIT_SIDE),
        "lines": await feed.of_notice(portal.db, reader, notice_id),
    }
