"""An office's workbook: uploaded, read in a dry run with every reason, and then committed as a whole. R12, X11."""

from typing import Annotated, Any

from fastapi import APIRouter, File, HTTPException, Request, UploadFile
from fastapi import Form as FormField
from starlette.responses import Response

from contracts.commands.task import ImportLedger
from contracts.envelope import Done
from contracts.offices import OVERSEEING
from contracts.refusals import Refused
from services.portal import refusals
from services.portal.web import command_client, forms, templates, upload_queries, uploads
from services.portal.web.dependencies import Here, Reads, Writes, needs
from services.portal.web.forms import Field, Form
from services.portal.web.i18n import N_
from services.portal.web.i18n import gettext as _

router = APIRouter()

ROLES = sorted(OVERSEEING)
HINT = N_("Excel 工作簿（xlsx）或 CSV，保持各单位原有格式即可。先试算，逐行核对后再导入；有一行不合格，整份都不导入。")
FORM = Form(ImportLedger, (Field("ledger", N_("台账文件"), hint=HINT, control="file", accept=".xlsx,.csv"),))


@router.get("/tasks/import")
async def form(request: Request, reader: Reads) -> Response:
    """Where the workbook is chosen."""
    needs(reader, *ROLES)
    return _page(request)


@router.post("/tasks/import")
async def dry_run(
    request: Request, portal: Here, reader: Writes, ledger: Annotated[UploadFile | None, File()] = None
) -> Response:
    """What every row would become, or why it cannot."""
    needs(reader, *ROLES)
    taken = await uploads.take(portal, [ledger] if ledger and ledger.filename else [], reader, ledger=True)
    if isinstance(taken, Refused):
        return _page(request, taken)
    if not taken:
        return _page(request, refusals.upload(_("请选择台账文件（xlsx 或 CSV）"), "/ledger"))
    file = taken[0]
    command = ImportLedger(actor=reader.actor, blob=file.digest, filename=file.name, dry_run=True)
    answer = await command_client.request(portal.service, command)
    return _page(request, answer, blob=file.digest, filename=file.name)


@router.post("/tasks/import/commit")
async def commit(request: Request, portal: Here, reader: Writes, blob: Annotated[str, FormField()] = "") -> Response:
    """All rows, or none."""
    needs(reader, *ROLES)
    file = (await upload_queries.of_unit(portal.db, reader.unit, [blob])).get(blob)
    if file is None:
        raise HTTPException(404)
    command = Form(ImportLedger).read(await request.form(), actor=reader.actor, blob=blob, filename=file["name"])
    answer = await forms.send(portal, command)
    return _page(request, answer) if isinstance(answer, Refused) else forms.back("/tasks", "import", answer)


def _page(request: Request, answer: Done | Refused | None = None, **file: Any) -> Response:
    refusal = answer if isinstance(answer, Refused) else None
    detail = answer.detail if answer else {}
    context = {
        "refusal": refusal,
        "form": FORM.bind(refusal=refusal),
        "tried": answer if isinstance(answer, Done) else None,
        "counts": detail.get("counts"),
        "rows": detail.get("rows", ()),
        "left_out": detail.get("left_out", 0),
    }
    return templates.page(request, "import.html", templates.status_of(refusal), **context, **file)
