"""The bus loses its store while an import waits to be published: all is told again, and every page says the same."""

import asyncio
import csv
import os
import re
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from difflib import SequenceMatcher
from pathlib import Path

import asyncpg
import httpx
import pytest

from bench.imports import rows
from contracts.county import County
from deploy.local.services import SERVICES
from deploy.local.settings import ROOT
from services.chassis.leading import end
from services.portal.identity.passwords import DEMO
from tests.faults.test_lost_bus import COUNTY, listen, unreceived, wipe
from tests.stack import Stack, stack

TASKS = 4_000
WAITING = 10_000
DEMO_TASKS = 30
PAGES = ("/wall", "/tasks", "/tasks?light=overdue", "/tasks?board=project", "/notices", "/rankings", "/search?q=危树")
REBUILT = ("tasks", "alerts", "notices", "ranking", "portal")


@pytest.mark.full
def test_a_bus_wiped_while_an_import_waits_loses_nothing_and_every_page_says_the_same():
    with stack() as made:
        waiting, seconds, missed = asyncio.run(wiped(made))
        before = pages(made)
        for service in REBUILT:
            duban(made, "replay", service)
        eventually(lambda: not waits(made) and healthy(made))  # each has started anew
        after = pages(made)
        print(f"{waiting} events waited; everybody, the county too, had everything {seconds:.1f} s after", end=" ")
        assert missed == {}
        assert waiting >= WAITING, "too little waited: the run is void"
        assert {page: changed(before[page], after[page]) for page in PAGES if before[page] != after[page]} == {}


async def wiped(made: Stack) -> tuple[int, float, dict[str, list[int]]]:
    """Import, wipe as soon as it is answered; how many events waited, how long all took, what the county misses."""
    got: dict[str, set[int]] = defaultdict(set)
    async with County(made.var / "bundles" / COUNTY) as county:
        listening = asyncio.ensure_future(listen(county, got, asyncio.Event()))
        await asyncio.to_thread(duban, made, "import", str(ledger(made.var / "ledger.csv")))
        waiting = await asyncio.to_thread(waits, made)
        wipe(made)
        began = time.monotonic()
        await asyncio.to_thread(eventually, lambda: not waits(made) and healthy(made))
        until = time.monotonic() + 600
        while (missed := await unreceived(made, got)) and time.monotonic() < until:
            await asyncio.sleep(0.5)
        seconds = time.monotonic() - began
        await end([listening])
    return waiting, seconds, missed


def ledger(path: Path) -> Path:
    """Without the first numbers, which the demo's own ledger has."""
    heading, tasks = rows(TASKS + DEMO_TASKS)[:3], rows(TASKS + DEMO_TASKS)[3 + DEMO_TASKS :]
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(heading + tasks)
    return path


def pages(made: Stack) -> dict[str, str]:
    """What the office reads on each page: its words and figures, without the hour."""
    with httpx.Client(base_url=made.url, timeout=60, follow_redirects=True) as office:
        form = office.get("/login").text
        token = re.search(r'name="csrf_token" value="([^"]+)"', form)
        assert token
        office.post("/login", data={"login": "ducha", "password": DEMO, "csrf_token": token[1]}).raise_for_status()
        return {page: words(office.get(page).raise_for_status().text) for page in PAGES}


def words(page: str) -> str:
    """Without tags, times of day, and how long it took."""
    main = re.sub(r"<[^>]*>", " ", page[page.index("<main") :])
    return re.sub(r"\s+", " ", re.sub(r"\d{1,2}:\d\d(:\d\d)?|用时 \d+ 毫秒", "", main))


def changed(before: str, after: str) -> list[tuple[str, str]]:
    """What stood there, with some words around it, and what stands there now."""
    old, new = before.split(), after.split()
    steps = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [(" ".join(old[max(0, a - 8) : b + 4]), " ".join(new[c:d])) for step, a, b, c, d in steps if step != "equal"]


def waits(made: Stack) -> int:
    """Events that are not published yet."""
    question = "select " + " + ".join(f"(select count(*) from {name}.pending)" for name in SERVICES)
    return asyncio.run(ask(made, question))


async def ask(made: Stack, question: str) -> int:
    db = await asyncpg.connect(made.env["DUBAN_PG_DSN"])
    try:
        return int(await db.fetchval(question))
    finally:
        await db.close()


def healthy(made: Stack) -> bool:
    """Every service is well and has read everything."""
    try:
        answers = [httpx.get(url, timeout=10) for url in made.health]
    except httpx.HTTPError:
        return False
    return all(each.is_success and not each.json().get("inbox_lag") for each in answers)


def duban(made: Stack, *words: str) -> None:
    """The operator's command."""
    command = [sys.executable, "-m", "services.chassis.cli", *words]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **made.env}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def eventually(question: Callable[[], bool], seconds: float = 600) -> None:
    until = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < until, f"not within {seconds} s"
        time.sleep(0.5)
