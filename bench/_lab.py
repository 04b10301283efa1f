"""What every benchmark needs: real servers with fsync on, CPU by process, medians, one table, one JSON file."""

import asyncio
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, redirect_stderr, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import uvloop

from deploy.local import backing
from deploy.local.backing import Backing
from services.chassis import log
from services.chassis.app import opened
from services.chassis.handlers import Handlers, gather
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.nodes.bus import prepare

RESULTS = Path(__file__).parent / "results"
ROUNDS = 5


@dataclass
class Sample:
    """One round: operations, wall seconds, CPU seconds by process."""

    count: int
    wall: float
    cpu: Mapping[str, float]

    @property
    def rate(self) -> float:
        return self.count / self.wall

    def cpu_us(self, *processes: str) -> float:
        """CPU microseconds an operation, of these processes or of all."""
        return sum(self.cpu[p] for p in processes or self.cpu) / self.count * 1e6


@dataclass
class Contest:
    """Named ways of doing the same work, each measured `ROUNDS` times in turn."""

    name: str
    servers: Backing
    samples: dict[str, list[Sample]] = field(default_factory=dict)

    async def round(self, name: str, work: Callable[[], Awaitable[int]]) -> None:
        """Do it once; `work` returns how many operations it did."""
        before, began = self.cpu(), time.perf_counter()
        count = await work()
        wall, after = time.perf_counter() - began, self.cpu()
        spent = {process: after[process] - before.get(process, 0) for process in after}
        self.samples.setdefault(name, []).append(Sample(count, wall, spent))

    def cpu(self) -> dict[str, float]:
        """CPU seconds so far of this process, PostgreSQL and nats-server; ended backends count too."""
        postgres, nats = self.servers.postgres.pid, self.servers.nats.pid
        return {"python": sum(os.times()[:2]), "postgres": _tree(postgres), "nats": _tree(nats)}

    def rate(self, name: str) -> float:
        """Operations a second, the median of the rounds."""
        return statistics.median(sample.rate for sample in self.samples[name])

    def cpu_us(self, name: str, *processes: str) -> float:
        """CPU microseconds an operation, the median of the rounds."""
        return statistics.median(sample.cpu_us(*processes) for sample in self.samples[name])

    def paired(self, name: str, other: str, *processes: str) -> float:
        """CPU an operation of one way, in times of another's in the same round: the median of the rounds."""
        rounds = zip(self.samples[name], self.samples[other], strict=True)
        return statistics.median(a.cpu_us(*processes) / b.cpu_us(*processes) for a, b in rounds)

    def report(self, ratios: Mapping[str, tuple[float, str]]) -> None:
        """Print the table and keep it; `ratios`: name -> (measured, target)."""
        print(f"\n{self.name}（{ROUNDS} 轮交替，取中位数）")
        print(f"  {'':44s}{'次/秒':>10s}{'CPU µs/次':>12s}{'python':>9s}{'postgres':>10s}{'nats':>8s}")
        for name in self.samples:
            parts = "".join(f"{self.cpu_us(name, p):{w}.0f}" for p, w in (("python", 9), ("postgres", 10), ("nats", 8)))
            print(f"  {name:44s}{self.rate(name):10.0f}{self.cpu_us(name):12.0f}{parts}")
        for name, (measured, target) in ratios.items():
            print(f"  {name}: {measured:.2f}   目标 {target}")
        rows = {name: {"rate": self.rate(name), "cpu_us": self.cpu_us(name)} for name in self.samples}
        kept = {"rows": rows, "ratios": {k: {"measured": m, "target": t} for k, (m, t) in ratios.items()}}
        kept["machine"] = {"cpus": os.cpu_count(), "python": platform.python_version(), "rounds": ROUNDS}
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"{self.name}.json").write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n")


def _tree(pid: int) -> float:
    root = psutil.Process(pid)
    own = root.cpu_times()
    total = own.user + own.system + own.children_user + own.children_system
    for child in root.children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # it ended between the two calls, and counts with its parent from now on
            times = child.cpu_times()
            total += times.user + times.system
    return total


@contextmanager
def servers() -> Iterator[Backing]:
    """PostgreSQL and nats-server with fsync on, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="duban-bench-") as directory:
        started = backing.start(Path(directory))
        try:
            yield started
        finally:
            started.stop()


@asynccontextmanager
async def service(
    servers: Backing, name: str, *modules: object, handlers: Handlers | None = None
) -> AsyncIterator[Service]:
    """A service without its jobs; migrations of the modules, or none."""
    with tempfile.TemporaryDirectory(prefix="duban-bench-") as var:
        bus = {"nats_url": servers.nats_url, "nats_credentials": servers.nats_credentials}
        settings = Settings(pg_dsn=servers.pg_dsn, var=Path(var), pool=16, **bus)
        made = Service(name, settings, handlers or gather(*modules))  # type: ignore[arg-type]
        await prepare(settings)
        await opened(made, *{Path(str(m.__file__)).parent / "migrations" for m in modules})  # type: ignore[attr-defined]
        try:
            yield made
        finally:
            made.pool.terminate()
            await made.broker.stop()


def run(name: str, work: Callable[[Contest], Awaitable[None]]) -> None:
    """Servers, the contest, then the exit code: 0, whatever the ratios say. Log lines are written, to nowhere."""
    with Path(os.devnull).open("w") as nowhere, servers() as started:
        with redirect_stderr(nowhere):
            log.setup("bench")
        uvloop.run(work(Contest(name, started)))
    sys.exit(0)


async def side_by_side(count: int, width: int, one: Callable[[int], Awaitable[object]]) -> int:
    """`one(0..count-1)`, `width` at a time."""
    numbers = iter(range(count))

    async def worker() -> None:
        for number in numbers:
            await one(number)

    await asyncio.gather(*(worker() for _ in range(width)))
    return count


__all__ = ["ROUNDS", "Contest", "run", "service", "side_by_side"]
