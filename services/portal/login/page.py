"""The door: who are you, and out again."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from contracts.refusals import Refused
from services.portal import demo, view
from services.portal.web.dependencies import AtTheDoor, Forged, Here, Reads
from services.portal.web.i18n import gettext as _
from services.portal.identity import sessions
from services.portal.identity.passwords import DEMO
from services.portal.identity.sessions import Refusal, Session
from services.portal.store import people

router = APIRouter()


@router.get("/login")
async def door(request: Request, front: Here, session: AtTheDoor, next: str = "/") -> Response:
    """The form; whoever comes without an id gets one, which the form brings back."""
    answer = await _door(request, front, next)
    if session.reader is None:
        sessions.remember(answer, session, front.settings)
    return answer


@router.post("/login")
async def come_in(
    request: Request,
    front: Here,
    session: AtTheDoor,
    login: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    csrf_token: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",
) -> Response:
    """In, to where they wanted to go; or the reason why not."""
    if not session.brought(csrf_token):
        raise Forged
    found = await sessions.sign_in(front.db, front.passwords, login.replace("\0", "").strip(), password, session)
    if isinstance(found, Session):
        answer: Response = RedirectResponse(own(next), 303)
        sessions.remember(answer, found, front.settings)
        return answer
    return await _door(request, front, next, login, found)


@router.post("/logout")
async def leave(front: Here, session: AtTheDoor, csrf_token: Annotated[str, Form()] = "") -> Response:
    """Out; the id means nothing any more."""
    if not session.brought(csrf_token):
        raise Forged
    await sessions.sign_out(front.db, session)
    return RedirectResponse("/login", 303)


@router.get("/")
async def home(reader: Reads) -> Response:
    """Who oversees begins at the wall, a unit with what it has to do."""
    return RedirectResponse("/wall" if reader.region else "/tasks?view=mine", 303)


def own(target: str) -> str:
    """A target on this very site; anything else is the home page."""
    parts = urlsplit(target)
    safe = target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return target if safe and "\\" not in target else "/"


async def _door(request: Request, front: Here, next: str, login: str = "", why: Refusal | None = None) -> Response:
    refusal = Refused(code=why, message=reasons()[why]) if why else None
    shown = demo.ACCOUNTS if await people.is_demo(front.db) else ()
    context = {"next": own(next), "login": login, "refusal": refusal, "demo": shown, "password": DEMO}
    return view.page(request, "login.html", 422 if why else 200, **context)


def reasons() -> dict[Refusal, str]:
    """Why somebody may not come in, in words that do not tell whether the account exists."""
    return {
        Refusal.WRONG: _("账号或口令不正确"),
        Refusal.SHUT: _("口令连续错误，该账号已锁定15分钟"),
        Refusal.DISABLED: _("该账号已停用，请联系督查室"),
    }
