"""One task: its clocks, its parts, what happened, and the steps open to whoever looks."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from asyncpg import Record
from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from contracts.envelope import ActorRole
from contracts.refusals import Refused
from services.portal import story, view
from services.portal.domain import clocks
from services.portal.task.actions import acts, task_acts
from services.portal.task.clocks import Clock, Step
from services.portal.identity.reader import Reader
from services.portal.web.dependencies import Front, Here, Reads
from services.portal.web.i18n import gettext as _
from services.portal.store import assignments, feed, milestones, notices, people, tasks, units

router = APIRouter()

LATEST, MOST = 12, 1000
"""How many happenings a timeline shows at first, and at most."""
WRITES_NOTICES = (ActorRole.INSPECTOR, ActorRole.SUPERVISOR, ActorRole.LEADER)


@router.get("/tasks/{task_id}")
async def task(request: Request, task_id: UUID, front: Here, reader: Reads, all: bool = False) -> Response:
    """The whole page; with `all`, the whole timeline."""
    context = await _context(front, reader, task_id, MOST if all else LATEST)
    return view.page(request, "task.html", **context, refusal=None, form={})


@router.get("/tasks/{task_id}/stream")
async def stream(task_id: UUID, front: Here, reader: Reads, all: bool = False) -> Response:
    """The timeline and the state, as they change; with `all`, the whole timeline."""
    await found(front, reader, task_id)

    async def render() -> str:
        context = await _context(front, reader, task_id, MOST if all else LATEST)
        blocks = {"#clocks": "clocks", "#timeline": "timeline"}
        return "".join(view.partial(at, view.fragment("task.html", name, **context)) for at, name in blocks.items())

    return front.hub.stream(f"task {task_id} {all} {reader.unit} {reader.person}", render)


@router.get("/tasks/{task_id}/evidence/{digest}")
async def evidence(task_id: UUID, digest: str, front: Here, reader: Reads) -> Response:
    """A file somebody brought to this task."""
    await found(front, reader, task_id)
    lines = [
        story.line(row["type"], row["time"], feed.said(row)) for row in await feed.timeline(front.db, task_id, MOST)
    ]
    if not any(digest in line.evidence for line in lines):
        raise HTTPException(404)
    known = (await people.uploads(front.db, [digest])).get(digest)
    name, kind = (known["name"], known["media_type"]) if known else (digest[:12], "application/octet-stream")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{view.quote(name)}", "Cache-Control": "no-store"}
    try:
        return Response(await front.service.blobs.get(digest), media_type=kind, headers=headers)
    except FileNotFoundError:
        raise HTTPException(404, _("文件正在传输，请稍后再试。")) from None


async def found(front: Front, reader: Reader, task_id: UUID) -> Record:
    """The task; 404 also where the reader may not see it."""
    row = await tasks.seen(front.db, reader, task_id)
    if row is None:
        raise HTTPException(404)
    return row


async def shown(
    request: Request,
    front: Front,
    reader: Reader,
    task_id: UUID,
    refusal: Refused | None = None,
    form: dict[str, Any] | None = None,
) -> Response:
    """The page, with what was wrong with a form, if something was."""
    context = await _context(front, reader, task_id)
    return view.page(request, "task.html", 422 if refusal else 200, **context, refusal=refusal, form=form or {})


async def _context(front: Front, reader: Reader, task_id: UUID, most: int = LATEST) -> dict[str, Any]:
    db, now = front.db, datetime.now(UTC)
    row = await found(front, reader, task_id)
    parts = await assignments.of_task(db, task_id)
    told = await feed.timeline(db, task_id, MOST)
    lines = [story.line(each["type"], each["time"], feed.said(each)) for each in told[:most]]
    files = await people.uploads(db, {digest for line in lines for digest in line.evidence})
    own = [part for part in parts if part["unit"] == reader.unit]
    mine = next(iter(own or parts), None)
    return {
        "task": row,
        "parts": parts,
        "shown": [*own, *(part for part in parts if part["unit"] != reader.unit)][:most],
        "lines": lines,
        "all": most == MOST,
        "rest": len(told) - len(lines),
        "files": files,
        "mine": mine,
        "now": now,
        "steps": await steps(front, mine, now) if mine else [],
        "plan": await milestones.of_part(db, mine["assignment_id"]) if mine else [],
        "acts": {part["assignment_id"]: may for part in parts if (may := acts(reader, row, part))},
        "whole": task_acts(reader, row),
        "notices": await notices.of_task(db, reader, task_id),
        "writes_notices": reader.may(*WRITES_NOTICES),
    }


async def steps(front: Front, part: Record, now: datetime) -> list[Step]:
    """The clocks of a part as steps."""
    rows = await assignments.clocks_of(front.db, part["assignment_id"])
    known = [Clock(row["kind"], row["due"], row["met_at"], row["provisional"]) for row in rows]
    now = min(now, part["stopped_at"] or now)
    return clocks.steps(known, part["closed_at"], now, await units.calendar(front.db))
