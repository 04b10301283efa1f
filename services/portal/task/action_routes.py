"""What the forms of a task's page send: actions on an assignment and on the whole task, and documents about it."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, HTTPException, Request
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from contracts.assignment import Assignment
from contracts.commands.notice import DraftNotice
from contracts.envelope import Command, Done
from contracts.offices import OVERSEEING
from contracts.refusals import Refused
from contracts.terms import NoticeKind, Role
from services.portal.identity.reader import Reader
from services.portal.task import page, queries
from services.portal.task.actions import Action, TaskAction
from services.portal.task.forms import FIXED, FORMS, TASK_FORMS, Tried
from services.portal.web import forms, upload_queries, uploads
from services.portal.web.dependencies import Here, Portal, Writes, needs
from services.portal.web.forms import Form
from services.portal.web.problems import together

router = APIRouter()

DRAFT = Form(DraftNotice)


@router.post("/tasks/{task_id}/assignments/{assignment_id}/{action}")
async def act(
    request: Request, task_id: UUID, assignment_id: UUID, action: Action, portal: Here, reader: Writes
) -> Response:
    """One action; back to the task with what it did, or with what was wrong."""
    if await queries.task_of(portal.db, reader, assignment_id) != task_id:
        raise HTTPException(404)
    form = await request.form()
    fixed = {"actor": reader.actor, "assignment_id": assignment_id, **FIXED.get(action, {})}
    command, kept = await _read(portal, reader, FORMS[action], form, fixed)
    answer = await forms.send(portal, command)
    if isinstance(answer, Done):
        return forms.back(f"/tasks/{task_id}", action, answer)
    return await page.task_page(request, portal, reader, task_id, Tried(answer, action, assignment_id, form, kept))


@router.post("/tasks/{task_id}/whole/{action}")
async def act_on_task(request: Request, task_id: UUID, action: TaskAction, portal: Here, reader: Writes) -> Response:
    """An action on the whole task; back to it with what it did."""
    await page.seen(portal, reader, task_id)
    form = await request.form()
    command = TASK_FORMS[action].read(form, actor=reader.actor, task_id=task_id)
    answer = await forms.send(portal, command)
    if isinstance(answer, Done):
        return forms.back(f"/tasks/{task_id}", action, answer)
    return await page.task_page(request, portal, reader, task_id, Tried(answer, action, form=form))


@router.post("/tasks/{task_id}/notices")
async def draft_notice(request: Request, task_id: UUID, portal: Here, reader: Writes) -> Response:
    """A document about the open assignments of a task: a draft, or signed at once."""
    needs(reader, *OVERSEEING)
    await page.seen(portal, reader, task_id)
    form = await request.form()
    chosen = [str(each) for each in form.getlist("assignments")] or await _concerned(portal, reader, task_id)
    fields = {"kind": form.get("kind", NoticeKind.SUPERVISION), "assignments": chosen, "sign": "sign" in form}
    answer = await forms.send(portal, DRAFT.read(form, actor=reader.actor, **fields))
    if isinstance(answer, Refused):
        return await page.task_page(request, portal, reader, task_id, Tried(answer))
    return forms.back(f"/notices/{answer.aggregate.partition('/')[2]}", "sign" if "sign" in form else "draft", answer)


async def _concerned(portal: Portal, reader: Reader, task_id: UUID) -> list[str]:
    """The open assignments that colour the task."""
    calendar = (await portal.reference()).calendar
    assignments = await queries.assignments_of(portal.db, reader, task_id, datetime.now(UTC), calendar)
    whole = [each for each in assignments if isinstance(each, Assignment)]
    return [str(a.assignment_id) for a in whole if a.open and not a.paused_at and a.role is not Role.SUPPORTING]


async def _read(
    portal: Portal, reader: Reader, form: Form, sent: FormData, fixed: dict[str, Any]
) -> tuple[Command | Refused, dict[str, str]]:
    """The command a form means; and its files by digest, those sent now and those kept from an earlier try."""
    if "evidence" not in form.command.model_fields:
        return form.read(sent, **fixed), {}
    files = [each for each in sent.getlist("evidence") if isinstance(each, UploadFile)]
    taken = await uploads.take(portal, files, reader)
    kept = [each for each in sent.getlist("kept") if isinstance(each, str)]
    names = {key: row["name"] for key, row in (await upload_queries.of_unit(portal.db, reader.unit, kept)).items()}
    names |= {} if isinstance(taken, Refused) else {each.digest: each.name for each in taken}
    command = form.read(sent, **fixed, evidence=list(names))
    wrong = [each for each in (taken, command) if isinstance(each, Refused)]
    return (together(*wrong) if wrong else command), names
