"""The worklist: each figure opens to exactly as many rows, what is late comes first, each role has its own queues."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from contracts.envelope import ActorRole
from services.portal.ledger.filters import Queue
from services.portal.worklist.page import in_words, queues
from tests.portal.conftest import reader
from tests.portal.province import PDF
from tests.portal.task.test_task_forms import assignment_at, registered, step
from tests.story.province import GAOPING, OFFICE, timetable

CALENDAR = timetable().calendar


def cards(page: str) -> dict[str, int]:
    links = re.findall(r'href="/tasks\?queue=(\w+)".*?<b>(\d+)</b>', page, re.S)
    return {queue: int(n) for queue, n in links}


@pytest.mark.parametrize("login", ["ducha", "duchayuan", "gaoping", "gaoping-head"])
async def test_every_figure_opens_to_a_list_of_its_length(visit, login):
    someone = await visit(login)
    counted = cards((await someone.get("/worklist")).text)
    assert counted
    for queue, n in counted.items():
        page = (await someone.get(f"/tasks?queue={queue}")).text
        assert f"共 {n} 件承办件" in page, queue


async def test_a_matter_goes_from_desk_to_desk(visit, service, tasks_service):
    part = await assignment_at(service, await registered(visit, service))
    clerk, head = await visit("gaoping"), await visit("gaoping-head")
    inspector, director = await visit("duchayuan"), await visit("ducha")

    async def waits(someone, queue: str) -> bool:
        return str(part.task_id) in (await someone.get(f"/tasks?queue={queue}")).text

    assert await waits(clerk, "acknowledge")
    await step(clerk, part, "acknowledge", responsible_person="刘芳")
    assert await waits(clerk, "work") and not await waits(clerk, "acknowledge")
    await step(head, part, "propose_plan", due="2027-01-20", plan="分三步解决问题", reason="征地受阻")
    assert await waits(director, "decide") and await waits(clerk, "work"), "the unit's clocks run on meanwhile"
    assert "报送解决方案" in (await director.get("/worklist")).text
    await step(director, part, "grant")
    await step(clerk, part, "report", percent="100", text="一百户全部完工")
    await step(head, part, "complete", {"evidence": ("验收单.pdf", PDF, "")}, text="一百户全部完工并验收")
    assert await waits(inspector, "verify") and not await waits(director, "decide")
    await step(inspector, part, "verify")
    assert await waits(director, "close") and not await waits(inspector, "verify")
    await step(director, part, "close", grade="good")
    assert not any([await waits(director, queue) for queue in Queue])


def test_each_role_has_its_own_queues():
    def of(unit: str, *roles: ActorRole) -> list[Queue]:
        return list(queues(reader(unit, *roles)))

    assert of(GAOPING, ActorRole.UNIT_CLERK) == [Queue.VERIFY, Queue.ACKNOWLEDGE, Queue.WORK]
    assert of(OFFICE, ActorRole.INSPECTOR) == [Queue.VERIFY]
    assert of(OFFICE, ActorRole.SUPERVISOR) == [Queue.DECIDE, Queue.VERIFY, Queue.CLOSE]
    assert of(OFFICE, ActorRole.OPERATOR) == []


def test_times_are_words_where_they_press():
    now = datetime(2026, 11, 30, 0, 40, tzinfo=UTC)
    at = [now - timedelta(days=3), now - timedelta(hours=1), now + timedelta(hours=9), now + timedelta(days=2), None]
    assert [in_words(each, now, CALENDAR) for each in at] == [
        "超 1 个工作日", "今天已超时", "今天 17:40", "12-02", "长期跟踪",
    ]  # fmt: skip
    assert in_words(now + timedelta(days=60), now, CALENDAR) == "2027-01-29"
