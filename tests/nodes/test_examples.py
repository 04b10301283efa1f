"""The county of `examples/`, in three languages, over one bus that does everything to them at once."""

import ast
import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from contracts.envelope import Event
from contracts.events.register import CalendarRevised
from contracts.node import VERBS
from deploy.local import nats as server
from deploy.local import process
from deploy.local.backing import await_ready
from deploy.local.process import Child
from deploy.local.settings import ROOT, free_ports
from services.nodes.authority import Authority
from services.nodes.bus import Bus, connected, prepare
from services.nodes.registrar import Registrar
from services.nodes.settings import Settings
from tests import javascript
from tests.story import Story
from tests.story.province import GAOPING, QUWO, YAODU

EXAMPLES = {"county_python.py": "14.10.02", "county_nats.py": "14.10.21", "county.mjs": "14.05.81"}
UNITS = {"14.10.02": YAODU, "14.10.21": QUWO, "14.05.81": GAOPING}
LINES = 25


@dataclass
class Client:
    """A county system as its own process, and the lines that it printed so far."""

    name: str
    argv: list[str | Path]
    folder: Path
    env: dict[str, str]
    events: list[tuple[str, int]] = field(default_factory=list)
    errors: str = ""

    async def start(self) -> None:
        pipe = asyncio.subprocess.PIPE
        self.process = await asyncio.create_subprocess_exec(
            *self.argv, cwd=self.folder, env=self.env, stdout=pipe, stderr=pipe
        )
        self.reading = [asyncio.ensure_future(each) for each in (self.read(), self.read_errors())]

    async def read(self) -> None:
        assert self.process.stdout
        async for line in self.process.stdout:
            if match := re.match(r"(\w+/\S+) (\d+) ", line.decode()):
                self.events.append((match[1], int(match[2])))

    async def read_errors(self) -> None:
        assert self.process.stderr
        async for line in self.process.stderr:
            self.errors += line.decode()

    async def kill(self) -> None:
        self.process.kill()
        await self.process.wait()
        await asyncio.gather(*self.reading)

    async def until(self, *wanted: tuple[str, int]) -> None:
        """It has printed these."""
        async with asyncio.timeout(60):
            while not set(wanted) <= set(self.events):
                assert self.process.returncode is None, f"{self.name} ended: {self.errors}"
                await asyncio.sleep(0.05)


@dataclass
class Scene:
    """A bus of one's own, with its registrar, and three counties."""

    child: Child
    registrar: Registrar
    clients: list[Client]
    version: int = 0
    published: list[Event] = field(default_factory=list)

    @asynccontextmanager
    async def bus(self) -> AsyncIterator[Bus]:
        async with connected(self.registrar.settings, self.registrar.authority) as bus:
            yield bus

    async def revise(self, years: int = 3) -> list[tuple[str, int]]:
        """The next version of some calendars, which everybody hears, turn by turn; what each client should print."""
        time, address = datetime.now(UTC), "14.00.00.000.all"
        self.version += 1
        events = [
            CalendarRevised(
                time=time, aggregate=f"calendar/{2026 + n}", version=self.version, owner="14.00.00", address=address,
                year=2026 + n, days=(),
            )
            for n in range(years)
        ]  # fmt: skip
        await self.publish(events)
        return [(event.aggregate, event.version) for event in events]

    async def publish(self, events: list[Event], remember: bool = True) -> None:
        self.published += events if remember else []
        async with self.bus() as bus:
            js = bus.province.jetstream()
            for event in events:
                await js.publish(event.subject(), event.model_dump_json().encode(), headers=event.headers())

    async def all_until(self, wanted: list[tuple[str, int]]) -> None:
        await asyncio.gather(*(client.until(*wanted) for client in self.clients))

    def restart(self, number: signal.Signals) -> None:
        self.child.send(number)
        process.wait([self.child], 10)
        self.child.start()
        await_ready([self.child])


@pytest.fixture
async def scene(place: Path, tmp_path: Path) -> AsyncIterator[Scene]:
    node_modules = javascript.installed() / "node_modules"
    port, monitor = free_ports(2)
    authority = Authority(place / "keys")
    authority.write_users(place / "creds")
    child = server.child(place / "nats", server.Listen(port, monitor), authority, place / "nats.log", durable=False)
    child.start()
    await_ready([child])
    registrar = Registrar(Settings(var=place, nats_url=f"nats://127.0.0.1:{port}", nats_credentials=place / "creds"))
    await prepare(registrar.settings)
    async with AsyncExitStack() as running:
        bus = await running.enter_async_context(connected(registrar.settings, registrar.authority))
        clients = []
        for name, node in EXAMPLES.items():
            folder = tmp_path / name
            folder.mkdir()
            (folder / "node_modules").symlink_to(node_modules)
            (folder / "duban_contracts").symlink_to(ROOT / "contracts")
            (folder / name).write_text((ROOT / "examples" / name).read_text())
            bundle = await registrar.enrol(bus, node)
            program = "node" if name.endswith("mjs") else sys.executable
            more = ["张某"] if name == "county_python.py" else []
            argv: list[str | Path] = [program, folder / name, bundle, "zhang", *more]
            clients.append(Client(name, argv, folder, {"PATH": os.environ["PATH"], "PYTHONPATH": str(folder)}))
        for client in clients:
            await client.start()
            running.push_async_callback(client.kill)
        yield Scene(child, registrar, clients)
    process.stop([child], patience=2)


def issued() -> list[Event]:
    """An assignment for each county."""
    stories = [Story("2026-09-18 10:00", name=unit) for unit in UNITS.values()]
    for story, unit in zip(stories, UNITS.values(), strict=True):
        story.register(lead=unit)
    every = [event for story in stories for event in story.events]
    return [event for event in every if event.type == "assignment.issued" and event.address in UNITS.values()]


async def test_three_languages_go_on_in_order_through_restarts_a_killed_bus_new_keys_and_a_new_stream(scene: Scene):
    """Order: the versions of each aggregate that a client handles grow, with none missing, in every life of a client.

    One that remembers in a file handles each exactly once; who remembers in memory begins anew with a new stream.
    The bus goes down at once after an event, often before its acknowledgement.
    """
    await scene.all_until(await scene.revise())

    for client in scene.clients:  # its own restart, while events come
        await client.kill()
    wanted = await scene.revise()
    for client in scene.clients:
        await client.start()
    await scene.all_until(wanted)

    async with scene.bus() as bus:  # what cannot be read or is not known
        js = bus.province.jetstream()
        for unit in UNITS.values():
            for type_, body in (
                ("assignment.issued", b"{not json"),
                ("assignment.issued", b"[]"),
                ("new.thing", b"{}"),
            ):
                await js.publish(f"duban.evt.v1.{type_}.{unit}", body)
    parts = issued()
    await scene.publish(parts)
    for client, part in zip(scene.clients, parts, strict=True):
        await client.until((part.aggregate, part.version))

    scene.restart(signal.SIGTERM)
    await scene.all_until(await scene.revise())
    scene.restart(signal.SIGKILL)
    await scene.all_until(await scene.revise())

    async with scene.bus() as bus:  # new keys, and the old ones end at once
        for node in UNITS:
            await scene.registrar.rotate(bus, node, at_once=True)
    await scene.all_until(await scene.revise())

    queued = await waiting(scene)
    before = [list(client.events) for client in scene.clients]
    async with scene.bus() as bus:  # the stream is made anew, and filled again from the log
        await bus.province.jetstream().delete_stream("EVENTS")
        await scene.registrar.push(bus)
    await scene.publish(scene.published, remember=False)
    await scene.all_until(await scene.revise())

    assert queued == dict.fromkeys(UNITS, 1), "each acknowledged its own assignment, once"
    every = {(event.aggregate, event.version) for event in scene.published}
    for client, earlier in zip(scene.clients, before, strict=True):
        mine = {key for key in every if key[0].startswith("calendar")}
        assert mine <= set(client.events), client.name
        assert ordered(earlier) and len(client.events) >= len(mine), client.name
        assert ordered(client.events[len(earlier) :]), client.name
        assert "Traceback" not in client.errors, client.errors
    assert len(set(scene.clients[0].events)) == len(scene.clients[0].events), (
        "the package's file knows what was handled"
    )


async def waiting(scene: Scene) -> dict[str, int]:
    """Acknowledgements of each county in the queue."""
    async with scene.bus() as bus:
        info = await bus.province.jetstream().stream_info("COMMANDS", subjects_filter="duban.cmd.v1.acknowledge.>")
    return {subject.split(".", 4)[4]: count for subject, count in (info.state.subjects or {}).items()}


def ordered(events: list[tuple[str, int]]) -> bool:
    """The versions of each aggregate come one after the other; one that comes again is the last or begins anew."""
    last: dict[str, int] = {}
    for aggregate, version in events:
        if aggregate in last and version not in (last[aggregate], last[aggregate] + 1):
            return False
        last[aggregate] = version
    return True


def test_events_out_of_order_would_be_seen():
    assert ordered([("a/1", 1), ("b/1", 1), ("a/1", 2), ("a/1", 2)])
    assert not ordered([("a/1", 1), ("a/1", 3)]) and not ordered([("a/1", 2), ("a/1", 1)])


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_read_at_once(name: str):
    """Lines of code beside imports, comments and the docstring."""
    lines = (ROOT / "examples" / name).read_text().splitlines()
    if name.endswith(".py"):
        lines = lines[ast.parse("\n".join(lines)).body[0].end_lineno :]
    code = [line for line in lines if line.strip() and not line.strip().startswith(("#", "//", "import ", "from "))]
    assert len(code) <= LINES, len(code)


PAGES = ("county.md", "county.zh-CN.md")


@pytest.mark.parametrize("page", PAGES)
def test_the_page_for_county_developers_shows_the_examples_as_they_are(page: str):
    text = (ROOT / "docs" / page).read_text()
    assert [name for name in EXAMPLES if (ROOT / "examples" / name).read_text() not in text] == []
    assert all(f"`{verb}`" in text for verb in VERBS)


def test_both_languages_of_the_page_show_the_same_code_and_link_each_other():
    english, chinese = [(ROOT / "docs" / page).read_text() for page in PAGES]
    assert code_of(english) == code_of(chinese) and len(code_of(english)) == 11
    assert f"({PAGES[1]})" in english and f"({PAGES[0]})" in chinese


def code_of(page: str) -> list[str]:
    return re.findall(r"^```.*?^```", page, re.MULTILINE | re.DOTALL)
