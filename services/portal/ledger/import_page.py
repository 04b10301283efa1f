"""An office's workbook: uploaded, read in a dry run with every reason, and then committed as a whole. R12, X11."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, File, Form, HTTPException, Request, UploadFile
from starlette.responses import Response

from contracts.commands.task import ImportLedger
from contracts.envelope import Command, Done
from contracts.refusals import Refused
from services.portal import desk, uploads, view
from services.portal.web.dependencies import Here, Reads, Writes, needs
from services.portal.web.i18n import gettext as _
from services.portal.task.action_routes import done, read
from services.portal.ledger.page import REGISTERS
from services.portal.store import people

router = APIRouter()


@router.get("/tasks/import")
async def form(request: Request, reader: Reads) -> Response:
    """Where the workbook is chosen."""
    needs(reader, *REGISTERS)
    return _page(request)


@router.post("/tasks/import")
async def try_out(
    request: Request, front: Here, reader: Writes, ledger: Annotated[UploadFile | None, File()] = None
) -> Response:
    """The dry run: what every row would become, or why it cannot."""
    needs(reader, *REGISTERS)
    brought = await uploads.take(front, [ledger] if ledger and ledger.filename else [], reader.person, ledger=True)
    if isinstance(brought, Refused):
        return _page(request, refusal=brought)
    if not brought:
        return _page(request, refusal=Refused(code="upload", message=_("请选择台账文件（xlsx 或 CSV）")))
    wish = {"actor": reader.actor, "blob": brought[0].digest, "filename": brought[0].name, "dry_run": True}
    answer = await desk.ask(front.service, ImportLedger(**wish))
    if isinstance(answer, Refused):
        return _page(request, refusal=answer)
    return _page(request, tried=answer, blob=brought[0].digest, filename=brought[0].name)


@router.post("/tasks/import/commit")
async def commit(
    request: Request, front: Here, reader: Writes, blob: Annotated[str, Form()], id: Annotated[UUID, Form()]
) -> Response:
    """All rows, or none."""
    needs(reader, *REGISTERS)
    known = (await people.uploads(front.db, [blob])).get(blob)
    if known is None:
        raise HTTPException(404)
    wish = read(ImportLedger, {"id": id, "actor": reader.actor, "blob": blob, "filename": known["name"]})
    answer = await front.send(wish) if isinstance(wish, Command) else wish
    if isinstance(answer, Refused):
        return _page(request, refusal=answer)
    return done("/tasks", "import", answer)


def _page(request: Request, refusal: Refused | None = None, tried: Done | None = None, **more: Any) -> Response:
    detail = (tried or refusal).detail if tried or refusal else {}  # type: ignore[union-attr]
    told = {"counts": detail.get("counts"), "rows": detail.get("rows", ()), "left_out": detail.get("left_out", 0)}
    return view.page(request, "import.html", 422 if refusal else 200, refusal=refusal, tried=tried, **told, **more)
