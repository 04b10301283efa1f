"""The whole of Duban as `./dev up` runs it, for tests: its own directory, its own ports, real everything."""

import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local import memory
from deploy.local.services import SERVICES
from deploy.local.settings import ROOT, is_free
from deploy.local.settings import Settings as Local
from services.chassis.settings import Settings
from tests.scratch import scratch

PATIENT = {"DUBAN_CATCH_UP": "20"}
"""The portal answers a command once it shows what was done, on a busy machine as well."""

ENDED = re.compile(r"  (\S+) 退出（代码 (-?\d+)）")


@dataclass
class Stack:
    """A running stack; `base` is the first of its ten ports."""

    var: Path
    http: int
    base: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http}"

    @property
    def words(self) -> str:
        """What it printed so far."""
        return (self.var / "words").read_text()

    @property
    def health(self) -> list[str]:
        """Where each service says how it is."""
        return [f"http://127.0.0.1:{self.port(name)}/healthz" for name in SERVICES]

    def ended(self) -> Counter[str]:
        """Which process ended by which code, and how often, by what the supervisor said."""
        return Counter(f"{name}: {code}" for name, code in ENDED.findall(self.words))

    @property
    def env(self) -> dict[str, str]:
        """The settings of its services: where the database and the bus are."""
        lines = (self.var / "run" / "duban.env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)

    @property
    def bus(self) -> dict[str, Any]:
        """How the operator connects to its bus, as nats-py's options."""
        place = {"nats_url": self.env["DUBAN_NATS_URL"], "nats_credentials": self.env["DUBAN_NATS_CREDENTIALS"]}
        return Settings(**place).bus()

    def port(self, service: str) -> int:
        """Where a service answers."""
        settings = Local(var=self.var, http_port=self.http, port_base=self.base)
        return settings.service_port(service, list(SERVICES).index(service))

    def up(self, *flags: str, seconds: float = 180) -> "Stack":
        """Start it and wait until it says that it is ready."""
        ours = {"DUBAN_VAR": self.var, "DUBAN_HTTP_PORT": self.http, "DUBAN_PORT_BASE": self.base} | PATIENT
        self.var.mkdir(parents=True, exist_ok=True)
        with (self.var / "words").open("wb") as events:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "deploy.local.stack", *flags],
                stdout=events,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                env={**os.environ, **{name: str(value) for name, value in ours.items()}},
            )
        end = time.monotonic() + seconds
        while "督办已就绪" not in self.words:
            assert self.process.poll() is None and time.monotonic() < end, self.words
            time.sleep(0.1)
        return self

    def pids(self) -> dict[str, int]:
        """The processes by name: `tasks`, …, `postgres`, `nats`."""
        assert self.process
        result = {share.name: share.pid for share in memory.shares(self.process.pid)}
        names = {"postgres: main": "postgres", "nats-server": "nats"}
        return {names.get(name, name.removeprefix("duban:")): pid for name, pid in result.items()}

    def down(self) -> float:
        """Stop it in order; how many seconds that took."""
        assert self.process
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        return time.monotonic() - began


@contextmanager
def stack(*flags: str) -> Iterator[Stack]:
    """A stack over a fresh directory, stopped at the end."""
    with scratch() as directory:
        base = free_row()
        made = Stack(directory / "var", base + 10, base)
        try:
            yield made.up(*flags)
        finally:
            if made.process and made.process.poll() is None:
                made.down()


def free_row() -> int:
    """The first of eleven free ports in a row, below those from which the kernel takes the callers' own."""
    for n in range(500):
        base = 21_000 + (os.getpid() + n) % 500 * 20
        if all(is_free(base + n) for n in range(11)):
            return base
    raise RuntimeError("no eleven free ports in a row")
