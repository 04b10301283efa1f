"""What every answer carries, and the cross-site requests that get none."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contracts.refusals import Refused, refuse
from services.portal.refusals import Code
from services.portal.web.i18n import N_
from services.portal.web.i18n import gettext as _
from services.portal.web.problems import STATUSES, problem

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
FRAMING = CSP + "; frame-src 'self'"
"""For a page that shows one of our own PDFs."""
FRAMED = "default-src 'none'; object-src 'self'; plugin-types application/pdf; frame-ancestors 'self'"
CROSS_SITE = refuse(Code.CROSS_SITE, N_("跨站请求被拒绝：请从本平台的页面重新提交"))
TOO_LARGE = refuse(Code.TOO_LARGE, N_("请求太大：请分几次提交，并写明 Content-Length"))
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
            await refuse_unread(CROSS_SITE, scope, receive, dressed)
        elif not self.is_bounded(headers):
            await refuse_unread(TOO_LARGE, scope, receive, dressed)
        else:
            await self.app(scope, receive, dressed)

    def is_bounded(self, headers: Headers) -> bool:
        """It says how long it is, and that is not too long."""
        length = headers.get("content-length", "0")
        return "transfer-encoding" not in headers and length.isdecimal() and int(length) <= self.largest

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


async def refuse_unread(refused: Refused, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request that is not even read."""
    request = Request(scope)
    words = refused.model_copy(update={"message": _(refused.message)})
    await problem(request, STATUSES[refused.kind], words)(scope, receive, send)
