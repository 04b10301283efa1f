"""The wait until the ledger shows what was done."""

import asyncio

from contracts.envelope import Done
from services.portal.web.command_client import caught_up, expected

TASK = "00000000-0000-0000-0000-000000000001"


def test_what_is_waited_for_is_the_assignment_and_the_task_that_follows_it():
    done = Done(aggregate="assignment/a", version=3, detail={"task_id": TASK, "task_version": 5})
    assert expected(done) == {"assignment/a": 3, f"task/{TASK}": 5}
    assert expected(Done(aggregate="notice/n", version=2)) == {"notice/n": 2}


async def test_it_ends_when_all_are_there_and_not_before(service):
    mark = "insert into inbox values ($1, $2) on conflict (aggregate) do update set version = excluded.version"
    waiting = asyncio.ensure_future(caught_up(service, {"assignment/a": 3, f"task/{TASK}": 5}, 30))
    await service.pool.execute(mark, "assignment/a", 3)
    await asyncio.sleep(0.1)
    assert not waiting.done()
    await service.pool.execute(mark, f"task/{TASK}", 6)
    assert await waiting
    assert not await caught_up(service, {"assignment/a": 4}, 0.05)
