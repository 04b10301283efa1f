"""One task: its clocks, its assignments, what happened, and the actions offered to whoever looks."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import Any
from uuid import UUID

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from contracts.offices import REVIEWERS, oversees
from contracts.terms import Role
from services.portal.feed import queries as feed
from services.portal.feed.timeline import TimelineEntry
from services.portal.identity.reader import Reader
from services.portal.notices import queries as notices
from services.portal.register import queries as register
from services.portal.task import queries
from services.portal.task.actions import REQUESTS, Action, unfinished, writes_notices
from services.portal.task.clocks import in_words, steps
from services.portal.task.forms import Tried, offered, offered_of_task
from services.portal.task.shapes import AssignmentView, task_view
from services.portal.web import templates, upload_queries, uploads
from services.portal.web.dependencies import Here, Portal, Reads
from services.portal.web.forms import BoundForm
from services.portal.web.i18n import gettext as _

router = APIRouter()

LATEST, MOST = 12, 1000
"""How many lines and assignments a page shows at first, and at most."""
LIVE = {"#facts": "facts", "#clocks": "clocks", "#assignments": "assignments", "#timeline": "timeline"}
"""What a watched page renews, by element and block: everything but what somebody may be filling in."""


@router.get("/tasks/{task_id}")
async def task(
    request: Request, task_id: UUID, portal: Here, reader: Reads, all: bool = False, part: UUID | None = None
) -> Response:
    """The whole page; with `all`, every assignment and the whole timeline; `part`: the assignment to act on."""
    return await task_page(request, portal, reader, task_id, most=MOST if all else LATEST, part=part)


@router.get("/tasks/{task_id}/stream")
async def stream(task_id: UUID, portal: Here, reader: Reads, all: bool = False) -> Response:
    """The page as it changes; all who see the same of it share one rendering."""
    await seen(portal, reader, task_id)

    async def render() -> str:
        context = await _context(portal, reader, task_id, MOST if all else LATEST)
        blocks = {at: templates.fragment("task.html", block, **context) for at, block in LIVE.items()}
        return "".join(templates.partial(at, html) for at, html in blocks.items())

    eyes = " ".join(sorted(reader.places))
    return portal.hub.stream(f"task {task_id} {all} {reader.unit} {eyes}", render)


@router.get("/tasks/{task_id}/evidence/{digest}")
async def evidence(task_id: UUID, digest: str, portal: Here, reader: Reads) -> Response:
    """A file that an event of this task cites, which the reader may see, under the citing unit's name for it."""
    unit = await feed.cited_by(portal.db, reader, task_id, digest)
    upload = (await upload_queries.of_unit(portal.db, unit, [digest])).get(digest) if unit else None
    if upload is None:
        raise HTTPException(404)
    headers = {"Content-Disposition": uploads.attachment(upload["name"]), "Cache-Control": "no-store"}
    try:
        content = await portal.service.blobs.get(digest)
    except FileNotFoundError:
        raise HTTPException(404, _("文件正在传输，请稍后再试。")) from None
    return Response(content, media_type=upload["media_type"], headers=headers)


async def seen(portal: Portal, reader: Reader, task_id: UUID) -> Any:
    """The row of the task; 404 also where the reader may not see it."""
    row = await queries.one(portal.db, reader, task_id)
    if row is None:
        raise HTTPException(404)
    return row


async def task_page(
    request: Request,
    portal: Portal,
    reader: Reader,
    task_id: UUID,
    tried: Tried | None = None,
    most: int = LATEST,
    part: UUID | None = None,
) -> Response:
    """The page, with the form that was refused, if one was.

    Of a task with many units the office is offered what it may propose for the one it has chosen, not for each.
    """
    context = await _context(portal, reader, task_id, most)
    whole = [each for each in context["assignments"] if isinstance(each, AssignmentView)]
    waits = unfinished(context["assignments"])

    def forms_of(each: AssignmentView) -> dict[Action, BoundForm]:
        chosen = not context["many"] or each.assignment_id == part or each.unit == reader.unit
        held_up = each.role is Role.LEAD and bool(waits)
        return offered(reader, each, context["now"], tried, waits=held_up, proposes=chosen)

    bound = [(each, forms_of(each)) for each in whole]
    of_task = offered_of_task(reader, context["task"], tried)
    sent = [form for form in chain(*(forms.values() for _, forms in bound), of_task.values()) if form.errors]
    refusal = tried.refusal if tried else None
    return templates.page(
        request,
        "task.html",
        templates.status_of(refusal),
        **context,
        refusal=refusal,
        requests=REQUESTS,
        part=part,
        waits=waits,
        errors=sent[0].errors if sent else (),
        offered=[(each, forms) for each, forms in bound if forms],
        offered_of_task=of_task,
    )


async def _context(portal: Portal, reader: Reader, task_id: UUID, most: int) -> dict[str, Any]:
    db, now, calendar = portal.db, datetime.now(UTC), (await portal.reference()).calendar
    row = await seen(portal, reader, task_id)
    task = task_view(json.loads(row["body"]), row)
    assignments = await queries.assignments_of(db, reader, task_id, now, calendar)
    timeline = await feed.of_task(db, reader, task_id, most)
    own = [each for each in assignments if each.unit == reader.unit]
    mine = next(iter(own or assignments), None)
    return {
        "task": task,
        "texts": row,
        "assignments": assignments,
        "shown": [*own, *(each for each in assignments if each.unit != reader.unit)][:most],
        "lines": timeline.lines,
        "rest": timeline.total - len(timeline.lines),
        "all": most == MOST,
        "files": await _files(portal, timeline.lines),
        "mine": mine,
        "now": now,
        "in_words": in_words,
        "steps": steps(mine, now, calendar) if mine else [],
        "notices": await notices.of_task(db, reader, task_id),
        "writes_notices": writes_notices(reader, task),
        "oversees": oversees(reader.actor, task, *REVIEWERS),
        "many": len(assignments) > LATEST,
        "post": await register.post(db, task.lead_post),
    }


async def _files(portal: Portal, lines: Sequence[TimelineEntry]) -> dict[tuple[str, str], str]:
    """The names of the files that the lines cite, by (digest, unit)."""
    cited = {(digest, line.unit) for line in lines for digest in line.evidence}
    return {key: row["name"] for key, row in (await upload_queries.cited(portal.db, cited)).items()} if cited else {}
