"""What every answer carries, and the cross-site requests that get none."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.portal.web.i18n import gettext as _

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
FRAMING = CSP + "; frame-src 'self'"
"""For a page that shows one of our own PDFs."""
FRAMED = "default-src 'none'; object-src 'self'; plugin-types application/pdf; frame-ancestors 'self'"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Guarded:
    """An ASGI application behind the headers; what comes from another site, or is too large, stops here."""

    def __init__(self, app: ASGIApp, tls: bool, largest: int) -> None:
        self.app, self.always, self.largest = app, dict(always(tls)), largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.dress(MutableHeaders(scope=message))
            await send(message)

        headers = Headers(scope=scope)
        if scope["method"] not in SAFE and not same_site(headers):
            await refused(403, _("跨站请求被拒绝"), _("请从本平台的页面重新提交"))(scope, receive, dressed)
        elif int(headers.get("content-length", 0)) > self.largest or "transfer-encoding" in headers:
            await refused(413, _("请求太大"), _("请分几次提交，并写明 Content-Length"))(scope, receive, dressed)
        else:
            await self.app(scope, receive, dressed)

    def dress(self, headers: MutableHeaders) -> None:
        """Add every header that is not there yet; nobody may cache a page."""
        for name, value in self.always.items():
            headers.setdefault(name, value)
        if headers.get("content-type", "").startswith("text/html"):
            headers.setdefault("Cache-Control", "no-store")


def always(tls: bool) -> Iterable[tuple[str, str]]:
    """The headers of every answer."""
    yield "Content-Security-Policy", CSP
    yield "X-Content-Type-Options", "nosniff"
    yield "Referrer-Policy", "same-origin"
    yield "Cross-Origin-Opener-Policy", "same-origin"
    yield "Cross-Origin-Resource-Policy", "same-origin"
    yield "Permissions-Policy", "geolocation=(), camera=(), microphone=()"
    if tls:
        yield "Strict-Transport-Security", "max-age=31536000"


def same_site(headers: Headers) -> bool:
    """The browser says it comes from our own pages; a program that is no browser says nothing and bears no cookie."""
    if site := headers.get("sec-fetch-site"):
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host")


def refused(status: int, title: str, detail: str) -> JSONResponse:
    """The answer to a request that is not even read."""
    problem = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return JSONResponse(problem, status, media_type="application/problem+json")
