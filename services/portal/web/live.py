"""Live pages: one rendering a tick for all who watch the same, handed out as bytes, the oldest dropped first."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog
from starlette.responses import StreamingResponse

from services.chassis.service import Service
from services.portal.web.formats import time_of_day

logger = structlog.get_logger(__name__)

BACKLOG = 2
BEAT = 5.0
"""Seconds after which a page is rendered even without an event: its clocks go on."""
RETRY = 1000

Render = Callable[[], Awaitable[str]]


@dataclass
class Channel:
    """One page that is watched: its latest rendering, the one in flight, and the queues of those who watch."""

    render: Render
    latest: bytes = b""
    count: int = 0
    rendering: asyncio.Task[None] | None = None
    watchers: set[asyncio.Queue[bytes]] = field(default_factory=set)

    def send(self, message: bytes) -> None:
        """Into every queue; a slow watcher loses the older message, never the newest."""
        for queue in self.watchers:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(message)


class Hub:
    """All channels of this process, by key: what is watched, and with whose eyes."""

    def __init__(self, tick: float, lasts: float) -> None:
        self.tick, self.lasts = tick, lasts
        self.channels: dict[str, Channel] = {}
        self.changed = asyncio.Event()

    async def fan_out(self, service: Service) -> None:
        """As long as the process runs: after every batch of events, and every few seconds."""

        async def wake(_: object) -> None:
            self.changed.set()

        await service.nc.subscribe(f"duban.handled.{service.name}", cb=wake)
        while True:
            changed = await self._woken()
            if service.nc.is_connected:
                for key in list(self.channels):
                    await self.refresh(key, beat=not changed)
            await asyncio.sleep(self.tick)

    async def _woken(self) -> bool:
        try:
            async with asyncio.timeout(BEAT):
                await self.changed.wait()
        except TimeoutError:
            return False
        self.changed.clear()
        return True

    async def refresh(self, key: str, beat: bool = False) -> None:
        """Render one channel anew, after the rendering in flight, which may have read before the change.

        Its last watcher may have left while another channel was rendered.
        """
        if (channel := self.channels.get(key)) is None:
            return
        if channel.rendering:
            await asyncio.wait([channel.rendering])
        await asyncio.wait([self._start(key, channel, beat)])

    def _start(self, key: str, channel: Channel, beat: bool = False) -> asyncio.Task[None]:
        """The rendering in flight; one is started where there is none. No watcher's leaving ends it."""
        if channel.rendering is None:
            channel.rendering = asyncio.ensure_future(self._render(key, channel, beat))
        return channel.rendering

    async def _render(self, key: str, channel: Channel, beat: bool) -> None:
        """Render and send what changed; a rendering that fails is sent to nobody."""
        try:
            rendered = (await channel.render()).encode()
        except Exception:
            logger.exception("a live page failed", channel=key.split(" ")[0])
            return
        finally:
            channel.rendering = None
        if rendered != channel.latest:
            channel.latest, channel.count = rendered, channel.count + 1
            channel.send(message(rendered, channel.count) + heartbeat())
        elif beat:
            channel.send(heartbeat())

    async def watch(self, key: str, render: Render) -> AsyncIterator[bytes]:
        """What a watcher is sent: the page as it is now, then every change, until the stream's time is over."""
        channel = self.channels.setdefault(key, Channel(render))
        queue: asyncio.Queue[bytes] = asyncio.Queue(BACKLOG)
        channel.watchers.add(queue)
        clock = asyncio.get_running_loop().time
        end = clock() + self.lasts
        try:
            if channel.latest:
                yield message(channel.latest, channel.count) + heartbeat()
            else:
                self._start(key, channel)
            while clock() < end:
                with suppress(TimeoutError):
                    async with asyncio.timeout_at(end):
                        part = await queue.get()
                    yield part
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
    return b"event: beat\ndata: %b\n\n" % time_of_day(datetime.now(UTC)).encode()


def message(rendered: bytes, count: int) -> bytes:
    """An unnamed event, which the page swaps in."""
    lines = b"".join(b"data: " + line + b"\n" for line in rendered.splitlines())
    return b"id: %d\nretry: %d\n%b\n" % (count, RETRY, lines)
