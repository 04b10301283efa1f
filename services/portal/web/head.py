"""HEAD is answered wherever GET is."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

STREAMS = "/stream"
"""An address that ends like this is a stream: it has no end to wait for."""


class Headed:
    """An ASGI application that takes HEAD for GET and sends the same headers without the body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD" or scope["path"].endswith(STREAMS):
            await self.app(scope, receive, send)
            return

        async def bare(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        asked = {**scope, "method": "GET"}
        await self.app(asked, receive, bare)
        scope["route"] = asked.get("route")
