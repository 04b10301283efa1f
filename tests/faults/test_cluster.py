"""Every process of a cluster killed or frozen in turn under load: what was acknowledged is there, once, in order."""

import asyncio
import json
import os
import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import nats
import pytest

from services.chassis.leading import end
from tests.faults.admission import COUNTIES, admitted, bundles
from tests.faults.checks import Facts, doubled
from tests.faults.cluster import REPLICAS, SERVERS, Cluster, cluster
from tests.faults.facts import UNREACHABLE, settled
from tests.faults.load import CountySystem, Ledger, Received, Rest, Rpc, Stall, Writer, silent
from tests.faults.planted import PLANTED, planted
from tests.story.province import POLICE, QUWO

LEADERS = ("tasks.relay", "tasks.queue", "alerts.inbox")
EVERY = (*SERVERS, *REPLICAS, *LEADERS, "leader of the stream", "postgres")
FROZEN = 10.0
"""Seconds for which a process stands still; nobody replaces it meanwhile."""
COUNTED = ("rest", "queue")
"""The ways whose commands the size counts; rpc is the portal's own and beside."""


@dataclass(frozen=True)
class Size:
    """How many faults, how many commands in all, and how many writers of each way."""

    faults: int
    commands: int
    rest: int
    rpc: int
    workers: int


SMALL = Size(int(os.environ.get("DUBAN_FAULTS", "12")), int(os.environ.get("DUBAN_FAULT_COMMANDS", "300")), 6, 1, 3)
LARGE = Size(66, 5_100, 12, 1, 6)


@dataclass
class Campaign:
    """One run over a cluster."""

    running: Cluster
    size: Size
    ledger: Ledger = field(default_factory=Ledger)
    counties: list[CountySystem] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    when: list[tuple[float, str]] = field(default_factory=list)

    async def run(self) -> tuple[dict[str, int], Facts]:
        """The load and the faults, then what is wrong and the facts it was found in."""
        tokens = await admitted(self.running)
        bus = await nats.connect(
            **self.running.bus, max_reconnect_attempts=-1, reconnect_time_wait=0.2, error_cb=silent
        )
        rest, rpc, units = Rest(self.running.portals, tokens), Rpc(bus), list(COUNTIES.values())
        writers = [Writer(f"rest {n}", rest, self.ledger, [POLICE], [units[n % 2]]) for n in range(self.size.rest)]
        writers += [Writer(f"rpc {n}", rpc, self.ledger, [QUWO], [units[n % 2]], pause=2) for n in range(self.size.rpc)]
        self.counties = [
            CountySystem(folder, COUNTIES[node], self.ledger) for node, folder in (await bundles(self.running)).items()
        ]
        systems = [asyncio.ensure_future(each.run(self.size.workers)) for each in self.counties]
        writing = [asyncio.ensure_future(each.write()) for each in writers]
        await self.harm(random.Random(1))
        self.ledger.stop = True
        await asyncio.gather(*writing)
        result = await settled(self.running, self.ledger, self.received)
        await end(systems)
        await rest.http.aclose()
        await bus.close()
        return result

    @property
    def received(self) -> dict[str, list[Received]]:
        """What each county has heard."""
        return {each.county.node: each.received for each in self.counties}

    async def harm(self, rng: random.Random) -> None:
        """Each fault in turn, at moments nobody chose, with work done in between."""
        share = self.size.commands // (self.size.faults + 1)
        for fault in chosen(self.size.faults, rng):
            await self.ledger.worked(share, *COUNTED, seconds=90)
            await asyncio.sleep(rng.uniform(0, 0.9))
            await self.inflict(fault)
        await self.ledger.worked(max(share, self.size.commands - self.ledger.granted(*COUNTED)), *COUNTED, seconds=300)

    async def inflict(self, fault: str) -> None:
        """Kill a process, or freeze it; who leads is found first, and is not always to be found."""
        what, _, name = fault.partition(" ")
        target = await self.target(name)
        if not (pid := self.running.pids().get(target)):
            self.faults["nobody to harm"] += 1
            return
        os.kill(pid, signal.SIGKILL if what == "kill" else signal.SIGSTOP)
        self.faults[f"{what} {kind_of(name)}"] += 1
        self.when.append((time.time(), f"{fault} = {target}"))
        if what == "freeze":
            await asyncio.sleep(FROZEN)
            os.kill(pid, signal.SIGCONT)

    def during(self, stall: Stall) -> str:
        """Whose stall it was, and the faults from just before it began until it was over."""
        faults = [fault for at, fault in self.when if stall.at - stall.seconds - 2 < at < stall.at]
        return f"{stall.writer}: {', '.join(faults)}"

    async def target(self, name: str) -> str:
        """The process meant."""
        if name in self.running.pids():
            return name
        find: Callable[[], Awaitable[str]] = (
            self.running.stream_leader if name == "leader of the stream" else lambda: self.running.job_leader(name)
        )
        for _ in range(40):
            try:
                if leader := await find():
                    return leader
            except UNREACHABLE:
                pass
            await asyncio.sleep(0.5)
        return ""


def chosen(count: int, rng: random.Random) -> list[str]:
    """So many faults: in each round everything is killed and a server frozen, so is in every second one a service."""
    faults = list[str]()
    while len(faults) < count:
        frozen = [f"freeze {rng.choice(SERVERS)}", f"freeze {rng.choice(REPLICAS)}"]
        every = [f"kill {name}" for name in EVERY] + frozen
        if count < len(every):  # at the least one of each sort
            replicas = rng.sample(REPLICAS, count)
            few = [*LEADERS, "leader of the stream", "postgres", rng.choice(SERVERS)]
            every = [f"kill {name}" for name in few] + frozen + [f"kill {name}" for name in replicas]
            every = every[:count]
        rng.shuffle(every)
        faults += every
    return faults[:count]


def kind_of(name: str) -> str:
    """Replicas and servers are counted together."""
    return name.partition("-")[0]


def reported(campaign: Campaign, result: dict[str, int], facts: Facts) -> str:
    """Everything that is worth a look afterwards."""
    ledger = campaign.ledger
    figures = {
        "faults": dict(campaign.faults),
        "acknowledged": dict(ledger.ways),
        "retries": dict(ledger.retries),
        "refused": dict(ledger.refused),
        "trouble": {what: count for what, count in ledger.trouble.items() if count},
        "longest stall": {way: f"{each.seconds:.1f} s, {campaign.during(each)}" for way, each in ledger.stalls.items()},
        "events": {name: len(log) for name, log in facts.log.items()},
        "doubled in the stream": doubled(facts),
        "heard": {
            node: f"{len(received)}, again {len(received) - len({e.id for e in received})}"
            for node, received in facts.received.items()
        },
        "ended": dict(campaign.running.ended()),
        "wrong": result,
        "unwell": facts.unwell,
    }
    return json.dumps(figures, ensure_ascii=False, indent=1)


@pytest.mark.full
@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["small", "large"])
def test_nothing_acknowledged_is_lost_doubled_or_out_of_order_in_a_cluster(size: Size):
    with cluster() as running:
        campaign = Campaign(running, size)
        result, facts = asyncio.run(campaign.run())
        print(reported(campaign, result, facts))
        if kept := os.environ.get("DUBAN_FAULT_LOGS"):
            shutil.copytree(running.var / "log", kept, dirs_exist_ok=True)
            shutil.copy(running.var / "words", kept)
        assert sum(campaign.faults.values()) >= size.faults and not campaign.faults["nobody to harm"]
        assert campaign.ledger.granted(*COUNTED) >= size.commands, "too little happened: the run is void"
        assert result == {}
        if size is SMALL:
            seen = asyncio.run(planted(running, campaign.ledger, campaign.received))
            assert PLANTED.keys() <= seen.keys(), "the checks are blind"
