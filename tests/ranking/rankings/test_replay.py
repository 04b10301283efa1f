"""Rankings are reproducible from the log, bit for bit (P7)."""

import asyncio
import os
import random
import sys
from pathlib import Path

import pytest

from contracts.envelope import Event
from deploy.local import backing as local
from services.chassis.inbox import Inbox
from services.chassis.leading import campaign
from services.chassis.rebuild import rebuild
from services.chassis.service import Service
from tests.ranking.conftest import deliver, tick
from tests.ranking.replay import STORY, digests, shuffled
from tests.story import moment

ROOT = Path(__file__).parents[3]
STATE = ("evidence", "overdue", "urging", "unit", "calendar_day", "scheme", "draft", "ranking")


@pytest.mark.parametrize(("hash_seeds", "replays"), [(2, 2), pytest.param(4, 5, marks=pytest.mark.full, id="twenty")])
async def test_replays_shuffled_and_repeated_give_the_same_digits(
    backing: local.Backing, dsn: str, ranking: Service, hash_seeds: int, replays: int
):
    await deliver(ranking, STORY.events)
    straight = await digests(ranking)
    for seed in range(hash_seeds):
        assert await replayed(backing, dsn, seed, replays) == [straight] * replays


async def replayed(backing: local.Backing, dsn: str, hash_seed: int, replays: int) -> list[str]:
    """Digests of some replays in a process with its own hash seed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.ranking.replay", dsn, backing.nats_url, str(hash_seed), str(replays)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONHASHSEED": str(hash_seed)},
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    return output.decode().split()


async def test_another_story_gives_other_digits(ranking: Service):
    """Else the test above would show nothing."""
    await deliver(ranking, STORY.events[: len(STORY.events) * 3 // 4])
    partly = await digests(ranking)
    await deliver(ranking, STORY.events)
    assert await digests(ranking) != partly


def test_shuffling_keeps_every_aggregates_order_and_repeats_some():
    events = STORY.events
    mixed = shuffled(events, random.Random(1))
    assert mixed[: len(events)] != events and len(mixed) > len(events)
    seen: dict[str, int] = {}
    for event in mixed:
        assert event.version <= seen.get(event.aggregate, 0) + 1
        seen[event.aggregate] = max(event.version, seen.get(event.aggregate, 0))


async def test_what_is_rebuilt_from_the_log_is_the_same(ranking: Service):
    await publish(ranking, STORY.events)
    async with asyncio.timeout(30):
        await handled(ranking)
    moments = (moment(text) for text in ("2026-10-20 10:00", "2026-10-25 10:00", "2026-12-01 10:00"))
    emitted = [event.type for now in moments for event in await tick(ranking, now)]
    assert {*emitted} >= {"ranking.computed", "ranking.published"}
    before, digest, log = await state(ranking), await digests(ranking), await logged(ranking)
    done = await rebuild(ranking, ())
    assert done["aggregates"] > 100
    assert done["applied"] == log - emitted.count("ranking.computed") + await drafts(ranking)
    assert await state(ranking) == before
    assert await digests(ranking) == digest
    assert await logged(ranking) == log
    assert await tick(ranking, moment("2026-12-01 11:00")) == []


async def publish(service: Service, events: list[Event]) -> None:
    for event in events:
        body = event.model_dump_json().encode()
        await service.nc.jetstream().publish(event.subject(), body, headers=event.headers())


async def handled(service: Service) -> None:
    """The inbox has read all that was published."""
    inbox = Inbox(service)
    reading = asyncio.ensure_future(campaign(service, {"inbox": inbox.lead}))
    while (await inbox.lag()).events:
        await asyncio.sleep(0.05)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)


async def state(service: Service) -> dict[str, str]:
    """Every table of facts and of own state, as text."""
    select = "select coalesce(string_agg(t::text, E'\\n' order by t::text), '') from {} t"
    return {table: await service.pool.fetchval(select.format(table)) for table in STATE}


async def logged(service: Service) -> int:
    return await service.pool.fetchval("select count(*) from outbox")


async def drafts(service: Service) -> int:
    return await service.pool.fetchval("select count(*) from draft")
