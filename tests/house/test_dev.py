"""`./dev up` as its user meets it: it starts, resumes, restarts, refuses clearly, and leaves nothing behind."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import asyncpg
import psutil
import pytest

from deploy.local import memory
from deploy.local.settings import ROOT, is_free
from tests.scratch import scratch

DUMMY = """
import os
import asyncpg

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        if os.environ.get("BROKEN") == __package__:
            raise RuntimeError("the cable is cut")
        await (await asyncpg.connect(os.environ["DUBAN_PG_DSN"])).close()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    if scope["path"] == "/die":
        os._exit(70)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(os.getpid()).encode()})
"""


@dataclass
class House:
    """A stack of two dummy services over its own directory and ports."""

    directory: Path
    http: int
    base: int
    words: str = "said"
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def var(self) -> Path:
        return self.directory / "var"

    def up(self, *flags: str, **env: str) -> subprocess.Popen[bytes]:
        """Start it, its words going to `said()`."""
        ours = {"DUBAN_VAR": str(self.var), "DUBAN_HTTP_PORT": str(self.http), "DUBAN_PORT_BASE": str(self.base)}
        path = {"PYTHONPATH": f"{ROOT}:{self.directory}"}
        services = [word for name in ("alpha", "portal") for word in ("--service", f"{name}={name}.app")]
        with (self.directory / self.words).open("wb") as events:
            process = subprocess.Popen(
                [sys.executable, "-m", "deploy.local.stack", "--no-demo", *services, *flags],
                stdout=events,
                stderr=subprocess.STDOUT,
                env={**os.environ, **ours, **path, **env},
            )
        self.started.append(process)
        return process

    def events(self) -> str:
        return (self.directory / self.words).read_text()

    def ready(self, *flags: str, **env: str) -> subprocess.Popen[bytes]:
        process = self.up(*flags, **env)
        eventually(lambda: "督办已就绪" in self.events() or process.poll() is not None, 60)
        assert process.poll() is None, self.events()
        return process

    def ask(self, port: int, path: str = "/healthz") -> str:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", path)
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    def answer(self, port: int) -> str | None:
        try:
            return self.ask(port)
        except (OSError, HTTPException):
            return None

    def sql(self, statement: str) -> object:
        password = (self.var / "secrets" / "postgres").read_text()

        async def ask() -> object:
            connection = await asyncpg.connect(f"postgresql://duban:{password}@127.0.0.1:{self.base}/duban")
            try:
                return await connection.fetchval(statement)
            finally:
                await connection.close()

        return asyncio.run(ask())


def eventually(true: Callable[[], object], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.05)


def stopped(process: subprocess.Popen[bytes], number: signal.Signals) -> float:
    """Seconds from the signal to the end."""
    began = time.monotonic()
    process.send_signal(number)
    process.wait(20)
    return time.monotonic() - began


def below(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def free_base() -> int:
    """The first of eight ports in a row that nobody listens on."""
    while True:
        base = random.randrange(20000, 30000)
        if all(is_free(port) for port in range(base, base + 8)):
            return base


def build(directory: Path) -> House:
    """A house not yet started."""
    for name in ("alpha", "portal"):
        (directory / name).mkdir(parents=True)
        (directory / name / "__init__.py").touch()
        (directory / name / "app.py").write_text(DUMMY)
    base = free_base()
    return House(directory, http=base + 7, base=base)


def close(built: House) -> None:
    for process in built.started:
        if process.poll() is None:
            stopped(process, signal.SIGTERM)


@pytest.fixture
def house(place: Path) -> Iterator[House]:
    built = build(place / "house")
    yield built
    close(built)


@pytest.fixture
def guest(place: Path) -> Iterator[House]:
    """Another house, beside one that runs."""
    built = build(place / "guest")
    yield built
    close(built)


@pytest.fixture(scope="module")
def home() -> Iterator[House]:
    """A running house, for tests that leave it running."""
    with scratch() as directory:
        built = build(directory)
        built.ready()
        yield built
        close(built)


def test_a_second_up_resumes_the_data_and_fresh_begins_anew_but_keeps_the_fonts(house: House):
    first = house.ready()
    assert house.ask(house.http) != house.ask(house.base + 3)
    house.sql("create table kept as select 7 as seven")
    (house.var / "fonts").mkdir()
    (house.var / "fonts" / "song.otf").touch()
    assert stopped(first, signal.SIGINT) < 5
    assert first.returncode == 0
    second = house.ready()
    assert house.sql("select seven from kept") == 7
    assert stopped(second, signal.SIGTERM) < 5
    house.ready("--fresh")
    assert house.sql("select to_regclass('kept')") is None
    assert (house.var / "fonts" / "song.otf").exists()


def test_killing_the_supervisor_leaves_no_process_and_the_next_up_works(house: House):
    process = house.ready()
    children = below(process)
    assert {"postgres", "nats-server", "duban:alpha", "duban:portal"} <= {child.name() for child in children}
    process.kill()
    process.wait()
    _, alive = psutil.wait_procs(children, timeout=30)
    assert alive == []
    assert (house.var / "run" / "up.pid").read_text() == str(process.pid)
    house.ready()


def test_a_kill_and_an_up_at_once_do_not_trip_over_each_other(house: House):
    house.ready().kill()
    assert house.ready().poll() is None


def test_a_service_that_exits_is_restarted_and_so_is_the_database(home: House):
    process = home.started[0]
    before = home.ask(home.http)
    with pytest.raises((OSError, HTTPException)):
        home.ask(home.http, "/die")
    eventually(lambda: home.answer(home.http) not in (None, before), 30)
    assert "portal 退出（代码 70）" in home.events()
    postmaster = next(child for child in below(process) if child.name() == "postgres")
    postmaster.kill()
    eventually(lambda: "postgres 退出（代码 -9）" in home.events(), 30)
    eventually(lambda: answers(home), 30)


def answers(house: House) -> bool:
    """Whether its database does."""
    try:
        return house.sql("select 1") == 1
    except (OSError, asyncpg.PostgresError):
        return False


def test_a_second_up_over_the_same_data_is_refused_with_the_number_of_the_first(home: House):
    second = House(home.directory, home.http, home.base, words="second")
    assert second.up().wait(30) == 1
    assert f"进程 {home.started[0].pid}" in second.events()
    assert home.ask(home.http)


def test_a_busy_port_is_named_together_with_its_setting(home: House, guest: House):
    guest.http, own = home.http, guest.base
    assert guest.up().wait(30) == 1
    assert f"端口 {home.http}（portal）已被占用：改设 DUBAN_HTTP_PORT" in guest.events()
    guest.http, guest.base = own, home.base
    assert guest.up().wait(30) == 1
    assert f"端口 {home.base}（PostgreSQL）已被占用：改设 DUBAN_PORT_BASE" in guest.events()


def test_a_service_that_never_starts_ends_up_with_its_last_words(house: House):
    process = house.up(BROKEN="alpha")
    assert process.wait(60) == 1
    assert "alpha 没有就绪" in house.events()
    assert "the cable is cut" in house.events()
    assert is_free(house.base)


def test_a_bad_port_setting_is_answered_with_its_name(house: House):
    process = house.up(DUBAN_HTTP_PORT="eighty")
    assert process.wait(30) == 1
    assert "DUBAN_HTTP_PORT=eighty 不是可用的端口号" in house.events()


def test_outside_servers_are_used_instead_and_fresh_does_not_touch_them(home: House, guest: House):
    lent = dict(line.split("=", 1) for line in (home.var / "run" / "duban.env").read_text().splitlines())
    outside = {name: lent[name] for name in ("DUBAN_PG_DSN", "DUBAN_NATS_URL")}
    assert guest.up(**outside).wait(30) == 1
    assert "要求凭据：请设 DUBAN_NATS_CREDENTIALS" in guest.events()
    outside["DUBAN_NATS_CREDENTIALS"] = lent["DUBAN_NATS_CREDENTIALS"]
    assert guest.up("--fresh", **outside).wait(30) == 1
    assert "--fresh 不会清空外部服务器" in guest.events()
    process = guest.ready(**outside)
    assert sorted(child.name() for child in below(process)) == ["duban:alpha", "duban:portal"]
    assert not (guest.var / "pg").exists()


def test_an_outside_server_that_does_not_answer_is_named(house: House):
    process = house.up(DUBAN_NATS_URL=f"nats://127.0.0.1:{house.base}")
    assert process.wait(30) == 1
    assert "连不上 DUBAN_NATS_URL" in house.events()


def test_memory_counts_every_process_of_the_stack(home: House):
    shares = memory.shares(home.started[0].pid)
    assert {"supervisor", "duban:alpha", "duban:portal", "nats-server", "postgres: main"} <= {s.name for s in shares}
    assert all(share.pss > 100_000 for share in shares)
    assert "合计" in memory.table(shares)
