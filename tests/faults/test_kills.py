"""kill -9 of every process in turn under load: what was acknowledged is there, once, in order, everywhere."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections import Counter

import asyncpg
import nats
import pytest

from deploy.local.settings import ROOT
from services.chassis import rebuild
from tests.faults import facts
from tests.faults.checks import doubled
from tests.faults.load import Ledger, Rpc, Writer, silent
from tests.stack import Stack, stack

KILLED = ("tasks", "alerts", "notices", "ranking", "search", "portal", "nats", "postgres")
ROUNDS = 2
ENOUGH = 100
UNITS = ("14.10.02.000.gov", "14.05.81.000.gov")


@pytest.fixture(scope="module")
def running():
    with stack("--no-demo") as made:
        yield made


def test_nothing_acknowledged_is_lost_doubled_or_out_of_order(running: Stack):
    kills, ledger, result = asyncio.run(campaign(running))
    print(f"{sum(kills.values())} kills {dict(kills)}, {len(ledger.acknowledged)} commands acknowledged,", end=" ")
    print(f"{ledger.retries.total()} retries, refused {dict(ledger.refused)}, wrong {result}")
    enough = sum(kills.values()) >= 12 and len(ledger.acknowledged) >= ENOUGH
    assert enough, "too little happened: the run is void"
    assert result == {}


async def campaign(running: Stack) -> tuple[Counter[str], Ledger, dict[str, int]]:
    bus = await nats.connect(**running.bus, max_reconnect_attempts=-1, reconnect_time_wait=0.2, error_cb=silent)
    ledger = Ledger()
    writers = [Writer(f"rpc {n}", Rpc(bus), ledger, UNITS) for n in range(6)]
    writing = [asyncio.ensure_future(writer.write()) for writer in writers]
    kills = await killing(running, ledger, random.Random(1))
    ledger.stop = True
    await asyncio.gather(*writing)
    result = await settled(running, ledger)
    await bus.close()
    return kills, ledger, result


async def killing(running: Stack, ledger: Ledger, rng: random.Random) -> Counter[str]:
    """Each process in turn, at moments nobody chose, with work done in between."""
    kills: Counter[str] = Counter()
    for name in KILLED * ROUNDS:
        await ledger.worked(8, "rpc")
        await asyncio.sleep(rng.uniform(0.1, 0.9))
        if pid := running.pids().get(name):
            os.kill(pid, signal.SIGKILL)
            kills[name] += 1
    await ledger.worked(8, "rpc")
    return kills


async def settled(running: Stack, ledger: Ledger) -> dict[str, int]:
    """What is still wrong when everything had time to come through; empty is what we want."""
    result, last = await facts.settled(running, ledger, received={})
    twice = doubled(last)
    return result | ({"stream doubled": twice} if twice else {})


DERIVED = {
    "tasks": {"edition"},  # how often the register changed: a cache's stamp
    "alerts": {"schedule"},  # when to look next: the next tick finds it again
    "notices": {"evaluation"},
    "ranking": {"edition", "computation"},
    "portal": {
        "feed",
        "feed_audience",
        "feed_epoch",
        "reference",
    },  # an older cursor means nothing any more; `FEED` compares
}
FEED = "select event_id::text || body::text as row from feed order by 1"


@pytest.mark.parametrize("service", ["tasks", "alerts", "notices", "ranking", "portal"])
def test_what_is_emptied_is_rebuilt_the_same(resting: Stack, service: str):
    before = asyncio.run(state(resting, service))
    done = subprocess.run(
        [sys.executable, "-m", "services.chassis.cli", "replay", service],
        cwd=ROOT,
        env={**os.environ, **resting.env},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    after = asyncio.run(state(resting, service))
    assert before.keys() == after.keys() and any(before.values())
    assert {table for table in before if before[table] != after[table]} - DERIVED.get(service, set()) == set()


@pytest.fixture(scope="module")
def resting(running: Stack):
    """The same data, with the search service alone awake: what is rebuilt must not run."""
    running.down()
    return running.up("--no-demo", "--service", "search=services.search.app")


async def state(running: Stack, service: str) -> dict[str, list[str]]:
    """Every row of every state table, as text, sorted."""
    db = await asyncpg.connect(running.env["DUBAN_PG_DSN"], server_settings={"search_path": service})
    try:
        tables = [row["table_name"] for row in await db.fetch(rebuild.TABLES)]
        chosen = [table for table in tables if table not in rebuild.CHASSIS]
        rows = {table: await db.fetch(f'select t::text as row from "{table}" t order by 1') for table in chosen}
        if service == "portal":
            rows["the feed"] = await db.fetch(FEED)
        return {table: [row["row"] for row in result] for table, result in rows.items()}
    finally:
        await db.close()
