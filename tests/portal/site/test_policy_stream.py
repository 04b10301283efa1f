"""What an open page shows as things change: the policy table over the live streams, all of them watched at once.

Whoever shares a channel sees the same; a change that a reader may not see reaches none of that reader's channels. §1b
"""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from contracts.envelope import Event
from services.portal.site.asgi import in_front
from services.portal.web.dependencies import Portal
from tests.portal.conftest import handle, no_chassis
from tests.portal.site.policy_scene import Scene, issued_tasks, work
from tests.portal.site.policy_table import ACTORS, READS_LEAD, READS_REPORT, SEES, SEES_NEIGHBOUR
from tests.story import Story

OPERATOR = "office.operator"
EVERYBODY = " ".join(name for name in ACTORS if name != OPERATOR)


@dataclass
class Watcher:
    """A page that is watched over ASGI: what it was sent so far, until it is closed."""

    app: Any
    path: str
    cookie: str
    asked: bool = False
    status: int = 0
    sent: bytes = b""
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        scope = {
            "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "path": self.path,
            "raw_path": self.path.encode(), "query_string": b"", "root_path": "", "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80), "headers": [(b"host", b"127.0.0.1"), (b"cookie", self.cookie.encode())],
        }  # fmt: skip
        self.running = asyncio.ensure_future(self.app(scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        if not self.asked:
            self.asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.closed.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            self.sent += message.get("body", b"")

    async def beats(self, count: int) -> None:
        """Until it was told so often that what it shows holds; a stream that was refused is told nothing."""
        async with asyncio.timeout(30):
            while self.status in (0, 200) and self.sent.count(b"event: beat") < count:
                await asyncio.sleep(0.01)

    @property
    def renderings(self) -> list[str]:
        """What it was shown, one after the other, without markup."""
        parts = re.split(r"(?:^|\n)id: \d+\n", self.sent.decode())
        return [re.sub(r"<[^>]+>", " ", part) for part in parts[1:]]

    @property
    def latest(self) -> str:
        return self.renderings[-1] if self.renderings else ""

    async def close(self) -> None:
        self.closed.set()
        await asyncio.gather(self.running, return_exceptions=True)


@dataclass
class Watched(Scene):
    """The scene with all its watchers, by who watches and what."""

    portal: Portal | None = None
    watchers: dict[tuple[str, str], Watcher] = field(default_factory=dict)
    beats: int = 1

    def tale(self) -> Story:
        return next(iter(self.matters.values())).story

    async def settled(self) -> None:
        """Everybody was told as often as everybody else."""
        await asyncio.gather(*(watcher.beats(self.beats) for watcher in self.watchers.values()))

    async def change(self, events: Sequence[Event]) -> None:
        """These events come, and every channel is rendered anew."""
        await handle(self.portal.service, events)
        for key in list(self.portal.hub.channels):
            await self.portal.hub.refresh(key, beat=True)
        self.beats += 1
        await self.settled()

    def judge_all(self, of: str, what: str, may: str, text: str) -> None:
        """Whether the latest rendering shows a text, for everybody."""
        for actor in ACTORS:
            self.judge(actor, f"{of}: {what}", may, text in self.watchers[actor, of].latest)


@pytest.fixture
async def scene(service, portal, api, visit) -> AsyncIterator[Watched]:
    """Everybody opens the wall and the page of every task, whether they may or not."""
    tale, matters = issued_tasks(neighbour=True)
    watched = Watched(matters=matters, portal=portal)
    await watched.admit(portal, api, visit)
    await handle(service, tale.events)
    site = in_front(no_chassis, portal)
    paths = {name: f"/tasks/{matter.task.task_id}/stream" for name, matter in matters.items()}
    for actor, visitor in watched.visitors.items():
        cookie = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
        for name, path in (paths | {"wall": "/wall/stream"}).items():
            watched.watchers[actor, name] = Watcher(site, path, cookie)
    await watched.settled()
    yield watched
    await asyncio.gather(*(watcher.close() for watcher in watched.watchers.values()))


async def test_everybody_is_shown_live_what_the_table_says_and_nothing_else(scene: Watched):
    opens(scene)
    await reports(scene)
    await another_county(scene)
    assert scene.tried >= 800 and scene.wrong == []


def opens(scene: Watched) -> None:
    for (actor, name), watcher in scene.watchers.items():
        may = {"wall": EVERYBODY, "neighbour": SEES_NEIGHBOUR}.get(name) or SEES[name]
        does = {200: bool(watcher.latest), 403: False, 404: False}.get(watcher.status)
        scene.judge(actor, f"{name} opens", may, does)
    for name, matter in scene.matters.items():
        may = SEES_NEIGHBOUR if name == "neighbour" else SEES[name]
        scene.judge_all(name, "its number", may, matter.task.number)


async def reports(scene: Watched) -> None:
    """The units report; a unit that shares the task sees how far the others are, and nothing that they wrote."""
    tale, seen = scene.tale(), len(scene.tale().events)
    for name in READS_REPORT:
        work(scene.matters[name], name)
    await scene.change(tale.events[seen:])
    for name in READS_REPORT:
        scene.judge_all(name, "how far the units are", SEES[name], "30%")
        scene.judge_all(name, "the county's report", READS_REPORT[name], f"{name}尧都内部进展")
        scene.judge_all(name, "the county's person", READS_REPORT[name], "尧都联系人")
        scene.judge_all(name, "the lead's report", READS_LEAD[name], f"{name}牵头内部进展")
        scene.judge_all("wall", f"the lead's report on {name}", READS_LEAD[name], f"{name}牵头内部进展")
    scene.judge_all("wall", "the county's report on city", READS_REPORT["city"], "city尧都内部进展")


async def another_county(scene: Watched) -> None:
    """The neighbour reports: the county's pages do not even stir."""
    tale, seen = scene.tale(), len(scene.tale().events)
    before = {key: len(watcher.renderings) for key, watcher in scene.watchers.items()}
    work(scene.matters["neighbour"], "neighbour")
    await scene.change(tale.events[seen:])
    for name in ("neighbour", "wall"):
        scene.judge_all(name, "the neighbour's report", SEES_NEIGHBOUR, "neighbour牵头内部进展")
    for (actor, name), watcher in scene.watchers.items():
        moves = SEES_NEIGHBOUR if name in ("neighbour", "wall") else ""
        scene.judge(actor, f"{name} stirs", moves, len(watcher.renderings) > before[actor, name])
