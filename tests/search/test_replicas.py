"""Each replica is its own: name, index, durable, lock; and none answers before it has caught up."""

import asyncio
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from nats.errors import NoRespondersError

from contracts.envelope import EVENT_STREAM
from services.chassis import bus, db
from services.chassis.leading import campaign, end
from services.search import inbox
from services.search.replica import Replica
from tests.chassis.conftest import until
from tests.conftest import House
from tests.search.replicas import ask, gone, green, health, publish, reading, registered, replica, silenced

HOLDER = """
import sys, time
from pathlib import Path
from services.chassis import db
from services.chassis.leading import campaign, end
from services.search import inbox
from services.search.replica import Replica

held = Replica(Path(sys.argv[1]))
held.create()
print(held.id, flush=True)
time.sleep(600)
"""


def holder(root: Path) -> tuple[subprocess.Popen[str], str]:
    """A process that holds a name, and the name."""
    process = subprocess.Popen([sys.executable, "-c", HOLDER, root], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    return process, process.stdout.readline().strip()


def test_each_process_has_a_name_of_its_own_and_takes_it_again_after_a_kill(tmp_path: Path):
    processes, names = zip(*(holder(tmp_path / "search") for _ in range(3)), strict=True)
    assert len(set(names)) == 3
    try:
        processes[1].send_signal(signal.SIGKILL)
        processes[1].wait()
        again, name = holder(tmp_path / "search")
        processes = (*processes, again)
        assert name == names[1]
        assert len([path for path in (tmp_path / "search").iterdir() if path.is_dir()]) == 3
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def test_a_name_is_taken_without_writing_anything(tmp_path: Path):
    first = Replica(tmp_path / "search")
    assert not (tmp_path / "search").exists()
    first.create()
    assert first.lock
    first.lock.close()
    assert Replica(tmp_path / "search").id == first.id


async def test_two_replicas_over_one_directory_each_have_everything(house: House):
    one, other = await replica(house), await replica(house)
    await publish(one, *registered("汾河百公里中游示范区治理"))
    async with reading(one, other):
        await until(lambda: green(one))
        await until(lambda: green(other))
        assert one.reader.durable != other.reader.durable and one.reader.job != other.reader.job
        await publish(one, *registered("冬季取暖保供调度"))
        await until(lambda: caught_up(one))
        await until(lambda: caught_up(other))
        for each, sibling in ((one, other), (other, one)):
            await silenced(sibling)
            assert [(await ask(each, text)).total for text in ("汾河", "取暖")] == [1, 1]
            for question in sibling.reader.questions:
                await question.start()
            await bus.flush(sibling.nc)


async def test_one_replica_too_many_is_red_in_words_and_reads_as_soon_as_another_is_gone(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(inbox, "DURABLES", inbox.DURABLES[:1])
    monkeypatch.setattr(inbox, "PAUSE", 0.05)
    one, other = await replica(house), await replica(house)
    await publish(one, *registered("汾河百公里中游示范区治理"))
    async with reading(one):
        await until(lambda: green(one))
        jobs = asyncio.ensure_future(campaign(other, {other.reader.job: other.reader.lead}))
        await until(lambda: waits(other))
        assert not other.reader.durable
    await until(lambda: green(other))
    assert other.reader.durable == one.reader.durable and (await ask(other, "汾河")).total == 1
    await end([jobs])
    await gone(other)


async def waits(service: Any) -> bool:
    return (await health(service)) == (False, "检索副本最多 1 个，都在运行，本副本等待空位")


async def caught_up(service: Any) -> bool:
    return (await service.reader.lag()).events == 0


async def test_questions_go_only_to_replicas_that_have_caught_up(house: House):
    one, fresh = await replica(house), await replica(house)
    await publish(one, *registered("汾河百公里中游示范区治理"))
    with pytest.raises(NoRespondersError):
        await ask(one, "汾河")
    async with reading(one), db.connected(fresh) as held:
        await until(lambda: green(one))
        index = await fresh.reader.opened()
        with index._writing:  # it cannot commit yet
            filling = asyncio.ensure_future(fresh.reader.lead(held))
            for _ in range(30):
                assert (await ask(one, "汾河")).total == 1
            ok, words = await health(fresh)
            assert not ok and words.startswith("检索索引正在补齐，还有 ")
        await until(lambda: green(fresh))
        await silenced(one)
        assert (await ask(fresh, "汾河")).total == 1
        filling.cancel()
        await asyncio.gather(filling, return_exceptions=True)
        await gone(fresh)


async def test_a_replica_that_was_away_reads_on_from_its_cursor_though_its_durable_is_gone(house: House):
    service = await replica(house)
    await publish(service, *registered("汾河百公里中游示范区治理"))
    async with reading(service):
        await until(lambda: green(service))
        info = await service.nc.jetstream().consumer_info(EVENT_STREAM, service.reader.durable)
        assert info.config.inactive_threshold == service.settings.search_absence
    await service.nc.jetstream().delete_consumer(EVENT_STREAM, service.reader.durable)
    missed = registered("冬季取暖保供调度")
    await publish(service, *missed)
    again = await replica(house)
    assert again.reader.replica.id == service.reader.replica.id
    async with reading(again):
        await until(lambda: green(again))
        assert [(await ask(again, text)).total for text in ("汾河", "取暖")] == [1, 1]
        info = await again.nc.jetstream().consumer_info(EVENT_STREAM, again.reader.durable)
        assert info.delivered.consumer_seq == len(missed)


async def test_an_index_that_went_back_reads_again_what_its_durable_has_acknowledged(house: House, tmp_path: Path):
    service = await replica(house)
    await publish(service, *registered("汾河百公里中游示范区治理"))
    async with reading(service):
        await until(lambda: green(service))
    path = service.reader.replica.path
    shutil.copytree(path, tmp_path / "before")
    later = await replica(house)
    await publish(later, *registered("冬季取暖保供调度"))
    async with reading(later):
        await until(lambda: green(later))
        assert (await ask(later, "取暖")).total == 1
    shutil.rmtree(path)
    shutil.copytree(tmp_path / "before", path)
    again = await replica(house)
    async with reading(again):
        await until(lambda: green(again))
        assert [(await ask(again, text)).total for text in ("汾河", "取暖")] == [1, 1]
