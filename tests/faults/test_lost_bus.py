"""The bus loses its whole store, a county behind: everybody gets everything, by itself, and takes it once."""

import asyncio
import os
import shutil
import signal
import time
from collections import defaultdict

import asyncpg
import nats

from contracts.county import County
from contracts.envelope import EVENTS
from services.chassis.leading import end
from tests.faults.load import Ledger, Rpc, Writer, silent
from tests.faults.test_kills import UNITS, settled
from tests.stack import Stack

COUNTY = "14.10.02"
PLACES = ("14.10.02.%", "14.10.00.000.all", "14.00.00.000.all")
ADDRESSED = "select aggregate, version from {}.outbox where subject like any($1)"
"""What the county hears: all at its own addresses, and what is for everyone above it."""
SERVICES = ("tasks", "alerts", "notices", "ranking", "portal")


def test_a_wiped_bus_is_filled_again_and_nobody_misses_anything(running: Stack, ledger: Ledger):
    seconds, events, wrong, missed = asyncio.run(campaign(running, ledger))
    print(
        f"{events} events; everybody, the county too, had everything {seconds:.1f} s after the store was gone", end=" "
    )
    assert events >= 500, "too little happened: the run is void"
    assert (wrong, missed) == ({}, {})


async def campaign(running: Stack, ledger: Ledger) -> tuple[float, int, dict, dict]:
    """Work, a wipe while an event is waiting, work; how long it took, how many events, and what is wrong."""
    bus = await nats.connect(**running.bus, max_reconnect_attempts=-1, reconnect_time_wait=0.2, error_cb=silent)
    got, ledger.stop = defaultdict(set), False
    async with County(running.var / "bundles" / COUNTY) as county:
        behind = asyncio.Event()
        behind.set()
        listening = asyncio.ensure_future(listen(county, got, behind))
        writers = [Writer(f"rpc {n}", Rpc(bus), ledger, UNITS) for n in range(6)]
        writing = [asyncio.ensure_future(writer.write()) for writer in writers]
        await ledger.worked(100, "rpc")
        wipe(running)
        began = time.monotonic()
        await ledger.worked(30, "rpc")
        ledger.stop = True
        await asyncio.gather(*writing)
        wrong = await settled(running, ledger)
        behind.clear()
        missed = await until_received(running, got)
        seconds = time.monotonic() - began
        await end([listening])
    await bus.close()
    return seconds, await count(running), wrong, missed


def wipe(running: Stack) -> None:
    """The disk of the bus is gone, streams and accounts with it; its supervisor starts it over an empty one."""
    assert running.process
    running.process.send_signal(signal.SIGSTOP)
    os.kill(running.pids()["nats"], signal.SIGKILL)
    for name in ("jetstream", "accounts"):
        shutil.rmtree(running.var / "nats" / name)
    running.process.send_signal(signal.SIGCONT)


async def listen(county: County, got: dict[str, set[int]], behind: asyncio.Event) -> None:
    """A county that is slow as long as it is to be behind."""
    async for event in county.events():
        got[event.aggregate].add(event.version)
        await asyncio.sleep(0.05 if behind.is_set() else 0)


async def until_received(running: Stack, got: dict[str, set[int]], seconds: float = 240) -> dict[str, list[int]]:
    """What the logs say the county should have heard, and it has not; empty as soon as it has."""
    end = time.monotonic() + seconds
    while (missed := await unreceived(running, got)) and time.monotonic() < end:
        await asyncio.sleep(0.5)
    return missed


async def unreceived(running: Stack, got: dict[str, set[int]]) -> dict[str, list[int]]:
    db = await asyncpg.connect(running.env["DUBAN_PG_DSN"])
    try:
        rows = [
            row
            for service in SERVICES
            for row in await db.fetch(ADDRESSED.format(service), [f"{EVENTS}.%.{p}" for p in PLACES])
        ]
    finally:
        await db.close()
    missed = defaultdict(list)
    for row in rows:
        if row["version"] not in got.get(row["aggregate"], ()):
            missed[row["aggregate"]].append(row["version"])
    return dict(missed)


async def count(running: Stack) -> int:
    db = await asyncpg.connect(running.env["DUBAN_PG_DSN"])
    try:
        return sum([await db.fetchval(f"select count(*) from {service}.outbox") for service in SERVICES])
    finally:
        await db.close()
