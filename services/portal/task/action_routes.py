"""The steps of a part: sign for it, report, complete, verify, send back, write off; and the documents about it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from fastapi import APIRouter, HTTPException, Request
from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.responses import RedirectResponse, Response

from contracts import commands
from contracts.envelope import Command, Done
from contracts.refusals import Refused
from contracts.terms import NoticeKind
from services.portal import uploads
from services.portal.task.actions import Act, TaskAct
from services.portal.web.validation import in_words
from services.portal.web.dependencies import Front, Here, Writes, needs
from services.portal.web.i18n import gettext as _
from services.portal.pages import task as page
from services.portal.store import assignments

router = APIRouter()

COMMANDS: dict[Act, type[Command]] = {
    Act.ACKNOWLEDGE: commands.Acknowledge,
    Act.REPORT: commands.Report,
    Act.COMPLETE: commands.Complete,
    Act.VERIFY: commands.Verify,
    Act.REWORK: commands.Rework,
    Act.CLOSE: commands.Close,
}
WHOLE: dict[TaskAct, type[Command]] = {
    TaskAct.SUSPEND: commands.Suspend,
    TaskAct.RESUME: commands.Resume,
    TaskAct.CANCEL: commands.Cancel,
}


@router.post("/tasks/{task_id}/parts/{assignment_id}/{act}")
async def step(request: Request, task_id: UUID, assignment_id: UUID, act: Act, front: Here, reader: Writes) -> Response:
    """One step; back to the task with what came of it, or with what was wrong."""
    part = await assignments.seen(front.db, reader, assignment_id)
    if part is None or part["task_id"] != task_id:
        raise HTTPException(404)
    form = await request.form()
    wish = await _wish(front, COMMANDS[act], form, {"actor": reader.actor, "assignment_id": assignment_id})
    answer = await front.send(wish) if isinstance(wish, Command) else wish
    if isinstance(answer, Refused):
        kept = {key: value for key, value in form.items() if isinstance(value, str)}
        return await page.shown(request, front, reader, task_id, answer, {**kept, "act": act, "part": assignment_id})
    return done(f"/tasks/{task_id}", act, answer)


@router.post("/tasks/{task_id}/whole/{act}")
async def whole(request: Request, task_id: UUID, act: TaskAct, front: Here, reader: Writes) -> Response:
    """A step of the whole task; back to it with what came of it."""
    await page.found(front, reader, task_id)
    form = await request.form()
    fields = {key: form[key] for key in ("id", "reason") if form.get(key)}
    wish = read(WHOLE[act], {**fields, "actor": reader.actor, "task_id": task_id})
    answer = await front.send(wish) if isinstance(wish, Command) else wish
    if isinstance(answer, Refused):
        return await page.shown(request, front, reader, task_id, answer, {"act": act, "reason": form.get("reason", "")})
    return done(f"/tasks/{task_id}", act, answer)


@router.post("/tasks/{task_id}/notices")
async def write(request: Request, task_id: UUID, front: Here, reader: Writes) -> Response:
    """A document about the open parts of a task: a draft, or signed at once."""
    needs(reader, *page.WRITES_NOTICES)
    await page.found(front, reader, task_id)
    form = await request.form()
    parts = await assignments.of_task(front.db, task_id)
    open_parts = [part for part in parts if not part["closed_at"] and not part["stopped_at"]]
    concerned = [str(part["assignment_id"]) for part in open_parts if part["role"] != "supporting"]
    chosen = [str(each) for each in form.getlist("assignments")] or concerned
    wanted = {"kind": form.get("kind", NoticeKind.SUPERVISION), "assignments": chosen, "sign": "sign" in form}
    wish = read(commands.DraftNotice, {"id": form.get("id"), "actor": reader.actor, **wanted})
    answer = await front.send(wish) if isinstance(wish, Command) else wish
    if isinstance(answer, Refused):
        return await page.shown(request, front, reader, task_id, answer)
    return done(f"/notices/{answer.aggregate.partition('/')[2]}", "sign" if "sign" in form else "draft", answer)


async def _wish(front: Front, command: type[Command], form: FormData, given: dict[str, Any]) -> Command | Refused:
    """The command a form means; its files are kept first."""
    files = [each for each in form.getlist("evidence") if isinstance(each, UploadFile)]
    brought = await uploads.take(front, files, given["actor"].person)
    if isinstance(brought, Refused):
        return brought
    fields: dict[str, Any] = {
        key: value for key, value in form.items() if isinstance(value, str) and value and key != "csrf_token"
    }
    if "evidence" in command.model_fields:
        fields["evidence"] = [each.digest for each in brought]
    if "milestones" in command.model_fields:
        fields["milestones"] = form.getlist("milestones")
    return read(command, {**fields, **given})


def read(command: type[Command], fields: dict[str, Any]) -> Command | Refused:
    """A command from a form's fields; or the first field that is wrong, in Chinese."""
    try:
        return command(**fields)
    except ValidationError as error:
        first = error.errors()[0]
        pointer = "/" + "/".join(map(str, first["loc"]))
        return told(Refused(code="invalid", message=in_words(first), pointer=pointer))


def told(refusal: Refused) -> Refused:
    """A malformed field in words an official understands."""
    words: dict[str, Callable[[], str]] = {
        "/percent": lambda: _("累计完成：请填 0 到 100 之间的数字，最多两位小数"),
        "/text": lambda: _("情况说明：请用 5 到 4000 个字写明做了什么、结果如何"),
        "/evidence": lambda: _("佐证材料：报完成至少要附一份"),
        "/reason": lambda: _("理由：请写明理由，至少两个字"),
        "/grade": lambda: _("等次：请选择优秀、良好或合格"),
        "/lead_official": lambda: _("牵头领导：请填写职务和姓名"),
        "/target": lambda: _("量化目标：请写明可以检验的目标"),
        "/verification_form": lambda: _("成果检验形式：请写明以什么检验"),
        "/title": lambda: _("事项：请用 2 到 300 个字写明"),
        "/milestones": lambda: _("时间节点：请写明名称（至少两个字）、日期和 1 到 100 的分值"),
        "/parts": lambda: _("承办单位：请至少填写一个牵头单位"),
    }
    field = "/" + refusal.pointer.split("/")[1] if refusal.pointer else ""
    message = words[field]() if field in words else _("填写有误：%s") % refusal.message
    return refusal.model_copy(update={"message": message})


def done(target: str, what: str, answer: Done) -> Response:
    """To the page that shows what came of it; `late` where the ledger does not have it yet."""
    late = "&late=1" if answer.detail.get("settled") is False else ""
    return RedirectResponse(f"{target}?done={what}{late}", 303)
