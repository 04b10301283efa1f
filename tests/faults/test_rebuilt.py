"""After all that was done to it: the tables of a service are emptied, and made anew they are the same."""

import asyncio
import os
import subprocess
import sys

import asyncpg
import pytest

from deploy.local.settings import ROOT
from services.chassis import rebuild
from tests.stack import Stack

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
    changed = {
        table: sorted({*before[table]} ^ {*after[table]})[:4] for table in before if before[table] != after[table]
    }
    assert {table: rows for table, rows in changed.items() if table not in DERIVED.get(service, ())} == {}


@pytest.fixture(scope="module")
def resting(running: Stack) -> Stack:
    """What the campaigns left, with the search service alone awake: what is rebuilt must not run."""
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
