"""Live pages: one rendering for all, the newest never lost, an end to every stream."""

import asyncio
import itertools
from uuid import uuid4

from services.portal.web.live import Hub, message
from tests.portal.conftest import handle, listening


async def numbers():
    return f"<p>{next(COUNT)}</p>"


COUNT = itertools.count()


async def test_all_who_watch_the_same_share_one_rendering():
    hub, rendered = Hub(0.01, 5), []

    async def render() -> str:
        rendered.append(1)
        return f"<p>{len(rendered)}</p>"

    watchers = [hub.watch("wall", render) for _ in range(20)]
    first = await asyncio.gather(*(anext(watcher) for watcher in watchers))
    before = len(rendered)
    await hub.refresh("wall")
    assert len(rendered) == before + 1
    assert {await anext(watcher) for watcher in watchers} and len(first) == 20
    for watcher in watchers:
        await watcher.aclose()
    assert not hub.channels


async def test_two_hundred_who_come_at_the_same_moment_cost_one_rendering():
    hub, renderings, release = Hub(0.01, 5), [], asyncio.Event()

    async def render() -> str:
        renderings.append(1)
        await release.wait()
        return "<p>wall</p>"

    watchers = [hub.watch("wall", render) for _ in range(200)]
    coming = [asyncio.ensure_future(anext(watcher)) for watcher in watchers]
    await asyncio.sleep(0.05)
    release.set()
    assert all(b"wall" in each for each in await asyncio.gather(*coming)) and len(renderings) == 1
    for watcher in watchers:
        await watcher.aclose()


async def test_the_first_who_comes_and_leaves_takes_the_rendering_from_nobody():
    hub, release = Hub(0.01, 5), asyncio.Event()

    async def render() -> str:
        await release.wait()
        return "<p>wall</p>"

    first, second = hub.watch("wall", render), hub.watch("wall", render)
    leaving, staying = asyncio.ensure_future(anext(first)), asyncio.ensure_future(anext(second))
    await asyncio.sleep(0.01)
    leaving.cancel()
    await asyncio.sleep(0.01)
    release.set()
    async with asyncio.timeout(1):
        assert b"wall" in await staying
    await second.aclose()


async def test_what_changes_during_a_rendering_is_rendered_after_it():
    hub, numbers_read, release = Hub(0.01, 5), itertools.count(), asyncio.Event()

    async def render() -> str:
        number = next(numbers_read)
        await release.wait()
        return f"<p>{number}</p>"

    watcher = hub.watch("wall", render)
    coming = asyncio.ensure_future(anext(watcher))
    await asyncio.sleep(0.01)
    refreshing = asyncio.ensure_future(hub.refresh("wall"))
    await asyncio.sleep(0.01)
    release.set()
    await refreshing
    assert b"<p>0</p>" in await coming and b"<p>1</p>" in await anext(watcher)
    await watcher.aclose()


async def test_a_watcher_who_leaves_while_another_page_is_rendered_stops_nothing():
    hub = Hub(0.01, 5)
    leaving = hub.watch("task", numbers)

    async def slow() -> str:
        if "task" in hub.channels:
            await leaving.aclose()
        return await numbers()

    staying = hub.watch("wall", numbers)
    await anext(leaving)
    await anext(staying)
    hub.channels = {"wall": hub.channels["wall"], "task": hub.channels["task"]}
    hub.channels["wall"].render = slow
    for key in list(hub.channels):
        await hub.refresh(key)
    assert list(hub.channels) == ["wall"]
    await staying.aclose()


async def test_a_slow_watcher_loses_the_older_and_keeps_the_newest():
    hub = Hub(0.01, 5)
    watcher = hub.watch("wall", numbers)
    await anext(watcher)
    for _ in range(5):
        await hub.refresh("wall")
    got = [await anext(watcher), await anext(watcher)]
    assert hub.channels["wall"].latest in got[-1] and got[0] != got[1]
    await watcher.aclose()


async def test_what_did_not_change_is_not_sent_again_but_the_heart_beats():
    hub = Hub(0.01, 5)

    async def same() -> str:
        return "<p>same</p>"

    watcher = hub.watch("wall", same)
    assert b"same" in await anext(watcher)
    await hub.refresh("wall")
    await hub.refresh("wall", beat=True)
    beat = await anext(watcher)
    assert b"same" not in beat and beat.startswith(b"event: beat\ndata: ")
    await watcher.aclose()


async def test_a_stream_ends_by_itself_and_leaves_nothing_behind():
    hub = Hub(0.01, 0.05)
    assert len([each async for each in hub.watch("wall", numbers)]) == 1
    assert not hub.channels


async def test_a_page_that_fails_is_sent_to_nobody_and_stops_nobody():
    hub = Hub(0.01, 0.2)

    async def broken() -> str:
        raise ValueError("a broken page")

    assert [each async for each in hub.watch("wall", broken)] == []


def test_a_page_of_many_lines_is_one_message():
    assert message(b"<p>\n</p>", 3) == b"id: 3\nretry: 1000\ndata: <p>\ndata: </p>\n\n"


async def test_a_page_is_rendered_anew_when_the_ledger_has_handled_something(service, province):
    hub = Hub(0.01, 60)

    async def render() -> str:
        return str(await service.pool.fetchval("select count(*) from feed"))

    fanning = asyncio.ensure_future(hub.fan_out(service))
    async with listening(service), asyncio.timeout(60):
        watcher = hub.watch("wall", render)
        first = await anext(watcher)
        event = next(e for e in province.events if e.type == "task.advanced")
        version = province.next_version(event.aggregate)
        await handle(service, [event.model_copy(update={"id": uuid4(), "version": version})])
        assert await anext(watcher) != first
        await watcher.aclose()
    fanning.cancel()
