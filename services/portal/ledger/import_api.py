"""`/v1/imports`: an office's whole ledger, tried out or taken in one transaction. R12."""

from fastapi import APIRouter, Query, Request

from contracts.commands.task import ImportLedger
from services.portal import desk, uploads
from services.portal.rest import shapes
from services.portal.web.problems import Refusal, granted
from services.portal.web.caller import Wants

router = APIRouter(tags=["台账"])

FILE = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.post("/v1/imports", operation_id="importLedger", summary="导入台账", openapi_extra=FILE)
async def take(
    request: Request, wants: Wants, name: str = Query(min_length=1, max_length=200), dry_run: bool = False
) -> shapes.Granted:
    """The raw bytes of an xlsx or CSV file; `detail.rows` says of each row what becomes of it, and why not."""
    megabytes = wants.front.settings.upload_megabytes
    content = await uploads.body(request, megabytes)
    if content is None:
        raise Refusal(413, "too_large", f"文件超过 {megabytes} MB")
    if reason := uploads.refused(name, content, megabytes, ledger=True):
        raise Refusal(422, "upload", reason)
    kept = await uploads.keep(wants.front, name, content, wants.reader.person)
    body = {"blob": kept.digest, "filename": kept.name, "dry_run": dry_run}
    if not dry_run:
        return shapes.told(await wants.ask(ImportLedger, **body))
    wish = ImportLedger(id=wants.id, actor=wants.reader.actor, **body)
    return shapes.told(granted(await desk.ask(wants.front.service, wish)))
