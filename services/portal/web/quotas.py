"""How many requests a token may send in a window of time, and the headers that say so (IETF RateLimit fields).

Counted in the memory of one process: with several portals behind one address the limit is up to so many times as high.
"""

import math
import time
from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass(frozen=True)
class Quota:
    """A token's share of the window in hand; `window` and `reset` in seconds."""

    limit: int
    window: int
    used: int
    reset: int

    @property
    def exceeded(self) -> bool:
        return self.used > self.limit

    @property
    def headers(self) -> dict[str, str]:
        """draft-ietf-httpapi-ratelimit-headers: the policy, what is left of it, seconds until it is whole again."""
        left = max(0, self.limit - self.used)
        return {
            "RateLimit-Policy": f'"token";q={self.limit};w={self.window}',
            "RateLimit": f'"token";r={left};t={self.reset}',
        }


@dataclass
class Quotas:
    """The requests of each token in the window in hand; the windows of all begin together."""

    window: int = -1
    used: Counter[UUID] = field(default_factory=Counter)

    def take(self, token: UUID, limit: int, seconds: int, now: float | None = None) -> Quota:
        """One request more. now: seconds since 1970."""
        at = time.time() if now is None else now
        window = int(at // seconds)
        if window != self.window:
            self.window, self.used = window, Counter()
        self.used[token] += 1
        return Quota(limit, seconds, self.used[token], math.ceil((window + 1) * seconds - at))


class Metered:
    """An ASGI application whose answers carry the quota that `Caller` left in the request's state."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        state = scope.setdefault("state", {})

        async def metered(message: Message) -> None:
            if message["type"] == "http.response.start" and (quota := state.get("quota")):
                MutableHeaders(scope=message).update(quota.headers)
            await send(message)

        await self.app(scope, receive, metered)
