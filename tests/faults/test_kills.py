"""kill -9 of every process in turn under load: what was acknowledged is there, once, in order, everywhere."""

import asyncio
import os
import random
import signal
from collections import Counter

import nats
import pytest

from tests.faults import facts
from tests.faults.checks import doubled
from tests.faults.load import Ledger, Rpc, Writer, silent
from tests.stack import Stack

KILLED = ("tasks", "alerts", "notices", "ranking", "search", "portal", "nats", "postgres")
UNITS = ("14.10.02.000.gov", "14.05.81.000.gov")


@pytest.mark.parametrize("rounds", [1, pytest.param(4, marks=pytest.mark.full)])
def test_nothing_acknowledged_is_lost_doubled_or_out_of_order(running: Stack, ledger: Ledger, rounds: int):
    before = len(ledger.acknowledged)
    kills, result = asyncio.run(campaign(running, ledger, rounds))
    print(f"{sum(kills.values())} kills {dict(kills)}, {len(ledger.acknowledged)} commands acknowledged,", end=" ")
    print(f"{ledger.retries.total()} retries, refused {dict(ledger.refused)}, wrong {result}")
    enough = sum(kills.values()) >= 6 * rounds and len(ledger.acknowledged) >= before + 50 * rounds
    assert enough, "too little happened: the run is void"
    assert result == {}


async def campaign(running: Stack, ledger: Ledger, rounds: int) -> tuple[Counter[str], dict[str, int]]:
    bus = await nats.connect(**running.bus, max_reconnect_attempts=-1, reconnect_time_wait=0.2, error_cb=silent)
    ledger.stop = False
    writers = [Writer(f"rpc {n}", Rpc(bus), ledger, UNITS) for n in range(6)]
    writing = [asyncio.ensure_future(writer.write()) for writer in writers]
    kills = await killing(running, ledger, random.Random(1), rounds)
    ledger.stop = True
    await asyncio.gather(*writing)
    result = await settled(running, ledger)
    await bus.close()
    return kills, result


async def killing(running: Stack, ledger: Ledger, rng: random.Random, rounds: int) -> Counter[str]:
    """Each process in turn, so many times, at moments nobody chose, with work done in between."""
    kills: Counter[str] = Counter()
    for name in KILLED * rounds:
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
