"""A running province and the strangers who use it: the command line, REST callers, a county on the bus."""

import asyncio
import csv
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx

from deploy.local.settings import ROOT
from tests.stack import Stack

LEDGER = ROOT / "tests/data/ledgers/2026-督办台账-样例.xlsx"
OFFICE = "14.00.00.000.bgt"
COUNTY = "14.10.02"

BEHIND = """
select exists (select from tasks.outbox emitted left join portal.inbox handled using (aggregate)
    where aggregate ~ '^(task|assignment)/' and coalesce(handled.version, 0) < emitted.version)
"""


@dataclass
class Province:
    """What a stranger has: an address, a command line, tokens."""

    stack: Stack
    callers: dict[tuple[str, str], httpx.Client] = field(default_factory=dict)

    def duban(self, *words: str, fails: bool = False) -> str:
        """The operator's command; what it printed."""
        run = subprocess.run(
            [sys.executable, "-m", "services.chassis.cli", *words],
            cwd=ROOT,
            env={**os.environ, **self.stack.env},
            capture_output=True,
            text=True,
        )
        assert (run.returncode != 0) == fails, run.stdout + run.stderr
        return run.stdout

    def caller(self, unit: str, role: str) -> httpx.Client:
        """A REST client for a person of that unit in that role, the same one each time."""
        if (unit, role) not in self.callers:
            self.callers[unit, role] = self.admitted(unit, role)
        return self.callers[unit, role]

    def admitted(self, unit: str, role: str) -> httpx.Client:
        """Somebody new, with a token."""
        person = f"{unit}-{role}"
        self.duban("persons", "add", person, "某人", unit)
        eventually(lambda: self.knows(person))
        token = self.duban("token", "--person", person, "--role", role).strip().splitlines()[-1]
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.Client(base_url=self.stack.url, headers=headers, timeout=30, event_hooks={"request": [keyed]})

    def knows(self, person: str) -> bool:
        """The portal has heard of a person of the register."""
        return self.sql("select exists (select from portal.person where person_id = $1)", person)

    def caught_up(self) -> bool:
        """The portal has handled every event of tasks and assignments."""
        return not self.sql(BEHIND)

    def sql(self, question: str, *values: object) -> Any:
        """One value from the database."""

        async def asked() -> Any:
            db = await asyncpg.connect(self.stack.env["DUBAN_PG_DSN"])
            try:
                return await db.fetchval(question, *values)
            finally:
                await db.close()

        return asyncio.run(asked())

    def health(self, service: str) -> dict[str, Any]:
        """What a service says of itself."""
        return httpx.get(f"http://127.0.0.1:{self.stack.port(service)}/healthz", timeout=30).json()

    def bundle(self) -> Path:
        """What the demo county was given."""
        return self.stack.var / "bundles" / COUNTY


def keyed(request: httpx.Request) -> None:
    """A key of its own for every request."""
    request.headers.setdefault("Idempotency-Key", str(uuid4()))


def expected() -> list[dict[str, str]]:
    """The sample's truth, row by row."""
    with (LEDGER.parent / "expected.csv").open() as file:
        return list(csv.DictReader(file))


def eventually(question: Callable[[], Any], seconds: float = 60) -> tuple[Any, float]:
    """The first true answer, and the seconds it took to come."""
    began = time.monotonic()
    while not (answer := question()):
        assert time.monotonic() - began < seconds, f"not within {seconds} s"
        time.sleep(0.1)
    return answer, time.monotonic() - began


def tasks(caller: httpx.Client) -> dict[str, dict[str, Any]]:
    """The ledger by number."""
    return {task["number"]: task for task in caller.get("/v1/tasks", params={"limit": 200}).json()["items"]}
