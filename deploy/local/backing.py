"""A private PostgreSQL and nats-server for one test run, on free ports, gone with the run."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local import nats, postgres, process
from deploy.local.nats import Listen
from deploy.local.process import Child
from deploy.local.settings import Trouble, free_ports
from services.nodes.authority import Authority


@dataclass(frozen=True)
class Backing:
    """pg_dsn: superuser on database `duban`; nats_url and the credentials of a user who may do everything; the children
    may be killed (`send`), waited for and started again on the same ports. Beside `operator` the folder of the
    credentials has those of every service, and `keys` is what signs them."""

    pg_dsn: str
    nats_url: str
    nats_credentials: Path
    keys: Path
    postgres: Child
    nats: Child

    def stop(self) -> None:
        """End both; the data stays in its directory."""
        process.stop([self.postgres, self.nats], patience=5)


def start(directory: Path, durable: bool = True) -> Backing:
    """Start both over `directory` and return when they answer (~1.5 s the first time, ~0.3 s again).

    durable=False spares the fsyncs. Call it in the main thread: the kernel ends the servers when the thread that
    started them ends.
    """
    pg_port, nats_port, monitor = free_ports(3)
    secrets, log = directory / "secrets", directory / "log"
    directory.mkdir(parents=True, exist_ok=True)
    authority = Authority(directory / "keys")
    authority.write_users(directory / "creds")
    bus = nats.child(directory / "nats", Listen(nats_port, monitor), authority, log / "nats.log", durable)
    bus.start()
    password = postgres.prepare(directory / "pg", secrets, durable)
    database = postgres.child(directory / "pg", pg_port, log / "postgres.log", durable)
    database.start()
    backing = Backing(
        pg_dsn=f"postgresql://duban:{password}@127.0.0.1:{pg_port}/duban",
        nats_url=f"nats://127.0.0.1:{nats_port}",
        nats_credentials=directory / "creds" / "operator.creds",
        keys=authority.folder,
        postgres=database,
        nats=bus,
    )
    await_ready([bus, database])
    return backing


def await_ready(children: Sequence[Child], seconds: float = 30) -> None:
    """Wait until all answer; Trouble, with the last lines logged, when one ends or takes longer."""
    end = time.monotonic() + seconds
    try:
        for child in children:
            while reason := child.unready():
                if not child.running() or time.monotonic() > end:
                    raise Trouble(f"{child.name} 没有就绪：{reason}\n{child.tail()}")
                time.sleep(0.02)
    except Trouble:
        process.stop(children, patience=2)
        raise
