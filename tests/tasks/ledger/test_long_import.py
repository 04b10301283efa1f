"""A ledger of thousands of rows: its service goes on answering while it is read, judged and written."""

import asyncio
import resource
import time

import pytest
from pydantic import TypeAdapter

from contracts.envelope import Answer, Command, Done
from contracts.refusals import Refused
from services.chassis import rpc_server
from services.chassis.service import Service
from tests.tasks.commands import registration
from tests.tasks.ledger.test_import import load, tasks

ANSWER: TypeAdapter[Done | Refused] = TypeAdapter(Answer)
ROWS = 2_000
HEADER = "序号,事项名称,所属板块,事项来源,牵头领导,牵头单位,责任单位,目标任务,成果形式,类型,交办日期,完成时限,当前进度"
ROW = (
    "{n},封闭第{n}段沿线水井,重点工作,政府工作报告,分管副省长,省公安厅,临汾市政府,封闭水井{n}眼,销号台账,一般,"
    "2026-08-03,2026-11-30,60%"
)


def long_ledger() -> bytes:
    """A ledger as CSV."""
    lines = ["2026年沿线水井封闭台账", HEADER, *(ROW.format(n=n) for n in range(1, ROWS + 1))]
    return "\n".join(lines).encode()


async def ask(service: Service, command: Command) -> Done | Refused:
    """The answer over the bus."""
    message = await service.nc.request(command.subject(), command.model_dump_json().encode(), timeout=300)
    return ANSWER.validate_json(message.data)


async def work_at_a_time(turns: list[float]) -> None:
    """Seconds of CPU this loop spends before it comes round again; how fast the machine is does not matter."""
    while True:
        before = time.thread_time()
        await asyncio.sleep(0.005)
        turns.append(time.thread_time() - before)


def work_of_children() -> float:
    """Seconds of CPU of all processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.full
async def test_a_long_import_takes_no_time_of_the_loop_that_answers_others(service):
    rpc_server.subscribe(service)
    await service.broker.start()
    turns, before = list[float](), work_of_children()
    ticking = asyncio.ensure_future(work_at_a_time(turns))
    importing = asyncio.ensure_future(ask(service, await load(service, long_ledger(), filename="台账.csv")))
    others = 0
    while not importing.done():
        assert isinstance(await ask(service, registration()), Done)
        others += 1
        await asyncio.sleep(0.05)
    ticking.cancel()
    assert (await importing).detail["counts"]["new"] == ROWS
    assert await tasks(service) == ROWS + others
    assert others > 10
    assert max(turns) * 10 < work_of_children() - before
