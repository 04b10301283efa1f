"""The nodes' durable commands that wait: measured at a scrape, told in health, never dropped in silence."""

import math
import re

import httpx
from nats.js.api import DiscardPolicy

from contracts.envelope import COMMAND_STREAM
from services.chassis import command_queue
from services.chassis.health import Progress, health, scraped
from tests.chassis import toy
from tests.chassis.conftest import until, working
from tests.chassis.nodes import SIBLING, adding, answered, clerk, leave


async def test_what_waits_in_the_queue_is_measured_and_red_in_words_once_it_waits_too_long(writer, monkeypatch):
    for command in (adding(), toy.Count(actor=clerk(), thing="a"), adding(SIBLING)):
        await leave(writer, command)
    await leave(writer, b"{}", verb="nosuchverb")
    ok, state = await health(writer, Progress())
    assert ok and state["commands_waiting"] == 3 and 0 < state["command_age"] < writer.settings.command_limit
    assert (await scrape(writer))["waiting"] == 3
    monkeypatch.setattr(writer, "settings", writer.settings.model_copy(update={"command_limit": 0}))
    ok, state = await health(writer, Progress())
    assert not ok and state["trouble"][0].startswith("下级节点的 3 条命令等待处理，最早的已等 ")
    async with working(writer):
        await until(lambda: answered(writer, 3))
        await until(lambda: measured(writer, 0))
        assert await scrape(writer) == {"waiting": 0, "oldest_age_seconds": 0}
        assert (await health(writer, Progress()))[0]


async def measured(service, count: int) -> bool:
    return (await command_queue.waiting(service)).commands == count


async def scrape(service) -> dict[str, float]:
    """The gauges of the queue, as they stand at a scrape."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(scraped(service)), base_url="http://toy") as client:
        page = (await client.get("/metrics")).text
    pattern = rf'^duban_command_queue_(\w+){{service="{service.name}"}} (\S+)$'
    return {name: float(value) for name, value in re.findall(pattern, page, re.MULTILINE)}


async def test_a_queue_that_does_not_answer_is_not_a_number(writer):
    await leave(writer, adding())
    await writer.nc.jetstream().delete_stream(COMMAND_STREAM)
    assert [math.isnan(value) for value in (await scrape(writer)).values()] == [True, True]
    assert not (await health(writer, Progress()))[0]


async def test_the_queue_drops_no_command_in_silence_however_long_it_waits(writer):
    config = (await writer.nc.jetstream().stream_info(COMMAND_STREAM)).config
    assert not config.max_age and config.discard == DiscardPolicy.NEW and config.discard_new_per_subject
