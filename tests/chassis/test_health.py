"""What an operator reads: gauges as they stand at the scrape, and in words why health is red."""

import errno
import math
import re

import asyncpg
import httpx
import pytest

from services.chassis import dead_letters, trouble
from services.chassis.health import Progress, health, scraped
from services.chassis.inbox import Inbox
from tests.chassis.conftest import NOTHING_WAITS, add, exists, has_handled, parked, publishing, until, working


async def scrape(service) -> dict[str, float]:
    """The gauges of a service as they stand at a scrape, the outbox's by lane."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(scraped(service)), base_url="http://toy") as client:
        page = (await client.get("/metrics")).text
    pattern = rf'^duban_(\w+){{(?:lane="(\w+)",)?service="{service.name}"}} (\S+)$'
    rows = re.findall(pattern, page, re.MULTILINE)
    return {f"{name} {lane}".strip(): float(value) for name, lane, value in rows}


async def test_gauges_are_asked_for_at_the_scrape_whether_or_not_health_was(writer, reader):
    async with working(writer, reader):
        await add(writer)
        await until(lambda: has_handled(reader, 1))
    await until(lambda: lag_is(reader, 0))
    async with publishing(writer):
        for _ in range(3):
            await add(writer)
        await until(lambda: exists(writer, NOTHING_WAITS))
    await until(lambda: lag_is(reader, 3))  # the server counts for its readers a moment after it has stored
    await add(writer)
    assert (await scrape(writer))["outbox_oldest_age_seconds urgent"] > 0
    async with reader.pool.acquire() as db:
        letter = ("x", "thing.added", "thing/z", 1, "s", b"{", "unreadable", "")
        await db.execute(dead_letters.PARK, *letter)
    assert (await scrape(reader))["dead_letters_waiting"] == 1
    async with working(reader):
        await until(lambda: has_handled(reader, 4))
        await until(lambda: lag_is(reader, 0))


async def lag_is(service, events: int) -> bool:
    return (await scrape(service))["inbox_lag"] == events


async def test_what_cannot_be_asked_is_not_a_number(writer):
    names = ("outbox_oldest_age_seconds urgent", "outbox_oldest_age_seconds bulk", "inbox_lag", "dead_letters_waiting")
    before = await scrape(writer)
    await writer.pool.close()
    after = await scrape(writer)
    assert [(before[name], math.isnan(after[name])) for name in names] == [(0, True)] * 4
    assert not (await health(writer, Progress()))[0]


async def test_a_reader_that_does_not_move_is_red_however_busy_it_looks(writer, reader, monkeypatch):
    async with working(writer, reader):
        await add(writer)
        await until(lambda: has_handled(reader, 1))
    async with publishing(writer):
        await add(writer)
        await until(lambda: exists(writer, NOTHING_WAITS))
    await until(lambda: lag_is(reader, 1))
    progress = Progress()
    assert (await health(reader, progress))[0]
    monkeypatch.setattr(reader, "settings", reader.settings.model_copy(update={"lag_limit": 0}))
    ok, state = await health(reader, progress)
    assert not ok and state["trouble"][0].startswith("1 个事件等待处理，已 ")


FULL = [
    (asyncpg.DiskFullError("could not extend file"), "数据库所在磁盘已满"),
    (OSError(errno.ENOSPC, "No space left on device"), "磁盘已满"),
    (OSError(errno.EDQUOT, "Disk quota exceeded"), "磁盘已满"),
    (trouble.ApiError({"err_code": 10_047, "description": "insufficient storage"}), "消息总线的存储已满"),
]


@pytest.mark.parametrize(("error", "words"), FULL, ids=lambda value: type(value).__name__)
async def test_a_full_disk_is_red_at_once_and_nothing_is_parked_or_lost(writer, reader, monkeypatch, error, words):
    take, tried = Inbox.take, []

    async def full(*arguments) -> None:
        tried.append(1)
        if len(tried) == 1:
            raise error
        await take(*arguments)

    monkeypatch.setattr(Inbox, "take", full)
    async with working(writer, reader):
        await add(writer)
        await until(lambda: has_handled(reader, 1))
    ok, state = await health(reader, Progress())
    assert not ok and state["trouble"][0].startswith(words)
    assert await parked(reader, 0) and not isinstance(error, trouble.LOST)


def test_only_a_lost_connection_is_waited_for():
    for bug in (TimeoutError(), OSError(errno.EACCES, "denied"), FileNotFoundError(), ValueError(), KeyError()):
        assert not isinstance(bug, trouble.LOST) and not trouble.full(bug)
    for lost in (ConnectionResetError(), asyncpg.AdminShutdownError(), asyncpg.CannotConnectNowError()):
        assert isinstance(lost, trouble.LOST)
