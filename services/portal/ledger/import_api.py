"""`/v1/imports`: an office's whole ledger, tried out or taken in one transaction. R12."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from contracts.commands.task import ImportLedger
from services.portal import refusals
from services.portal.task.evidence_api import FILE, FileName
from services.portal.web import command_client, uploads
from services.portal.web.bodies import Granted, granted
from services.portal.web.caller import Calls
from services.portal.web.problems import Refusal, done

router = APIRouter(tags=["imports"])


@router.post("/v1/imports", operation_id="importLedger", summary="Import a ledger (导入台账)", openapi_extra=FILE)
async def take(
    request: Request,
    caller: Calls,
    name: FileName,
    dry_run: Annotated[bool, Query(description="Only say what would become of each row (试导入).")] = False,
) -> Granted:
    """The raw bytes of an xlsx or CSV file; `detail.rows` says of each row what becomes of it, and why not."""
    portal = caller.portal
    content = done(await uploads.body(request, portal.settings.upload_megabytes))
    if reason := await uploads.reason_against(name, content, portal.settings.upload_megabytes, ledger=True):
        raise Refusal(refusals.upload(reason, ""))
    file = await uploads.store(portal, name, content, caller.reader)
    command = caller.command(ImportLedger, blob=file.digest, filename=file.name, dry_run=dry_run)
    answer = command_client.request(portal.service, command) if dry_run else portal.send(command)
    return granted(done(await answer))
