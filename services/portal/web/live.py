"""Live pages: one rendering a tick for all who watch the same thing, handed out as bytes, the oldest dropped first."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog
from starlette.responses import StreamingResponse

from services.chassis.service import Service
from services.portal import when

logger = structlog.get_logger(__name__)

BACKLOG = 2
BEAT = 5.0
"""Seconds after which a page is rendered even if nothing was heard: its clocks go on."""
RETRY = 1000

Render = Callable[[], Awaitable[str]]


@dataclass
class Channel:
    """One thing watched: how it is rendered, the latest rendering, and the queues of who watches."""

    render: Render
    shown: bytes = b""
    count: int = 0
    watchers: set[asyncio.Queue[bytes]] = field(default_factory=set)

    def tell(self, message: bytes) -> None:
        """Into every queue; a slow watcher loses the older message, never the newest."""
        for queue in self.watchers:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(message)


class Hub:
    """All channels of this process, by key: what is watched, and in whose scope."""

    def __init__(self, tick: float, lasts: float) -> None:
        self.tick, self.lasts = tick, lasts
        self.channels: dict[str, Channel] = {}
        self.heard = asyncio.Event()

    async def fan_out(self, service: Service) -> None:
        """As long as the process runs: whenever the ledger has heard something, and every few seconds."""

        async def wake(_: object) -> None:
            self.heard.set()

        await service.nc.subscribe(f"duban.heard.{service.name}", cb=wake)
        while True:
            heard = await self._woken()
            if service.nc.is_connected:
                for key in list(self.channels):
                    await self.refresh(key, beat=not heard)
            await asyncio.sleep(self.tick)

    async def _woken(self) -> bool:
        try:
            async with asyncio.timeout(BEAT):
                await self.heard.wait()
        except TimeoutError:
            return False
        self.heard.clear()
        return True

    async def refresh(self, key: str, beat: bool = False) -> None:
        """Render one channel and tell its watchers what changed; a rendering that fails is told to nobody.

        Its last watcher may have left while another channel was rendered.
        """
        if (channel := self.channels.get(key)) is None:
            return
        try:
            shown = (await channel.render()).encode()
        except Exception:
            logger.exception("a live page failed", channel=key.split(" ")[0])
            return
        if shown != channel.shown:
            channel.shown, channel.count = shown, channel.count + 1
            channel.tell(message(shown, channel.count) + heartbeat())
        elif beat:
            channel.tell(heartbeat())

    async def watch(self, key: str, render: Render) -> AsyncIterator[bytes]:
        """What a watcher is sent: the page as it is now, then every change, until the stream's time is over."""
        channel = self.channels.setdefault(key, Channel(render))
        queue: asyncio.Queue[bytes] = asyncio.Queue(BACKLOG)
        channel.watchers.add(queue)
        clock = asyncio.get_running_loop().time
        end = clock() + self.lasts
        try:
            if channel.shown:
                yield message(channel.shown, channel.count) + heartbeat()
            else:
                await self.refresh(key)
            while clock() < end:
                with suppress(TimeoutError):
                    async with asyncio.timeout_at(end):
                        told = await queue.get()
                    yield told
        finally:
            channel.watchers.discard(queue)
            if not channel.watchers and self.channels.get(key) is channel:
                del self.channels[key]

    def stream(self, key: str, render: Render) -> StreamingResponse:
        """The same as an answer: server-sent events that no proxy holds back."""
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(self.watch(key, render), media_type="text/event-stream", headers=headers)


def heartbeat() -> bytes:
    """What is shown holds as of now."""
    return b"event: beat\ndata: %b\n\n" % when.clock(datetime.now(UTC)).encode()


def message(shown: bytes, count: int) -> bytes:
    """An unnamed event, which the page swaps in."""
    lines = b"".join(b"data: " + line + b"\n" for line in shown.splitlines())
    return b"id: %d\nretry: %d\n%b\n" % (count, RETRY, lines)
