"""Templates: how a page, or one block of it, becomes HTML."""

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

from services.portal import story, when, words
from services.portal.web.i18n import gettext, ngettext
from services.portal.identity.sessions import Session

HERE = Path(__file__).parent
loads = json.loads
STATIC = HERE / "static"


@cache
def static(name: str) -> str:
    """The address of a file of ours, with its content in it: it may be kept for ever."""
    return f"/static/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


def environment() -> Environment:
    """All templates, the words and the figures they use."""
    env = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    env.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    env.globals.update(
        static=static,
        word=words.word,
        choices=words.choices,
        day=when.day,
        exactly=when.exactly,
        clock=when.clock,
        date_line=when.date_line,
        number=when.number,
        rate=when.rate,
        plain=when.plain,
        fully=when.fully,
        loads=loads,
        person=story.person,
        quote=quote,
        fresh_id=uuid4,
    )
    env.globals["ui"] = env.get_template("_ui.html").module
    return env


ENV = environment()


def fragment(template: str, block: str, **context: Any) -> str:
    """One block of a page alone, for a live stream."""
    return render_block(ENV, template, block, **context)


def partial(target: str, html: str) -> str:
    """A piece of a stream's message with a target of its own."""
    return f'<hx-partial hx-target="{target}" hx-swap="innerMorph">{html}</hx-partial>'


def page(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """A whole page for whoever asks."""
    session: Session | None = getattr(request.state, "session", None)
    shared = {
        "request": request,
        "session": session,
        "reader": session.reader if session else None,
        "path": request.url.path,
        "place": request.app.state.front.settings.province,
        "done": request.query_params.get("done", ""),
        "late": "late" in request.query_params,
    }
    return HTMLResponse(ENV.get_template(template).render(shared | context), status)
