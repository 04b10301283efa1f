"""The power is cut in mid-load, again and again: what was acknowledged is there, once, and all comes up by itself."""

import asyncio
import json
import os
import random
import shutil
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from services.chassis.leading import end
from tests.faults import power
from tests.faults.admission import COUNTIES, admitted, bundles
from tests.faults.checks import Facts, doubled
from tests.faults.facts import settled
from tests.faults.load import ANSWERED_WITHIN, CountySystem, Ledger, Received, Rest, Writer
from tests.faults.planted import PLANTED, planted
from tests.faults.power import Disk
from tests.stack import Stack, free_row
from tests.story.province import POLICE

CUTS = 5
COMMANDS = 400
WRITERS, WORKERS = 6, 3
WAYS = ("rest", "queue")


@dataclass
class Campaign:
    """One run of a whole Duban on a disk of its own; its clients and their ledger are elsewhere.

    taken: cuts that took what nobody had synced. seconds: from each cut until everything was healthy again.
    """

    running: Stack
    disk: Disk
    outside: Path
    ledger: Ledger = field(default_factory=Ledger)
    counties: list[CountySystem] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    taken: int = 0
    ended: Counter[str] = field(default_factory=Counter)

    async def run(self) -> tuple[dict[str, int], Facts]:
        """The load and the cuts, then what is wrong and the facts it was found in."""
        rest, units = Rest([self.running.url], await admitted(self.running)), list(COUNTIES.values())
        for node, folder in (await bundles(self.running)).items():
            bundle = shutil.copytree(folder, self.outside / node)
            self.counties.append(CountySystem(bundle, COUNTIES[node], self.ledger))
        systems = [asyncio.ensure_future(each.run(WORKERS)) for each in self.counties]
        writers = [Writer(f"rest {n}", rest, self.ledger, [POLICE], [units[n % 2]]) for n in range(WRITERS)]
        writing = [asyncio.ensure_future(each.write()) for each in writers]
        await self.harm(random.Random(1))
        self.ledger.stop = True
        _, unanswered = await asyncio.wait(writing, timeout=ANSWERED_WITHIN)
        result, facts = await settled(self.running, self.ledger, self.received)
        await end([*systems, *unanswered])
        await rest.http.aclose()
        return result | ({"writers without an answer": len(unanswered)} if unanswered else {}), facts

    @property
    def received(self) -> dict[str, list[Received]]:
        """What each county has heard."""
        return {each.county.node: each.received for each in self.counties}

    async def harm(self, rng: random.Random) -> None:
        """Each cut at a moment nobody chose, with work done in between."""
        await asyncio.to_thread(self.cut)
        for _ in range(CUTS):
            await self.ledger.worked(COMMANDS // (CUTS + 1), *WAYS, seconds=120)
            await asyncio.sleep(rng.uniform(0, 2))
            await asyncio.to_thread(self.cut)
        await self.ledger.worked(COMMANDS // (CUTS + 1), *WAYS, seconds=120)

    def cut(self) -> None:
        """The power is gone, and back; then nobody does anything but what starts with the machine."""
        assert self.running.process
        self.keep_logs()
        self.taken += power.cut(self.disk, self.running.process)
        began = time.monotonic()
        self.running.up("--no-demo")
        self.seconds.append(time.monotonic() - began)

    def keep_logs(self) -> None:
        """They are on the disk that forgets."""
        self.ended += self.running.ended()
        shutil.copytree(self.running.var / "log", self.outside / f"log {len(self.seconds)}")


def reported(campaign: Campaign, result: dict[str, int], facts: Facts) -> str:
    """Everything that is worth a look afterwards."""
    ledger = campaign.ledger
    figures = {
        "cuts": len(campaign.seconds),
        "cuts that took what was not synced": campaign.taken,
        "seconds until all healthy": [round(each, 1) for each in campaign.seconds],
        "acknowledged": dict(ledger.ways),
        "retries": dict(ledger.retries),
        "refused": dict(ledger.refused),
        "trouble": {what: count for what, count in ledger.trouble.items() if count},
        "longest stall": {way: round(each.seconds, 1) for way, each in ledger.stalls.items()},
        "events": {name: len(log) for name, log in facts.log.items()},
        "doubled in the stream": doubled(facts),
        "heard again": {node: len(each) - len({e.id for e in each}) for node, each in facts.received.items()},
        "ended": dict(campaign.ended),
        "wrong": result,
        "unwell": facts.unwell,
    }
    return json.dumps(figures, ensure_ascii=False, indent=1)


@pytest.mark.full
def test_nothing_acknowledged_is_lost_or_doubled_by_power_cuts_and_all_comes_up_by_itself(disk: Disk, tmp_path: Path):
    base = free_row()
    running = Stack(disk.place / "var", base + 10, base)
    try:
        campaign = Campaign(running.up("--no-demo"), disk, tmp_path)
        result, facts = asyncio.run(campaign.run())
        campaign.keep_logs()
        print(reported(campaign, result, facts))
        assert campaign.taken, "no cut took anything: the run is void"
        assert campaign.ledger.granted(*WAYS) >= COMMANDS, "too little happened: the run is void"
        assert result == {}
        assert PLANTED.keys() <= asyncio.run(planted(running, campaign.ledger, campaign.received)).keys()
    finally:
        if kept := os.environ.get("DUBAN_FAULT_LOGS"):
            shutil.copytree(tmp_path, kept, dirs_exist_ok=True)
        if running.process and running.process.poll() is None:
            running.down()
