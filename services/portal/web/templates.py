"""How a page, or one block of it, becomes HTML."""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from jinja2_fragments import render_block
from starlette.requests import Request
from starlette.responses import HTMLResponse

from contracts.refusals import Refused
from services.portal.identity.sessions import Session
from services.portal.web import formats, labels
from services.portal.web.i18n import gettext, ngettext
from services.portal.web.problems import STATUSES

PORTAL = Path(__file__).parents[1]
STATIC = PORTAL / "static"
FOLDERS = sorted(PORTAL.glob("*/templates"))


@cache
def static(name: str) -> str:
    """The address of a file of ours, with its content in it: it may be cached for ever."""
    return f"/static/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


def environment() -> Environment:
    """All templates, the labels and the formats they use."""
    env = Environment(
        loader=FileSystemLoader(FOLDERS),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    env.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    env.globals.update(
        static=static,
        label=labels.label,
        choices=labels.choices,
        day=formats.day,
        exactly=formats.exactly,
        time_of_day=formats.time_of_day,
        date_line=formats.date_line,
        number=formats.number,
        rate=formats.rate,
        plain=formats.plain,
        fully=formats.fully,
        loads=json.loads,
        quote=quote,
        fresh_id=uuid4,
    )
    env.globals["ui"] = env.get_template("_ui.html").module
    env.globals["forms"] = env.get_template("_forms.html").module
    return env


ENV = environment()


def fragment(template: str, block: str, **context: Any) -> str:
    """One block of a page alone, for a live stream."""
    return render_block(ENV, template, block, **context)


def partial(target: str, html: str) -> str:
    """A piece of a stream's message with a target of its own."""
    return f'<hx-partial hx-target="{target}" hx-swap="innerMorph">{html}</hx-partial>'


def status_of(refusal: Refused | None) -> int:
    """The status of a page that shows a refusal, or none."""
    return STATUSES[refusal.kind] if refusal else 200


def page(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """A whole page for whoever asks."""
    session: Session | None = getattr(request.state, "session", None)
    shared = {
        "request": request,
        "session": session,
        "reader": session.reader if session else None,
        "path": request.url.path,
        "province": request.app.state.portal.settings.province,
        "done": request.query_params.get("done", ""),
        "late": "late" in request.query_params,
    }
    return HTMLResponse(ENV.get_template(template).render(shared | context), status)
