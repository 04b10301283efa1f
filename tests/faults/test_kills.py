"""kill -9 of every process in turn under load: what was acknowledged is there, once, in order, everywhere."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import nats
import pytest
from nats.aio.client import Client

from contracts.commands.assignment import Acknowledge, Report
from contracts.commands.task import RegisterTask, RequestedPart
from contracts.envelope import Actor, ActorRole, Command
from contracts.terms import Board, Role
from deploy.local.settings import ROOT
from services.chassis import rebuild
from tests.stack import Stack, stack

KILLED = ("tasks", "alerts", "notices", "ranking", "search", "portal", "nats", "postgres")
ROUNDS = 2
ENOUGH = 100
OFFICE = Actor(person="inspector", unit="14.00.00.000.bgt", roles=(ActorRole.SUPERVISOR,))
UNITS = ("14.10.02.000.gov", "14.05.81.000.gov")


@dataclass
class Load:
    """Writers that ask until answered, and what they were answered."""

    bus: Client
    stop: bool = False
    acknowledged: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    retries: int = 0

    async def sure(self, command: Command) -> dict[str, Any]:
        """The answer, however often it must be asked for; the same id each time."""
        body = command.model_dump_json().encode()
        while True:
            try:
                answer = json.loads((await self.bus.request(command.subject(), body, timeout=3)).data)
            except Exception:
                self.retries += 1
                await asyncio.sleep(0.2)
                continue
            if answer["ok"]:
                self.acknowledged[command.id] = answer
                return answer
            if answer["kind"] not in ("failed", "unavailable"):
                self.refused[answer["code"]] += 1
                return answer
            await asyncio.sleep(0.2)

    async def writer(self, number: int) -> None:
        """One task after the other: registered, acknowledged and reported on by both units."""
        while not self.stop:
            answer = await self.sure(registration(number))
            for part in answer.get("detail", {}).get("parts", ()):
                actor = Actor(person="clerk", unit=part["unit"], roles=(ActorRole.UNIT_CLERK,))
                asked_of = {"actor": actor, "assignment_id": part["assignment_id"]}
                await self.sure(Acknowledge(**asked_of, responsible_person="张某"))
                for percent in ("20", "40", "60"):
                    await self.sure(Report(**asked_of, percent=percent, text="按计划推进，完成本期任务"))


def registration(number: int) -> RegisterTask:
    parts = (RequestedPart(unit=UNITS[0], role=Role.LEAD), RequestedPart(unit=UNITS[1], role=Role.RESPONSIBLE))
    return RegisterTask(
        actor=OFFICE,
        ledger="压力",
        number=str(uuid4()),
        title=f"压力测试事项{number}",
        board=Board.DAILY,
        lead_official="分管副省长",
        target="完成12项",
        verification_form="验收单",
        deadline_text="30个工作日",
        parts=parts,
    )


@pytest.fixture(scope="module")
def running():
    with stack("--no-demo") as made:
        yield made


def test_nothing_acknowledged_is_lost_doubled_or_out_of_order(running: Stack):
    kills, load, wrong = asyncio.run(campaign(running))
    print(f"{sum(kills.values())} kills {dict(kills)}, {len(load.acknowledged)} commands acknowledged,", end=" ")
    print(f"{load.retries} retries, refused {dict(load.refused)}, wrong {wrong}")
    assert sum(kills.values()) >= 12 and len(load.acknowledged) >= ENOUGH, "too little happened: the run is void"
    assert not load.refused and wrong == {}


async def campaign(running: Stack) -> tuple[Counter[str], Load, dict[str, Any]]:
    bus = await nats.connect(**running.bus, max_reconnect_attempts=-1, reconnect_time_wait=0.2, error_cb=silence)
    load = Load(bus)
    writers = [asyncio.ensure_future(load.writer(n)) for n in range(6)]
    kills = await killing(running, load, random.Random(1))
    load.stop = True
    await asyncio.gather(*writers)
    wrong = await settled(running, load)
    await bus.close()
    return kills, load, wrong


async def silence(_: Exception) -> None:
    """That the bus is gone now and then is what this test is about."""


async def killing(running: Stack, load: Load, rng: random.Random) -> Counter[str]:
    """Each process in turn, at moments nobody chose, with work done in between."""
    kills: Counter[str] = Counter()
    for name in KILLED * ROUNDS:
        await worked(load, 8)
        await asyncio.sleep(rng.uniform(0.1, 0.9))
        if pid := running.pids().get(name):
            os.kill(pid, signal.SIGKILL)
            kills[name] += 1
    await worked(load, 8)
    return kills


async def worked(load: Load, more: int, seconds: float = 60) -> None:
    """Until so many more commands are acknowledged; a while at most."""
    wanted, end = len(load.acknowledged) + more, asyncio.get_running_loop().time() + seconds
    while len(load.acknowledged) < wanted and asyncio.get_running_loop().time() < end:
        await asyncio.sleep(0.05)


async def settled(running: Stack, load: Load, seconds: float = 120) -> dict[str, Any]:
    """What is still wrong when everything had time to come through; empty is what we want."""
    end = asyncio.get_running_loop().time() + seconds
    while True:
        try:
            wrong = await checked(running, load)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, nats.errors.Error) as error:
            wrong = {"unreachable": repr(error)}
        if not wrong or asyncio.get_running_loop().time() > end:
            return wrong
        await asyncio.sleep(0.5)


async def checked(running: Stack, load: Load) -> dict[str, Any]:
    """Commands against effects, effects against the log, the log against the stream, the stream against readers."""
    db = await asyncpg.connect(running.env["DUBAN_PG_DSN"])
    try:
        existing = {row["id"] for row in await db.fetch("select id from tasks.command where (answer ->> 'ok')::bool")}
        events = await db.fetch("select id::text, aggregate, version from tasks.outbox order by seq")
        versions: dict[str, list[int]] = defaultdict(list)
        for row in events:
            versions[row["aggregate"]].append(row["version"])
        acted = sum(v[-1] for a, v in versions.items() if a.startswith("assignment/"))
        asked = sum(2 if "parts" in a["detail"] else 1 for a in load.acknowledged.values())
        wrong: dict[str, Any] = {
            "acknowledged but unknown": len(set(load.acknowledged) - existing),
            "effects lost or doubled": acted - asked,
            "log out of order": sum(v != list(range(1, len(v) + 1)) for v in versions.values()),
            "unpublished": sum([await db.fetchval(UNPUBLISHED.format(s)) for s in KILLED[:6]]),
            "parked": sum([await db.fetchval(f"select count(*) from {s}.dead_letter") for s in KILLED[:6]]),
        }
        for reader in ("alerts", "portal"):
            wrong[f"{reader} has not handled"] = await db.fetchval(UNHANDLED.format(reader))
        wrong |= await streamed(running, {row["id"]: row["aggregate"] for row in events}, versions)
    finally:
        await db.close()
    return {what: count for what, count in wrong.items() if count}


UNPUBLISHED = "select count(*) from {}.pending"
UNHANDLED = """
select count(*) from (select aggregate, max(version) as version from tasks.outbox
    where aggregate like 'assignment/%' group by aggregate) emitted
left join {}.inbox handled using (aggregate) where handled.version is distinct from emitted.version
"""


async def streamed(running: Stack, events: dict[str, str], versions: dict[str, list[int]]) -> dict[str, int]:
    """The stream holds every event of tasks once, each aggregate in order."""
    bus = await nats.connect(**running.bus)
    js = bus.jetstream()
    subscription = await js.subscribe("duban.evt.v1.>", stream="EVENTS", ordered_consumer=True)
    came: dict[str, list[int]] = defaultdict(list)
    ids: Counter[str] = Counter()
    left = 1
    while left:
        message = await subscription.next_msg(timeout=30)
        left = message.metadata.num_pending
        id = (message.headers or {})["ce-id"]
        if id in events:
            ids[id] += 1
            came[events[id]].append(json.loads(message.data)["version"])
    await bus.close()
    return {
        "stream lost": len(events) - len(ids),
        "stream out of order": sum(sorted(v) != v for v in came.values()),
        "stream doubled": sum(ids.values()) - len(ids),
    }


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
