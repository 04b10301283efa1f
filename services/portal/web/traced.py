"""Every HTTP request is a piece of work, with its trace and one line in the log."""

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis import tracing
from services.chassis.tracing import recording

logger = structlog.get_logger(__name__)
UNSAID = ("/healthz", "/metrics", "/static")


class Traced:
    """An ASGI application whose requests go on with the trace their caller names, or begin one.

    The line names the route, never the address with what stands in it: that may be a person, a query a token.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(UNSAID):
            await self.app(scope, receive, send)
            return
        work, status = tracing.Work(scope["method"], Headers(scope=scope).get(recording.HEADER, "")), 500

        async def noted(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        tracing.WORK.set(work)  # until the request's task ends: the server logs what went wrong under it
        try:
            await self.app(scope, receive, noted)
        finally:
            route = getattr(scope.get("route"), "path", "")
            work.name = f"{scope['method']} {route}".strip()
            logger.info("answered", work=work.name, status=status, ms=work.milliseconds, **work.span.ids)
            work.end()
