"""Who are you, and out again."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi import Form as FormField
from pydantic import BaseModel, SecretStr
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from contracts.envelope import ActorRole
from contracts.refusals import Refused, refuse
from services.portal.identity import demo, queries, sessions
from services.portal.identity.passwords import DEMO
from services.portal.identity.sessions import Session
from services.portal.refusals import Code
from services.portal.register.queries import person_names
from services.portal.web import templates
from services.portal.web.dependencies import Anybody, Forged, Here, Portal, Visitor
from services.portal.web.forms import NOTHING_TYPED, Field, Form
from services.portal.web.i18n import N_
from services.portal.web.i18n import gettext as _

router = APIRouter()


class SignIn(BaseModel):
    """What is asked at the door."""

    login: str
    password: SecretStr


FORM = Form(
    SignIn,
    (
        Field("login", N_("账号"), autocomplete="username"),
        Field("password", N_("口令"), control="password", autocomplete="current-password"),
    ),
)


@router.get("/login")
async def form(request: Request, portal: Here, session: Visitor, next: str = "/") -> Response:
    """The form; whoever comes without an id gets one, which the form brings back."""
    answer = await _form(request, portal, next)
    if session.reader is None:
        sessions.remember(answer, session, portal.settings)
    return answer


@router.post("/login")
async def sign_in(
    request: Request,
    portal: Here,
    session: Visitor,
    login: Annotated[str, FormField()] = "",
    password: Annotated[str, FormField()] = "",
    csrf_token: Annotated[str, FormField()] = "",
    next: Annotated[str, FormField()] = "/",
) -> Response:
    """In, to where they wanted to go; or the reason why not."""
    if not session.matches(csrf_token):
        raise Forged
    login = login.replace("\0", "").strip()
    opened = await sessions.sign_in(portal.db, portal.passwords, login, password, session)
    if isinstance(opened, Session):
        answer: Response = RedirectResponse(own(next), 303)
        sessions.remember(answer, opened, portal.settings)
        return answer
    refusal = refuse(opened, reasons()[opened], "/password")
    return await _form(request, portal, next, FormData([("login", login)]), refusal)


@router.post("/logout")
async def sign_out(portal: Here, session: Visitor, csrf_token: Annotated[str, FormField()] = "") -> Response:
    """Out; the id means nothing any more."""
    if not session.matches(csrf_token):
        raise Forged
    await sessions.sign_out(portal.db, session)
    return RedirectResponse("/login", 303)


@router.get("/")
async def home(reader: Anybody) -> Response:
    """A leader begins at the wall, who works on matters at the worklist, an operator without business data."""
    if reader.operates:
        return RedirectResponse("/docs", 303)
    return RedirectResponse("/wall" if reader.may(ActorRole.LEADER) else "/worklist", 303)


def own(target: str) -> str:
    """A target on this very site; anything else is the home page."""
    parts = urlsplit(target)
    safe = target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return target if safe and "\\" not in target else "/"


async def _form(
    request: Request, portal: Portal, next: str, typed: FormData = NOTHING_TYPED, refusal: Refused | None = None
) -> Response:
    accounts = demo.ACCOUNTS if await queries.is_demo(portal.db) else ()
    units = (await portal.reference()).units
    context = {
        "next": own(next),
        "form": FORM.bind(typed=typed, refusal=refusal),
        "refusal": refusal,
        "demo": [(each, units.name_of(each.unit)) for each in accounts],
        "names": await person_names(portal.db, (each.person_id for each in accounts)),
        "password": DEMO,
    }
    return templates.page(request, "login.html", templates.status_of(refusal), **context)


def reasons() -> dict[Code, str]:
    """Why somebody may not come in."""
    return {
        Code.WRONG_LOGIN: _("账号或口令不正确"),
        Code.LOCKED: _("口令连续错误，该账号已锁定15分钟"),
        Code.DISABLED: _("该账号已停用，请联系督查室"),
    }
