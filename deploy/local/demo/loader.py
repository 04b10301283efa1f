"""Puts the demo province into a fresh database, by real commands, each with the time at which it was given."""

import asyncio
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

import asyncpg
import nats
from nats.aio.client import Client

from contracts.commands.ranking import PublishRanking
from contracts.commands.task import ImportLedger
from contracts.events.assignment import AssignmentIssued
from contracts.events.register import CalendarRevised
from contracts.workdays import Calendar, day_of, opening
from deploy.local.demo.bus import ask, events_of
from deploy.local.demo.ledger import shifted
from deploy.local.demo.papers import SIGNER, signed
from deploy.local.demo.people import registrations
from deploy.local.demo.plan import EVIDENCE, Step, lead_finish, plan
from services.chassis.blobs import Blobs
from services.chassis.settings import Settings

WELCOME = """
  演示账号（密码都是 duban-demo-2026）
    ducha    督查室主任：签发催办单和督办通知、核定销号
    duchayuan 督查员：审核、起草
    leader   省领导：查看全省
    zrzyt    省自然资源厅：签收、报送进展
    gaoping  高平市政府：签收、报送进展
  可以先试三件事
    1. 打开 /wall，让它开着；另开无痕窗口用 zrzyt 登录，在“襄汾县彩色沥青…用地指标”上报送 95%，看灯和动态怎样变
    2. 用 ducha 登录，在“督办通知”里点“签发”一份催办单，再点一次生成红头督办通知
    3. 在搜索框里输入“高铁”或者文号"""
DAYS = 61
SERVICES = ("tasks", "alerts", "notices", "ranking", "portal")
JUDGES = ("alerts", "notices", "ranking")
"""Their ticks pause until the two months are in: they judge by the time it is now."""
FINISHED = "10"
"""The number of the task that the sample reports at 100 per cent."""


def load(_: object = None) -> None:
    """Load everything; raises where a step of the import is refused."""
    asyncio.run(loaded(Settings()))


async def loaded(settings: Settings) -> None:
    """Mark the databases, import, act, publish, let the ticks run again, and sign a part of what was drafted."""
    now = datetime.now(UTC)
    start = opening(day_of(now) - timedelta(days=DAYS))
    bus = await nats.connect(**settings.bus())
    database = await asyncpg.connect(settings.pg_dsn)
    await mark_demo(database)
    try:
        await imported(bus, Blobs(settings.var / "blobs"), start, now)
        await published(database)
        await acted(bus, start, now)
        await published(database)
        await handled(database)
    finally:
        for service in JUDGES:
            await resumed(database, service)
    await ranked(bus, start, now)
    await signed(bus)
    await database.close()
    await bus.close()


async def mark_demo(database: asyncpg.Connection) -> None:
    """The demo mark, for a database in which nobody has worked yet; ticks pause until all is in."""
    if await database.fetchval("select exists (select from tasks.outbox where type like 'task.%')"):
        broken_off = [await resumed(database, service) for service in JUDGES]
        more = "（上次没有载入完，时限已恢复走动；要完整的演示数据请用 --fresh）" if any(broken_off) else ""
        raise SystemExit(f"这个库里已经有事项，不再载入演示数据{more}")
    for service in SERVICES:
        await database.execute(f"insert into {service}.mark (name) values ('demo') on conflict do nothing")
    for service in JUDGES:
        await database.execute(f"insert into {service}.mark (name) values ('paused') on conflict do nothing")


async def resumed(database: asyncpg.Connection, service: str) -> bool:
    """The ticks of a service go on; whether they were paused."""
    return await database.execute(f"delete from {service}.mark where name = 'paused'") != "DELETE 0"


async def imported(bus: Client, blobs: Blobs, start: datetime, now: datetime) -> None:
    """The sample ledger, on the first day of the two months."""
    await blobs.put(EVIDENCE)
    book = shifted(day_of(now))
    command = ImportLedger(
        id=uuid5(NAMESPACE_URL, hashlib.sha256(book).hexdigest()),
        actor=SIGNER,
        blob=await blobs.put(book),
        filename="督办台账-样例.xlsx",
        historical_before=start,
    )
    answer = await ask(bus, command, start, seconds=60)
    while not answer["ok"] and answer["kind"] in ("failed", "unavailable"):  # the register is still being seeded
        await asyncio.sleep(0.5)
        answer = await ask(bus, command, start, seconds=60)
    if not answer["ok"]:
        raise SystemExit(f"样例台账没有导入：{json.dumps(answer, ensure_ascii=False)[:2000]}")
    print("样例台账已导入", flush=True)


async def acted(bus: Client, start: datetime, now: datetime) -> None:
    """Every step of every task in its order; the tasks side by side."""
    issues, years = await events_of(bus, AssignmentIssued.filters()), await events_of(bus, CalendarRevised.filters())
    issued = [AssignmentIssued.model_validate_json(body).assignment for body in issues]
    days = [CalendarRevised.model_validate_json(body).days for body in years]
    calendar = Calendar.of(day for year in days for day in year)
    whole = [part for part in issued if part.number == FINISHED]
    steps = plan([part for part in issued if part.number != FINISHED], start, now, calendar)
    steps += lead_finish(whole, start + timedelta(days=2), calendar)
    chains: dict[object, list[Step]] = defaultdict(list)
    tasks = {part.assignment_id: part.task_id for part in issued}
    for step in steps:
        chains[tasks[step.command.assignment_id]].append(step)  # type: ignore[attr-defined]
    for registration in registrations(sorted({part.unit for part in issued})):
        await ask(bus, registration, start)
    outcomes: Counter[str] = Counter()
    await asyncio.gather(*(chain(bus, steps, outcomes) for steps in chains.values()))
    print(f"办理过程：{len(steps)} 步，{dict(outcomes)}", flush=True)


async def chain(bus: Client, steps: Sequence[Step], outcomes: Counter[str]) -> None:
    """One task's steps, one after the other; a refusal is counted, as it would be in life."""
    for step in steps:
        answer = await ask(bus, step.command, step.now)
        outcomes["完成" if answer["ok"] else str(answer["code"])] += 1


async def published(database: asyncpg.Connection) -> None:
    """Until every event is in the stream."""
    waiting = " + ".join(f"(select count(*) from {s}.pending)" for s in SERVICES)
    while await database.fetchval(f"select {waiting}"):
        await asyncio.sleep(0.1)


async def handled(database: asyncpg.Connection) -> None:
    """Until alerts and portal have handled every event of every assignment."""
    last = "select aggregate, max(version) as version from tasks.outbox where aggregate like 'assignment/%' group by 1"
    for service in ("alerts", "portal"):
        missing = f"select count(*) from ({last}) last left join {service}.inbox handled using (aggregate)"
        while await database.fetchval(f"{missing} where handled.version is distinct from last.version"):
            await asyncio.sleep(0.1)


async def ranked(bus: Client, start: datetime, now: datetime) -> None:
    """The rankings of the months that are over."""
    month = day_of(start).replace(day=1)
    while month < day_of(now).replace(day=1):
        await ask(bus, PublishRanking(actor=SIGNER, period=f"{month:%Y-%m}"), None)
        month = (month + timedelta(days=32)).replace(day=1)
