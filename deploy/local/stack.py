"""`./dev up`: the whole of Duban on one machine, from an empty directory to a page in the browser."""

import argparse
import asyncio
import contextlib
import fcntl
import importlib
import importlib.util
import os
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.local import nats, outside, postgres, process, services
from deploy.local import settings as config
from deploy.local.nats import Listen
from deploy.local.process import Child
from deploy.local.services import SERVICES
from deploy.local.settings import DATA, Settings, Trouble, is_free
from deploy.local.supervisor import Stop, Supervisor, hold_signals
from services.nodes import keeper, registrar
from services.nodes.authority import Authority
from services.nodes.settings import Settings as NodeSettings

DEMO_COUNTY = "14.10.02"
DEMO = "deploy.local.demo"


@dataclass(frozen=True)
class Progress:
    """Prints lines with the seconds since `since` (Unix time), so that people see it work."""

    since: float

    def write(self, text: str) -> None:
        print(f"{time.time() - self.since:7.1f} s  {text}", flush=True)


def up(settings: Settings, apps: Mapping[str, str], fresh: bool, demo: bool, progress: Progress) -> None:
    """Run until a signal: PostgreSQL and NATS, then the services `apps` (name -> module of the ASGI `app`).

    fresh: begin with empty data (fonts are kept). demo: load the demo province when it is absent. Errors: Trouble.
    """
    hold_signals()
    supervisor = Supervisor(progress.write)
    with running(settings) as crashed:
        try:
            if fresh:
                wipe(settings)
            await_ports(settings, apps, patience=10 if crashed else 0)
            env = start_backing(settings, apps, supervisor)
            start_services(settings, apps, env, supervisor)
            if not settings.nats_url:
                admit_node(settings, env, supervisor)
            if demo:
                load_demo(settings, env, supervisor)
            print(welcome(settings, demo), flush=True)
            supervisor.watch()
        except Stop:
            progress.write("正在停止 …")
        finally:
            supervisor.stop()
    progress.write("已停止，数据保留在 " + str(settings.var))


@contextlib.contextmanager
def running(settings: Settings) -> Iterator[bool]:
    """Hold the one place of a running stack over this var/; gives whether the last one was killed.

    The lock is the kernel's and dies with the process; a forked child does not inherit it.
    """
    settings.var.mkdir(parents=True, exist_ok=True, mode=0o711)
    path = settings.var / "run" / "up.pid"
    path.parent.mkdir(exist_ok=True, mode=0o700)
    with path.open("a+") as file:
        file.seek(0)
        before = file.read()
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            address = f"http://127.0.0.1:{settings.http_port}"
            raise Trouble(
                f"已有一个 ./dev up 在运行（进程 {before}，{address}）：先停止它，或另设 DUBAN_VAR 与端口"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        try:
            yield bool(before)
        finally:
            file.truncate(0)


def wipe(settings: Settings) -> None:
    """Empty the data of the embedded stack. Trouble when part of it lives on an outside server."""
    outsiders = {"DUBAN_PG_DSN": settings.pg_dsn, "DUBAN_NATS_URL": settings.nats_url}
    if named := [name for name, value in outsiders.items() if value]:
        raise Trouble(f"--fresh 不会清空外部服务器（{'、'.join(named)}）：请自行清空后去掉 --fresh 再启动")
    if (settings.var / "pg").exists():
        postgres.clear_stale(settings.var / "pg")
    for name in DATA:
        shutil.rmtree(settings.var / name, ignore_errors=True)
    stamp(settings).unlink(missing_ok=True)


def await_ports(settings: Settings, apps: Mapping[str, str], patience: float) -> None:
    """Trouble naming every busy port and its setting; waits `patience` s for what a killed run leaves behind."""
    base = "DUBAN_PORT_BASE"
    wanted = {settings.service_port(name, at): (name, base) for at, name in enumerate(apps)}
    if not settings.pg_dsn:
        wanted[settings.pg_port] = ("PostgreSQL", base)
    if not settings.nats_url:
        wanted |= {settings.nats_port: ("NATS", base), settings.monitor_port: ("NATS 监控", base)}
    if "portal" in apps:
        wanted[settings.http_port] = ("portal", "DUBAN_HTTP_PORT")
    end = time.monotonic() + patience
    while busy := [port for port in wanted if not is_free(port)]:
        if time.monotonic() > end:
            lines = [f"端口 {port}（{wanted[port][0]}）已被占用：改设 {wanted[port][1]}" for port in sorted(busy)]
            raise Trouble("\n".join(lines) + "，或停止占用它的程序")
        time.sleep(0.1)


def start_backing(settings: Settings, apps: Mapping[str, str], supervisor: Supervisor) -> dict[str, str]:
    """Start PostgreSQL and NATS, or check the outside ones; meanwhile import; gives the services' environment."""
    secrets, log = settings.var / "secrets", settings.var / "log"
    pg_dsn, children = settings.pg_dsn, list[Child]()
    if pg_dsn:
        outside.check_postgres(pg_dsn)
    else:
        password = postgres.prepare(settings.var / "pg", secrets)
        pg_dsn = f"postgresql://duban:{password}@127.0.0.1:{settings.pg_port}/duban"
        children.append(postgres.child(settings.var / "pg", settings.pg_port, log / "postgres.log"))
    if settings.nats_url:
        outside.prepare_nats(settings.nats_url, settings.nats_credentials, settings.nats_ca)
    else:
        children.append(own_bus(settings))
    supervisor.start(children)
    services.preload(apps.values())
    supervisor.await_ready(children)
    env = services.environment(pg_dsn, bus_environment(settings), settings.var, settings.http_port)
    if not settings.nats_url:
        supervisor.start([keeper_of(settings, env)])
    return env


def own_bus(settings: Settings) -> Child:
    """The embedded server, with the credentials of every service in var/creds."""
    authority = Authority(settings.keys or settings.var / "keys")
    authority.write_users(settings.var / "creds")
    host, certificate, key = settings.nats_host, settings.nats_cert, settings.nats_key
    listen = Listen(settings.nats_port, settings.monitor_port, host, certificate, key)
    return nats.child(settings.var / "nats", listen, authority, settings.var / "log" / "nats.log")


def own_url(settings: Settings) -> str:
    """Where the embedded bus is for our own services."""
    return f"{'tls' if settings.nats_cert else 'nats'}://127.0.0.1:{settings.nats_port}"


def bus_environment(settings: Settings) -> dict[str, str]:
    """Where the bus is and by which credentials, as the services' settings read it."""
    credentials = settings.nats_credentials if settings.nats_url else settings.var / "creds"
    variables = {
        "DUBAN_NATS_URL": settings.nats_url or own_url(settings),
        "DUBAN_NATS_CREDENTIALS": credentials,
        "DUBAN_NATS_CA": settings.nats_ca,
    }
    return {name: str(value) for name, value in variables.items() if value}


def start_services(settings: Settings, apps: Mapping[str, str], env: Mapping[str, str], supervisor: Supervisor) -> None:
    """Fork every service and wait until all are healthy; the environment is kept in var/run/duban.env for tools."""
    for name in ("blobs", "search"):
        (settings.var / name).mkdir(exist_ok=True, mode=0o700)
    kept = settings.var / "run" / "duban.env"
    kept.touch(mode=0o600)
    kept.write_text("".join(f"{key}={value}\n" for key, value in env.items()))
    children = [
        services.child(name, app, settings.service_port(name, at), env, settings.var / "log" / f"{name}.log")
        for at, (name, app) in enumerate(apps.items())
    ]
    supervisor.start(children)
    supervisor.await_ready(children)


def keeper_of(settings: Settings, env: Mapping[str, str]) -> Child:
    """`duban node keep`: who makes the streams, and tells the bus every node."""

    def keep() -> int:
        asyncio.run(keeper.keep(NodeSettings(keys=settings.keys)))
        return 0

    log = settings.var / "log" / "keeper.log"
    return Child("keeper", lambda: process.fork("keeper", log, env, keep), log, unready=lambda: None)


def admit_node(settings: Settings, env: Mapping[str, str], supervisor: Supervisor) -> None:
    """What `duban node enroll` does, for the demo county; in a process of its own."""

    def admit() -> int:
        asyncio.run(registrar.admit(NodeSettings(keys=settings.keys), DEMO_COUNTY))
        return 0

    log = settings.var / "log" / "nodes.log"
    child = Child("nodes", lambda: process.fork("nodes", log, env, admit), log, unready=lambda: None)
    if supervisor.finish(child):
        supervisor.write(f"示例县没有接入总线，平台照常运行；日志 {log} 的末尾：\n{child.tail()}")


def load_demo(settings: Settings, env: Mapping[str, str], supervisor: Supervisor) -> None:
    """Run `deploy.local.demo.load(settings)` once per data set, in a process of its own; a failure is told."""
    if stamp(settings).exists() or importlib.util.find_spec(DEMO) is None:
        return

    def load() -> int:
        importlib.import_module(DEMO).load(settings)
        return 0

    log = settings.var / "log" / "demo.log"
    child = Child("demo", lambda: process.fork("demo", log, env, load), log, unready=lambda: None)
    supervisor.write("载入示例省 …")
    if supervisor.finish(child):
        supervisor.write(f"示例省没有载入完，平台照常运行；日志 {log} 的末尾：\n{child.tail()}")
    else:
        stamp(settings).touch()


def stamp(settings: Settings) -> Path:
    """The file whose presence says that the demo province is loaded."""
    return settings.var / "demo.loaded"


def welcome(settings: Settings, demo: bool) -> str:
    """What to open and try, once everything answers."""
    lines = [f"\n督办已就绪：http://127.0.0.1:{settings.http_port}    （Ctrl-C 停止）"]
    if demo and stamp(settings).exists() and importlib.util.find_spec(DEMO):
        lines.append(importlib.import_module(DEMO).WELCOME)
    return "\n".join(lines)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev up", description="在本机启动整套督办平台")
    parser.add_argument("--fresh", action="store_true", help="清空数据后启动（字体保留）")
    parser.add_argument("--no-demo", action="store_true", help="不载入示例省")
    parser.add_argument("--service", action="append", metavar="NAME=MODULE", help="只启动所列服务")
    parser.add_argument("--since", type=float, default=time.time(), help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> int:
    chosen = arguments()
    apps = dict(each.split("=", 1) for each in chosen.service) if chosen.service else SERVICES
    try:
        up(config.read(), apps, chosen.fresh, not chosen.no_demo, Progress(chosen.since))
    except Trouble as trouble:
        print(f"\n{trouble}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
