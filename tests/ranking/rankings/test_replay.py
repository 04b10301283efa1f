"""Rankings are reproducible from the log, bit for bit (P7)."""

import asyncio
import os
import random
import sys
from pathlib import Path

import pytest
from services.ranking.domain.evidence import Window
from services.ranking.domain.period import Period
from services.ranking.domain.scheme import SCHEME

from contracts.envelope import Event
from contracts.terms import PeerGroup
from deploy.local import backing as local
from services.chassis import db
from services.chassis.inbox import Inbox
from services.chassis.rebuild import rebuild
from services.chassis.service import Service
from services.ranking import store
from tests.ranking.conftest import hear, tick
from tests.ranking.replay import STORY, digests, shuffled
from tests.ranking.story import at

ROOT = Path(__file__).parents[2]
STATE = ("part", "red", "urging", "void", "unit", "calendar_day", "scheme", "draft", "board")


@pytest.mark.parametrize(("hash_seeds", "replays"), [(2, 2), pytest.param(4, 5, marks=pytest.mark.full, id="twenty")])
async def test_replays_shuffled_and_repeated_give_the_same_digits(
    backing: local.Backing, dsn: str, ranking: Service, hash_seeds: int, replays: int
):
    await hear(ranking, STORY.told)
    straight = await digests(ranking)
    for seed in range(hash_seeds):
        assert await told_again(backing, dsn, seed, replays) == [straight] * replays


async def told_again(backing: local.Backing, dsn: str, hash_seed: int, replays: int) -> list[str]:
    """Digests of some replays in a process with its own hash seed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.ranking.replay", dsn, backing.nats_url, str(hash_seed), str(replays)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONHASHSEED": str(hash_seed)},
    )
    said, _ = await process.communicate()
    assert process.returncode == 0
    return said.decode().split()


async def test_another_story_gives_other_digits(ranking: Service):
    """Else the test above would show nothing."""
    await hear(ranking, STORY.told[: len(STORY.told) * 3 // 4])
    partly = await digests(ranking)
    await hear(ranking, STORY.told)
    assert await digests(ranking) != partly


def test_shuffling_keeps_every_aggregates_order_and_repeats_some():
    events = STORY.told
    told = shuffled(events, random.Random(1))
    assert told[: len(events)] != events and len(told) > len(events)
    seen: dict[str, int] = {}
    for event in told:
        assert event.version <= seen.get(event.aggregate, 0) + 1
        seen[event.aggregate] = max(event.version, seen.get(event.aggregate, 0))


async def test_what_is_rebuilt_from_the_log_is_the_same(ranking: Service):
    await publish(ranking, STORY.told)
    async with asyncio.timeout(30):
        await heard(ranking)
    said = [await tick(ranking, now) for now in (at(10, 20), at(10, 25), at(12, 1))]
    assert {event.type for events in said for event in events} >= {"ranking.computed", "ranking.published"}
    before, digest, log = await state(ranking), await board_digest(ranking), await said_so_far(ranking)
    done = await rebuild(ranking, ())
    assert done["heard"] > 100 and done["recalled"] == log
    assert await state(ranking) == before
    assert await board_digest(ranking) == digest
    assert await said_so_far(ranking) == log
    assert await tick(ranking, at(12, 1, 11)) == []


async def publish(service: Service, events: list[Event]) -> None:
    for event in events:
        body = event.model_dump_json().encode()
        await service.nc.jetstream().publish(event.subject(), body, headers=event.headers())


async def heard(service: Service) -> None:
    """The mailbox has read all that was said."""
    mailbox = Inbox(service)
    reading = asyncio.ensure_future(db.lead(service, "mailbox", mailbox.lead))
    while await mailbox.lag():
        await asyncio.sleep(0.05)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)


async def state(service: Service) -> dict[str, str]:
    """Every table of facts and of own state, as text."""
    select = "select coalesce(string_agg(t::text, E'\\n' order by t::text), '') from {} t"
    return {table: await service.pool.fetchval(select.format(table)) for table in STATE}


async def board_digest(service: Service) -> str:
    async with room.pool.acquire() as connection:
        window = Window.of(Period(2026, 10), at(12, 1))
        return (await store.board(connection, window, PeerGroup.COUNTY, SCHEME))[0].digest


async def said_so_far(service: Service) -> int:
    return await service.pool.fetchval("select count(*) from outbox")
