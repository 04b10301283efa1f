"""Whatever becomes of the index, the disk or the stream: the replica mends it by itself and says so meanwhile."""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from nats.errors import NoRespondersError
from pydantic import ValidationError

from contracts.envelope import Event
from services.search import inbox
from services.search.domain.record import Record
from services.search.index import Index, questions, writer
from services.search.index.schema import RECORD
from tests.chassis.conftest import until
from tests.conftest import House
from tests.search.builders import changes
from tests.search.damage import DAMAGE, EMPTIED, HARMLESS
from tests.search.replicas import ask, green, health, publish, reading, registered, replica, wiped

WAYS = ("half a .store", "a wrong byte in .fast", "no .del", "an empty meta.json", "zeros everywhere")
TITLES = ("汾河百公里中游示范区治理", "冬季取暖保供调度", "钢铁行业超低排放改造")


def records(index: Index) -> dict[str, Record]:
    """Everything the index holds, beside its head."""
    searcher = index._index.searcher()
    hits = searcher.search(questions.Query.all_query(), 10_000).hits
    stored = [body for _, address in hits if (body := searcher.doc(address)["record"][0]).startswith(b'{"id"')]
    return {record.id: record for record in map(RECORD.validate_json, stored)}


def zero_in_place(path: Path) -> None:
    """Under the process, which has the files mapped."""
    for part in path.glob("[!.]*.*"):
        if part.suffix != ".json":
            with part.open("r+b") as file:
                file.write(b"\0" * part.stat().st_size)


@pytest.mark.parametrize("way", [*WAYS, *EMPTIED, *HARMLESS])
async def test_a_damaged_index_is_built_anew_at_the_next_start(house: House, monkeypatch: pytest.MonkeyPatch, way: str):
    monkeypatch.setattr(inbox, "PAUSE", 0.05)
    service = await replica(house)
    for title in TITLES:
        await publish(service, *registered(title))
    async with reading(service):
        await until(lambda: green(service))
        whole = records(service.reader.index)
    ({**DAMAGE, **EMPTIED, **HARMLESS})[way](service.reader.replica.path)
    again = await replica(house)
    async with reading(again):
        await until(lambda: green(again))
        assert records(again.reader.index) == whole
        assert (await ask(again, "取暖")).total == 1


async def test_an_index_damaged_under_the_replica_is_built_anew_and_health_says_so(house: House):
    service = await replica(house)
    await publish(service, *registered(*TITLES))
    async with reading(service):
        await until(lambda: green(service))
        whole = records(service.reader.index)
        zero_in_place(service.reader.replica.path)
        await publish(service, *registered("新来的事项"))

        async def rebuilding() -> bool:
            ok, words = await health(service)
            return not ok and words.startswith("检索索引损坏，正在自动重建，还有 ")

        await until(rebuilding)
        await until(lambda: green(service))
        assert {id: record for id, record in records(service.reader.index).items() if id in whole} == whole
        assert (await ask(service, "新来的事项")).total == 1


async def test_a_question_that_meets_damage_has_the_index_built_anew(house: House):
    service = await replica(house)
    await publish(service, *registered(*TITLES))
    async with reading(service):
        await until(lambda: green(service))
        zero_in_place(service.reader.replica.path)
        first = service.reader.index

        async def renewed() -> bool:
            # an answer that says no, nobody who answers, or who had to leave before he did
            with suppress(ValidationError, NoRespondersError, TimeoutError):
                await ask(service, "取暖")
            return service.reader.index is not first and await green(service)

        await until(renewed)
        assert (await ask(service, "取暖")).total == 1


async def test_a_full_disk_is_red_and_keeps_answering_from_the_index_it_keeps(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(inbox, "PAUSE", 0.05)
    service = await replica(house)
    await publish(service, *registered(*TITLES))
    commit = writer.commit

    def full(*_: object) -> None:
        raise ValueError("An IO error occurred: 'No space left on device (os error 28)'")

    async with reading(service):
        await until(lambda: green(service))
        monkeypatch.setattr(writer, "commit", full)
        await publish(service, *registered("磁盘满时的事项"))

        async def red() -> bool:
            ok, words = await health(service)
            return not ok and words.startswith("磁盘已满，检索索引暂停更新")

        await until(red)
        assert (await ask(service, "取暖")).total == 1
        monkeypatch.setattr(writer, "commit", commit)
        await until(lambda: green(service))
        assert (await ask(service, "磁盘满时的事项")).total == 1


async def test_a_replica_without_an_index_on_a_full_disk_says_so_and_does_not_end(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(inbox, "PAUSE", 0.05)
    create = inbox.Replica.create

    def full(_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(inbox.Replica, "create", full)
    service = await replica(house)
    async with reading(service):

        async def red() -> bool:
            return (await health(service))[1].startswith("磁盘已满")

        await until(red)
        monkeypatch.setattr(inbox.Replica, "create", create)
        await until(lambda: green(service))


async def test_a_new_dictionary_has_the_index_built_anew_in_words_of_its_own(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    service = await replica(house)
    await publish(service, *registered(*TITLES))
    async with reading(service):
        await until(lambda: green(service))
    monkeypatch.setattr(writer.words, "dictionary_version", lambda: "another")
    again = await replica(house)
    async with reading(again):

        async def named() -> bool:
            return (await health(again))[1].startswith("检索词典已更新，正在重建检索索引")

        await until(named)
        await until(lambda: green(again))
        assert (await ask(again, "取暖")).total == 1


@pytest.mark.parametrize("running", [True, False], ids=["while it reads", "while it is away"])
async def test_a_stream_wiped_and_filled_again_leaves_the_same_documents(house: House, tmp_path: Path, running: bool):
    service = await replica(house)
    events = registered(*TITLES)
    await publish(service, *events)
    async with reading(service):
        await until(lambda: green(service))
        whole, done = records(service.reader.index), service.reader.done
        if running:
            await wiped(service)
            await refill(service, events)
            await until(lambda: at_end(service))
            assert records(service.reader.index) == whole
    if not running:
        await wiped(service)
        await refill(service, events)
        service = await replica(house)
        async with reading(service):
            await until(lambda: at_end(service))
            assert records(service.reader.index) == whole
    assert service.reader.done > done
    fresh = Index.open(tmp_path / "fresh")
    fresh.apply(changes(*events))
    assert records(fresh) == whole
    fresh.close()


async def refill(service: Any, events: list[Event]) -> None:
    """The same events at other places: other kinds come before and between, and some come twice."""
    js = service.nc.jetstream()
    for event in (*events[:2], *events):
        await js.publish("duban.evt.v1.policy.published.14.00.00.000.bgt", b"{}")
        await js.publish(event.subject(), event.model_dump_json().encode(), headers={"ce-subject": event.aggregate})


async def at_end(service: Any) -> bool:
    return await green(service) and (await service.reader.lag()).events == 0 and bool(service.reader.epoch)


@pytest.mark.parametrize("beyond", [True, False], ids=["beyond its end", "at an event that it took later"])
async def test_a_cursor_of_the_stream_that_was_there_before_is_not_believed(house: House, beyond: bool):
    """The stream was brought back from an older copy, and may have grown again since."""
    service = await replica(house)
    await publish(service, *registered(*TITLES))
    async with reading(service):
        await until(lambda: green(service))
        epoch, done = service.reader.epoch, service.reader.done
    index = Index.renew(service.reader.replica.path)
    index.apply([], inbox.Cursor(epoch, 1_000_000 if beyond else done, datetime(2026, 11, 1, tzinfo=UTC)))
    index.close()
    again = await replica(house)
    async with reading(again):
        await until(lambda: green(again))
        await publish(again, *registered("恢复之后的事项"))
        await until(lambda: at_end(again))
        assert [(await ask(again, text)).total for text in ("恢复之后的事项", "汾河")] == [1, 1]
