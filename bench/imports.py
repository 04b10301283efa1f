"""A ledger of 76,788 rows on the whole running stack: until everybody has it, and what others notice meanwhile."""

import asyncio
import csv
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import nats
import psutil
import uvloop
from nats.aio.client import Client

from bench._lab import RESULTS
from contracts.commands.task import RegisterTask, RequestedPart
from contracts.county import County
from contracts.envelope import EVENT_STREAM, Actor, ActorRole
from contracts.events.assignment import AssignmentIssued
from contracts.refusals import Kind
from contracts.terms import Board, Role
from contracts.workdays import ZONE
from deploy.local.services import SERVICES
from services.chassis.leading import end
from tests.stack import Stack, free_row

ROWS = int(os.environ.get("DUBAN_BENCH_ROWS", "76788"))
NODE = "14.10.02"
OFFICE = Actor(person="inspector", unit="14.00.00.000.bgt", roles=(ActorRole.SUPERVISOR,))
HEAD = (
    "序号", "事项名称", "所属板块", "事项来源", "牵头领导", "牵头单位", "责任单位", "配合单位", "目标任务", "成果形式",
    "类型", "交办日期", "完成时限", "当前进度", "联系电话",
)  # fmt: skip
LEADS = ("省公安厅", "省自然资源厅", "省人社厅", "省能源局", "晋城市政府", "长治市政府", "省国资委", "省农业农村厅")
OTHERS = ("临汾市政府", "省住建厅", "太原市政府", "高平市政府", "泽州县政府", "省财政厅", "襄汾县政府", "洪洞县政府")
BOARDS = ("日常交办", "重点工作", "重大改革", "重点工程", "重大技改", "重点招商")
BETWEEN = 2.0
"""Seconds between two urgent tasks."""
WAITING = "select " + " + ".join(f"(select count(*) from {name}.pending)" for name in SERVICES)


@dataclass
class Urgent:
    """Tasks of this moment during the import. asked: seconds until each was answered; received: from the answer until
    its county had it; waiting: when each was answered, by its number."""

    asked: list[float] = field(default_factory=list)
    received: list[float] = field(default_factory=list)
    waiting: dict[str, float] = field(default_factory=dict)


def rows(count: int) -> list[tuple[str, ...]]:
    """An office's history: begun within the last seven months, some overdue, each with its progress."""
    today = datetime.now(ZONE).date()
    lines: list[tuple[str, ...]] = [
        ("2026年省政府重点督办事项台账",),
        (f"填报单位：省政府督查室        数据截至：{today.year}年{today.month}月{today.day}日",),
        HEAD,
    ]
    for n in range(1, count + 1):
        due = (str(today - timedelta(days=n % 15 + 1)), "1个月内", str(today + timedelta(days=40)), "7个工作日")[n % 4]
        title = f"第{n}号事项：郑太高铁沿线安全环境整治水井封闭与危树清理第{n}批"
        third = OTHERS[(n + 3) % len(OTHERS)] if n % 4 == 0 else ""
        lines.append((
            str(n), title, BOARDS[n % 6], "政府工作报告", "分管副省长", LEADS[n % len(LEADS)], OTHERS[n % len(OTHERS)],
            third, f"封闭水井{n % 400 + 1}眼，清理危树{n % 900 + 1}株", "销号台账、现场照片",
            "重大" if n % 3 else "一般", str(today - timedelta(days=20 + n * 7 % 200)), due, f"{n % 100}%", "",
        ))  # fmt: skip
    return lines


async def receive(county: County, urgent: Urgent) -> None:
    """The county's system notes when each urgent task is there."""
    async for event in county.events():
        if isinstance(event, AssignmentIssued) and event.assignment.number in urgent.waiting:
            urgent.received.append(time.time() - urgent.waiting.pop(event.assignment.number))


async def register(bus: Client, urgent: Urgent, number: str) -> None:
    """The office registers a task for the county, as the portal asks it."""
    command = RegisterTask(
        actor=OFFICE, number=number, ledger="bench", title="水库除险加固三座", board=Board.PROJECT,
        lead_official="分管副省长", target="完成3座", verification_form="验收单", deadline_text="30个工作日",
        parts=(RequestedPart(unit=f"{NODE}.000.gov", role=Role.LEAD),),
    )  # fmt: skip
    urgent.waiting[number] = began = time.time()
    answer = {"ok": False, "kind": Kind.UNAVAILABLE}
    while answer.get("kind") == Kind.UNAVAILABLE:  # it has just been started
        answer = json.loads((await bus.request(command.subject(), command.model_dump_json().encode(), timeout=60)).data)
    if not answer["ok"]:
        raise SystemExit(str(answer))
    if number in urgent.waiting:
        urgent.waiting[number] = time.time()
    urgent.asked.append(time.time() - began)


@dataclass
class Beside:
    """What runs beside the import: the bus, the clients that look at the stack, and since when."""

    made: Stack
    bus: Client
    client: httpx.AsyncClient
    db: asyncpg.Pool
    urgent: Urgent = field(default_factory=Urgent)
    began: float = 0.0

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    async def events(self) -> int:
        return (await self.bus.jetstream().stream_info(EVENT_STREAM)).state.messages


async def measured(made: Stack) -> dict[str, Any]:
    """The import beside urgent tasks, then what waits until nothing does."""
    async with (
        await nats.connect(**made.bus) as bus,
        County(made.var / "bundles" / NODE) as county,
        httpx.AsyncClient(timeout=30) as client,
        asyncpg.create_pool(made.env["DUBAN_PG_DSN"], min_size=1, max_size=1) as db,
    ):
        beside = Beside(made, bus, client, db)
        reading = asyncio.ensure_future(receive(county, beside.urgent))
        await register(bus, beside.urgent, "0")
        await received(beside.urgent)  # the county has read the register first
        beside.urgent.asked.clear()
        beside.urgent.received.clear()
        server = psutil.Process(made.pids()["nats"])
        before, first = cpu(server), await beside.events()
        result = await imported(beside)
        await received(beside.urgent)
        await end([reading])
        events = await beside.events() - first
        return result | {"events": events, "nats_cpu_us": (cpu(server) - before) / events * 1e6}


async def imported(beside: Beside) -> dict[str, Any]:
    """From the command on: when it was answered, when all was published, when each service had handled it."""
    ledger, done, number = beside.made.var / "ledger.csv", dict[str, float](), 0
    with ledger.open("w", newline="") as file:
        csv.writer(file).writerows(rows(ROWS))
    beside.began = time.monotonic()
    command = [sys.executable, "-m", "services.chassis.cli", "import", str(ledger)]
    process = await asyncio.create_subprocess_exec(
        *command, env={**os.environ, **beside.made.env}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    finished = asyncio.ensure_future(process.wait())
    while len(done) < len(SERVICES) + 2:
        number += 1
        urgent = asyncio.ensure_future(register(beside.bus, beside.urgent, str(number)))
        await asyncio.sleep(BETWEEN)
        await urgent
        if finished.done():
            await look(beside, done)
        print(f"{beside.seconds:8.1f} s  {number} 件急件  {' '.join(done)}", file=sys.stderr, flush=True)
    return {"rows": ROWS, "exit": finished.result(), "seconds": done, "urgent": beside.urgent}


async def received(urgent: Urgent) -> None:
    """The county has every urgent task."""
    while urgent.waiting:
        await asyncio.sleep(0.05)


async def look(beside: Beside, done: dict[str, float]) -> None:
    """How far the answered import is by now."""
    now = beside.seconds
    done.setdefault("answered", now)
    if not await beside.db.fetchval(WAITING):
        done.setdefault("published", now)
    for name in SERVICES if "published" in done else ():
        health = (await beside.client.get(f"http://127.0.0.1:{beside.made.port(name)}/healthz")).json()
        if health.get("inbox_lag", 1) < 20:  # what the urgent tasks bring
            done.setdefault(name, now)


def cpu(process: psutil.Process) -> float:
    """CPU seconds so far."""
    return sum(process.cpu_times()[:2])


def report(result: Mapping[str, Any]) -> None:
    """The table, kept as JSON too; times are from the command on."""
    urgent: Urgent = result["urgent"]
    figures = {
        "to the answer, median": statistics.median(urgent.asked),
        "to the answer, longest": max(urgent.asked),
        "answer → county, median": statistics.median(urgent.received),
        "answer → county, longest": max(urgent.received),
    }
    print(f"\nimports（{result['rows']} 行，{result['events']} 个事件，退出码 {result['exit']}）")
    for name, value in result["seconds"].items():
        print(f"  {name:40s}{value:10.1f} s")
    print(f"  期间登记的 {len(urgent.asked)} 件急件：")
    for name, value in figures.items():
        print(f"  {name:40s}{value * 1000:10.0f} ms")
    print(f"  nats-server CPU an event: {result['nats_cpu_us']:.0f} µs")
    print(f"  answer → county, longest: {max(urgent.received):.2f} s   目标 ≤ 2 s")
    kept = {**result, "urgent": {"count": len(urgent.asked), **figures}}
    kept["machine"] = {"cpus": os.cpu_count(), "python": platform.python_version()}
    (RESULTS / "imports.json").write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="duban-bench-") as place:  # on a disk that has to keep what it is given
        Path(place).chmod(0o711)
        base = free_row()
        made = Stack(Path(place) / "var", base + 10, base).up("--no-demo")
        try:
            report(uvloop.run(measured(made)))
        finally:
            made.down()


if __name__ == "__main__":
    main()
