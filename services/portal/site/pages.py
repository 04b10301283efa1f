"""The pages as one application: routes, errors in words, and the headers around everything."""

from collections.abc import Awaitable, Callable
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from services.portal import view
from services.portal.web.dependencies import Forged, Front, NotAllowed, NotSignedIn
from services.portal.web.i18n import gettext as _
from services.portal.pages import docs, imports, login, notices, rankings, register, search, steps, task, tasks, wall
from services.portal.web.labels import word

PAGES = (login, wall, register, imports, tasks, task, steps, notices, search, rankings, docs)


class KeptForEver(StaticFiles):
    """Files whose address holds their content."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file; a browser that asked for this very content never asks again."""
        answer = await super().get_response(path, scope)
        if scope["query_string"].startswith(b"v="):
            answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return answer


def site(front: Front) -> FastAPI:
    """All pages over one portal."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.state.front = front
    for page in PAGES:
        app.include_router(page.router)
    app.mount("/static", KeptForEver(directory=view.STATIC))
    app.add_exception_handler(NotSignedIn, to_the_door)
    app.add_exception_handler(NotAllowed, not_allowed)
    app.add_exception_handler(Forged, forged)
    app.add_exception_handler(HTTPException, in_words)
    app.add_exception_handler(RequestValidationError, no_such_page)
    app.add_exception_handler(Exception, in_words)
    return app


async def to_the_door(request: Request, error: Exception) -> Response:
    """To the login, and from there back to where they wanted to go."""
    back = getattr(error, "back", "/")
    target = "/login" if back == "/" else f"/login?{urlencode({'next': back})}"
    if request.url.path.endswith("/stream"):
        return Response(status_code=401)
    if request.headers.get("hx-request"):
        return Response(status_code=401, headers={"HX-Redirect": target})
    return RedirectResponse(target, 303)


async def not_allowed(request: Request, error: Exception) -> Response:
    """Which role would be needed."""
    roles = "、".join(word("actor", role) for role in getattr(error, "roles", ()))
    return view.page(request, "error.html", 403, heading=_("没有权限"), text=_("本页需要的身份：%s") % roles)


async def forged(request: Request, error: Exception) -> Response:
    """A form of another session."""
    text = _("页面已过期，或不是从本平台的页面提交。请返回、刷新后重新提交。")
    return view.page(request, "error.html", 403, heading=_("提交被拒绝"), text=text)


async def no_such_page(request: Request, error: Exception) -> Response:
    """An address that nothing here has."""
    return await in_words(request, HTTPException(404))


async def in_words(request: Request, error: Exception) -> Response:
    """What was not found, or went wrong."""
    status = getattr(error, "status_code", 500)
    headings = {404: _("没有找到"), 405: _("不支持的操作"), 413: _("文件太大")}
    text = getattr(error, "detail", "") if status in (404, 413, 422) else _("请返回上一页重试。")
    if text == "Not Found":
        text = _("页面不存在，或您没有查看的权限。")
    return view.page(request, "error.html", status, heading=headings.get(status, _("无法完成")), text=text)


Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]


def by_path(chassis: Asgi, rest: Asgi, pages: Asgi) -> Asgi:
    """One application of three: the chassis keeps life and health, the API answers under /v1, all else is a page."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] == "lifespan" or path in ("/healthz", "/metrics"):
            await chassis(scope, receive, send)
        elif path.startswith("/v1/"):
            await rest(scope, receive, send)
        else:
            await pages(scope, receive, send)

    return app
