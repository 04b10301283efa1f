"""Duban as a province runs it: three nats-servers, one PostgreSQL, two replicas of every service, all kept running."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import nats as client
import psutil

from deploy.local import nats, postgres, process, services
from deploy.local import settings as config
from deploy.local.nats import Listen
from deploy.local.process import Child
from deploy.local.services import SERVICES
from deploy.local.settings import ROOT, Settings, is_free
from deploy.local.stack import Progress
from deploy.local.supervisor import Stop, Supervisor, hold_signals
from services.nodes import keeper
from services.nodes.authority import Authority
from services.nodes.settings import Settings as NodeSettings
from tests.scratch import scratch
from tests.stack import Stack

SERVERS = ("nats-1", "nats-2", "nats-3")
REPLICAS = tuple(f"{name}-{n}" for name in SERVICES for n in (1, 2))
PORTS = 1 + 3 * len(SERVERS) + len(REPLICAS)
READY = "cluster is ready"
ROUTED = """
cluster {{
  name: "duban"
  listen: "127.0.0.1:{port}"
  routes: [{routes}]
}}
"""
HOLDER = """
select client_port from pg_locks join pg_stat_activity using (pid)
where locktype = 'advisory' and granted and objsubid = 1
    and (classid::bigint << 32) | objid::bigint = hashtextextended($1, 0)
"""


@dataclass
class Cluster(Stack):
    """A running cluster, by the ways of a stack; `base` is the first of its ports."""

    @property
    def portals(self) -> list[str]:
        """Where both portals answer."""
        return [f"http://127.0.0.1:{port_of(self.base, name)}" for name in ("portal-1", "portal-2")]

    @property
    def health(self) -> list[str]:
        """Where each replica says how it is."""
        return [f"http://127.0.0.1:{port_of(self.base, name)}/healthz" for name in REPLICAS]

    def up(self, *flags: str, seconds: float = 180) -> "Cluster":
        """Start it and wait until everything answers."""
        self.var.mkdir(parents=True, exist_ok=True)
        ours = {"DUBAN_VAR": self.var, "DUBAN_PORT_BASE": self.base, "DUBAN_CATCH_UP": 5}
        with (self.var / "words").open("wb") as words:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.cluster", *flags],
                stdout=words,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                env={**os.environ, **{name: str(value) for name, value in ours.items()}},
            )
        end = time.monotonic() + seconds
        while READY not in self.words:
            assert self.process.poll() is None and time.monotonic() < end, self.words
            time.sleep(0.1)
        return self

    def pids(self) -> dict[str, int]:
        """The processes by name: `nats-1`, `postgres`, `tasks-2`, …; what has just ended is not among them."""
        assert self.process
        result = {}
        for each in psutil.Process(self.process.pid).children():
            with suppress(psutil.NoSuchProcess, psutil.ZombieProcess, IndexError, FileNotFoundError):
                name = Path(f"/proc/{each.pid}/comm").read_text().strip()
                if name == "nats-server":
                    name = Path(each.cmdline()[-1]).parent.name
                result[name.removeprefix("duban:")] = each.pid
        return result

    async def stream_leader(self) -> str:
        """The server that leads the stream of events; empty where none does."""
        bus = await client.connect(**self.bus, allow_reconnect=False, connect_timeout=3)
        try:
            info = await bus.jetstream(timeout=3).stream_info("EVENTS")
            return (info.cluster and info.cluster.leader) or ""
        finally:
            await bus.close()

    async def job_leader(self, lock: str) -> str:
        """The replica that holds the lock of a job, as `tasks.relay`; empty where none does."""
        db = await asyncpg.connect(self.env["DUBAN_PG_DSN"], timeout=5)
        try:
            port = await db.fetchval(HOLDER, lock)
        finally:
            db.terminate()
        replicas = {name: pid for name, pid in self.pids().items() if name in REPLICAS}
        return next((name for name, pid in replicas.items() if port and port in ports_of(pid)), "")


def ports_of(pid: int) -> set[int]:
    """The ports from which a process has connected; empty where it has just ended."""
    try:
        return {each.laddr.port for each in psutil.Process(pid).net_connections("tcp") if each.raddr}
    except psutil.Error:
        return set()


def port_of(base: int, name: str) -> int:
    """Where a replica answers; the database has the first port, each nats-server three after it."""
    return base + 1 + 3 * len(SERVERS) + REPLICAS.index(name)


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A cluster over a fresh directory, stopped at the end."""
    with scratch() as directory:
        base = free_row()
        made = Cluster(directory / "var", port_of(base, "portal-1"), base)
        try:
            yield made.up()
        finally:
            if made.process and made.process.poll() is None:
                made.down()


def free_row() -> int:
    """The first of so many free ports in a row, above those of a stack and below those the kernel gives callers."""
    for n in range(60):
        base = 31_020 + (os.getpid() + n) % 60 * 28
        if all(is_free(base + at) for at in range(PORTS)):
            return base
    raise RuntimeError("no free ports in a row")


def servers(settings: Settings) -> list[Child]:
    """Three nats-servers with routes to each other, which trust one operator."""
    authority = Authority(settings.var / "keys")
    authority.write_users(settings.var / "creds")
    ports = [settings.port_base + 1 + 3 * n for n in range(len(SERVERS))]
    routes = ", ".join(f'"nats://127.0.0.1:{port + 2}"' for port in ports)
    return [server(settings, authority, name, port, routes) for name, port in zip(SERVERS, ports, strict=True)]


def server(settings: Settings, authority: Authority, name: str, port: int, routes: str) -> Child:
    """One of them: what `./dev up` would run, by another name and with routes."""
    store, log = settings.var / name, settings.var / "log" / f"{name}.log"
    store.mkdir(parents=True, exist_ok=True, mode=0o700)
    own = nats.configuration(store, Listen(port, port + 1), authority).replace('"duban-local"', f'"{name}"')
    config = store / "server.conf"
    config.write_text(own + ROUTED.format(port=port + 2, routes=routes))
    return Child(
        name=name,
        launch=lambda: process.program([nats.SERVER, "-c", config], log, on_death=signal.SIGTERM),
        log=log,
        unready=lambda: nats.http_unready(port + 1),
        answers=lambda: nats.http_answers(port + 1),
    )


def environment(settings: Settings, password: str) -> dict[str, str]:
    """What every service is told."""
    base = settings.port_base
    bus = {
        "DUBAN_NATS_URL": ",".join(f"nats://127.0.0.1:{base + 1 + 3 * n}" for n in range(len(SERVERS))),
        "DUBAN_NATS_CREDENTIALS": str(settings.var / "creds"),
        "DUBAN_STREAM_REPLICAS": "3",
    }
    dsn = f"postgresql://duban:{password}@127.0.0.1:{base}/duban"
    return services.environment(dsn, bus, settings.var, port_of(base, "portal-1"))


def replicas(settings: Settings, env: Mapping[str, str]) -> list[Child]:
    """Every service twice."""
    kept = settings.var / "run" / "duban.env"
    for folder in (kept.parent, settings.var / "blobs", settings.var / "search"):
        folder.mkdir(exist_ok=True, mode=0o700)
    kept.write_text("".join(f"{key}={value}\n" for key, value in env.items()))
    return [
        services.child(
            name,
            SERVICES[name.partition("-")[0]],
            port_of(settings.port_base, name),
            env,
            settings.var / "log" / f"{name}.log",
        )
        for name in REPLICAS
    ]


def keeping(settings: Settings, env: Mapping[str, str]) -> Child:
    """Who makes the streams, and tells the bus every node again when it has forgotten them."""

    def keep() -> int:
        asyncio.run(keeper.keep(NodeSettings()))
        return 0

    log = settings.var / "log" / "nodes.log"
    return Child("nodes", lambda: process.fork("nodes", log, env, keep), log, unready=lambda: None)


def run(settings: Settings) -> None:
    """Until a signal, or until the test is gone: keep all of it."""
    process.LIBC.prctl(process.PR_SET_PDEATHSIG, int(signal.SIGTERM))
    hold_signals()
    supervisor = Supervisor(Progress(time.time()).write)
    log = settings.var / "log"
    try:
        password = postgres.prepare(settings.var / "pg", settings.var / "secrets")
        database = postgres.child(settings.var / "pg", settings.port_base, log / "postgres.log")
        backing = [database, *servers(settings)]
        supervisor.start(backing)
        services.preload(SERVICES.values())
        supervisor.await_ready(backing)
        env = environment(settings, password)
        supervisor.start([keeping(settings, env)])
        both = replicas(settings, env)
        supervisor.start(both)
        supervisor.await_ready(both)
        print(READY, flush=True)
        supervisor.watch()
    except Stop:
        pass
    finally:
        supervisor.stop()


if __name__ == "__main__":
    run(config.read())
