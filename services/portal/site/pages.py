"""The pages as one application: routes, and errors in words."""

from urllib.parse import urlencode

import asyncpg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from services.chassis.trouble import LOST_IN_POOL
from services.portal.ledger import import_page
from services.portal.ledger import page as ledger
from services.portal.login import page as login
from services.portal.notices import page as notices
from services.portal.rankings import page as rankings
from services.portal.search import page as search
from services.portal.site import docs
from services.portal.task import action_routes, registration_page
from services.portal.task import page as task
from services.portal.wall import page as wall
from services.portal.web import templates
from services.portal.web.dependencies import Forged, NotAllowed, NotSignedIn, Portal
from services.portal.web.i18n import N_
from services.portal.web.i18n import gettext as _
from services.portal.web.labels import label
from services.portal.web.problems import BEHIND, RETRY_AFTER, is_awaited
from services.portal.worklist import page as worklist

PAGES = (
    login, worklist, wall, registration_page, import_page, ledger, task, action_routes, notices, search, rankings, docs,
)  # fmt: skip


class Immutable(StaticFiles):
    """Files whose address holds their content."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file; a browser that asked for this very content never asks again."""
        answer = await super().get_response(path, scope)
        if scope["query_string"].startswith(b"v="):
            answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return answer


def pages(portal: Portal) -> FastAPI:
    """All pages over one portal."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.state.portal = portal
    for page in PAGES:
        app.include_router(page.router)
    app.mount("/static", Immutable(directory=templates.STATIC))
    app.add_exception_handler(NotSignedIn, on_not_signed_in)
    app.add_exception_handler(NotAllowed, on_not_allowed)
    app.add_exception_handler(Forged, on_forged)
    app.add_exception_handler(HTTPException, on_error)
    app.add_exception_handler(RequestValidationError, on_no_page)
    for lost in LOST_IN_POOL:
        app.add_exception_handler(lost, on_lost)
    app.add_exception_handler(asyncpg.DataError, on_error)
    app.add_exception_handler(Exception, on_error)
    return app


async def on_not_signed_in(request: Request, error: Exception) -> Response:
    """To the login, and from there back to where they wanted to go."""
    back = getattr(error, "back", "/")
    target = "/login" if back == "/" else f"/login?{urlencode({'next': back})}"
    if request.url.path.endswith("/stream"):
        return Response(status_code=401)
    if request.headers.get("hx-request"):
        return Response(status_code=401, headers={"HX-Redirect": target})
    return RedirectResponse(target, 303)


async def on_not_allowed(request: Request, error: Exception) -> Response:
    """Which role would be needed."""
    roles = "、".join(label("actor", role) for role in getattr(error, "roles", ()))
    return templates.page(request, "error.html", 403, heading=_("没有权限"), text=_("本页需要的身份：%s") % roles)


async def on_forged(request: Request, error: Exception) -> Response:
    """A form of another session."""
    text = _("页面已过期，或不是从本平台的页面提交。请返回、刷新后重新提交。")
    return templates.page(request, "error.html", 403, heading=_("提交被拒绝"), text=text)


async def on_no_page(request: Request, error: Exception) -> Response:
    """An address that nothing here has."""
    return await on_error(request, HTTPException(404))


async def on_lost(request: Request, error: Exception) -> Response:
    """The database or the bus does not answer."""
    return behind(request, N_("数据库暂时没有应答，请稍后重试。"))


def behind(request: Request, text: str) -> Response:
    """Not now, but soon."""
    answer = templates.page(request, "error.html", 503, heading=_("暂时无法完成"), text=_(text))
    answer.headers.update(RETRY_AFTER)
    return answer


async def on_error(request: Request, error: Exception) -> Response:
    """What is not there, or went wrong."""
    status = getattr(error, "status_code", 500)
    if status == 404 and await is_awaited(request):
        return behind(request, BEHIND)
    headings = {404: _("没有找到"), 405: _("不支持的操作"), 413: _("文件太大")}
    text = getattr(error, "detail", "") if status in (403, 404, 409, 413, 422, 503) else _("请返回上一页重试。")
    if text == "Not Found":
        text = _("页面不存在，或您没有查看的权限。")
    return templates.page(request, "error.html", status, heading=headings.get(status, _("无法完成")), text=text)
