"""What the forms of a task's page send: actions on an assignment and on the whole task, and documents about it."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, HTTPException, Request
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from contracts.assignment import Assignment
from contracts.commands.assignment import Acknowledge, Close, Complete, Report, Rework, Verify
from contracts.commands.notice import DraftNotice
from contracts.commands.task import Cancel, Resume, Suspend
from contracts.envelope import Command, Done
from contracts.offices import OVERSEEING
from contracts.refusals import Refused
from contracts.terms import NoticeKind, Role
from services.portal.identity.reader import Reader
from services.portal.task import page, queries
from services.portal.task.actions import Action, TaskAction
from services.portal.web import forms, uploads
from services.portal.web.dependencies import Here, Portal, Writes, needs

router = APIRouter()

COMMANDS: dict[Action, type[Command]] = {
    Action.ACKNOWLEDGE: Acknowledge,
    Action.REPORT: Report,
    Action.COMPLETE: Complete,
    Action.VERIFY: Verify,
    Action.REWORK: Rework,
    Action.CLOSE: Close,
}
TASK_COMMANDS: dict[TaskAction, type[Command]] = {
    TaskAction.SUSPEND: Suspend,
    TaskAction.RESUME: Resume,
    TaskAction.CANCEL: Cancel,
}


@router.post("/tasks/{task_id}/assignments/{assignment_id}/{action}")
async def act(
    request: Request, task_id: UUID, assignment_id: UUID, action: Action, portal: Here, reader: Writes
) -> Response:
    """One action; back to the task with what it did, or with what was wrong."""
    if await queries.task_of(portal.db, reader, assignment_id) != task_id:
        raise HTTPException(404)
    form = await request.form()
    answer = await forms.send(portal, await _command(portal, COMMANDS[action], form, reader, assignment_id))
    if isinstance(answer, Done):
        return forms.back(f"/tasks/{task_id}", action, answer)
    typed = {key: value for key, value in form.items() if isinstance(value, str)}
    typed |= {"action": action, "assignment": str(assignment_id)}
    return await page.task_page(request, portal, reader, task_id, answer, typed)


@router.post("/tasks/{task_id}/whole/{action}")
async def act_on_task(request: Request, task_id: UUID, action: TaskAction, portal: Here, reader: Writes) -> Response:
    """An action on the whole task; back to it with what it did."""
    await page.seen(portal, reader, task_id)
    form = await request.form()
    fields = {key: form[key] for key in ("id", "reason") if form.get(key)}
    command = forms.read(TASK_COMMANDS[action], {**fields, "actor": reader.actor, "task_id": task_id})
    answer = await forms.send(portal, command)
    if isinstance(answer, Done):
        return forms.back(f"/tasks/{task_id}", action, answer)
    typed = {"action": action, "reason": form.get("reason", "")}
    return await page.task_page(request, portal, reader, task_id, answer, typed)


@router.post("/tasks/{task_id}/notices")
async def draft_notice(request: Request, task_id: UUID, portal: Here, reader: Writes) -> Response:
    """A document about the open assignments of a task: a draft, or signed at once."""
    needs(reader, *OVERSEEING)
    await page.seen(portal, reader, task_id)
    form = await request.form()
    chosen = [str(each) for each in form.getlist("assignments")] or await _concerned(portal, reader, task_id)
    fields = {"kind": form.get("kind", NoticeKind.SUPERVISION), "assignments": chosen, "sign": "sign" in form}
    command = forms.read(DraftNotice, {"id": form.get("id"), "actor": reader.actor, **fields})
    answer = await forms.send(portal, command)
    if isinstance(answer, Refused):
        return await page.task_page(request, portal, reader, task_id, answer)
    return forms.back(f"/notices/{answer.aggregate.partition('/')[2]}", "sign" if "sign" in form else "draft", answer)


async def _concerned(portal: Portal, reader: Reader, task_id: UUID) -> list[str]:
    """The open assignments that colour the task."""
    calendar = (await portal.reference()).calendar
    assignments = await queries.assignments_of(portal.db, reader, task_id, datetime.now(UTC), calendar)
    whole = [each for each in assignments if isinstance(each, Assignment)]
    return [str(a.assignment_id) for a in whole if a.open and not a.paused_at and a.role is not Role.SUPPORTING]


async def _command(
    portal: Portal, command: type[Command], form: FormData, reader: Reader, assignment_id: UUID
) -> Command | Refused:
    """The command a form means; its files are stored first."""
    files = [each for each in form.getlist("evidence") if isinstance(each, UploadFile)]
    taken = await uploads.take(portal, files, reader)
    if isinstance(taken, Refused):
        return taken
    skip = ("csrf_token", "evidence", "milestones")
    fields: dict[str, Any] = {
        key: value for key, value in form.items() if isinstance(value, str) and value and key not in skip
    }
    if "evidence" in command.model_fields:
        fields["evidence"] = [each.digest for each in taken]
    if "milestones" in command.model_fields:
        fields["milestones"] = form.getlist("milestones")
    return forms.read(command, {**fields, "actor": reader.actor, "assignment_id": assignment_id})
