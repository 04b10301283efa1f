"""The embedded nats-server: JetStream that syncs every write, one password for the services, few rights for others."""

import functools
import json
import re
import signal
import string
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from deploy.local import process
from deploy.local.process import Child
from deploy.local.settings import ROOT, Trouble

SERVER = Path(sys.executable).parent / "nats-server"
TEMPLATE = ROOT / "deploy" / "nats" / "local.conf"
OLDEST = (2, 15)


@dataclass(frozen=True)
class User:
    """Who may connect; permissions as nats-server writes them, empty = everything."""

    name: str
    password: str
    permissions: Mapping[str, object] = field(default_factory=dict)

    def entry(self) -> dict[str, object]:
        rights = {"permissions": self.permissions} if self.permissions else {}
        return {"user": self.name, "password": self.password, **rights}


def configuration(store: Path, port: int, monitor: int, users: Sequence[User], durable: bool = True) -> str:
    """The server's configuration file, passwords included: keep it readable by its owner only."""
    return string.Template(TEMPLATE.read_text()).substitute(
        store=store,
        port=port,
        monitor=monitor,
        sync="always" if durable else '"2m"',
        users=json.dumps([user.entry() for user in users]),
    )


def child(store: Path, port: int, monitor: int, users: Sequence[User], log: Path, durable: bool = True) -> Child:
    """Write the configuration into `store` and give the server over it; not durable: writes synced now and then."""
    check_version(version())
    store.mkdir(parents=True, exist_ok=True, mode=0o700)
    config = store / "server.conf"
    config.touch(mode=0o600)
    config.write_text(configuration(store, port, monitor, users, durable))
    return Child(
        name="nats",
        launch=lambda: process.program([SERVER, "-c", config], log, on_death=signal.SIGTERM),
        log=log,
        unready=lambda: http_unready(monitor),
        answers=lambda: http_answers(monitor),
    )


@functools.cache
def version() -> str:
    """Version of the embedded binary, e.g. "2.15.1"."""
    run = subprocess.run([SERVER, "--version"], capture_output=True, text=True, check=True)
    return run.stdout.rpartition("v")[2].strip()


def check_version(text: str) -> None:
    """Trouble unless nats-server is new enough."""
    numbers = tuple(int(part) for part in re.findall(r"\d+", text)[:2])
    if numbers < OLDEST:
        raise Trouble(f"nats-server 版本为 {text}，需要 2.15 或更高：请升级 nats-server")


def http_unready(port: int) -> str | None:
    """None once GET 127.0.0.1:port/healthz answers 200, else what it answered."""
    try:
        status, body = _health(port)
    except (OSError, HTTPException) as problem:
        return f"/healthz 没有应答（{type(problem).__name__}）"
    return None if status == 200 else f"/healthz 返回 {status} {body}"


def http_answers(port: int) -> bool:
    """Whether GET 127.0.0.1:port/healthz answers at all."""
    try:
        return bool(_health(port))
    except (OSError, HTTPException):
        return False


def _health(port: int) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        return answer.status, answer.read(500).decode(errors="replace")
    finally:
        connection.close()
