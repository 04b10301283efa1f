"""From events on the bus to an answer over the bus, through the index of one replica."""

from typing import Any

import pytest
import tantivy

from contracts.envelope import EVENT_STREAM
from contracts.events.task import TaskRegistered
from contracts.terms import Light
from services.search import handlers
from services.search.domain.record import Record
from services.search.index import writer
from tests.chassis.conftest import until
from tests.conftest import House
from tests.search.replicas import ask, green, health, publish, reading, registered, replica
from tests.story import Story
from tests.story.lights import turn_task
from tests.story.province import OFFICE, WATER, YAODU


async def test_what_is_published_is_found_by_those_who_may(house: House):
    service = await replica(house)
    story = Story()
    wages = story.register("农民工工资支付情况核查", lead=YAODU)
    story.register("冬季取暖保供调度", lead=WATER)
    await publish(service, *story.events)
    async with reading(service):
        await until(lambda: green(service))
        assert (await ask(service, "取暖")).total == 1
        assert (await ask(service, "农民工", YAODU)).total == 1
        assert (await ask(service, "取暖", YAODU)).total == 0
        await publish(service, turn_task(story, wages, Light.OVERDUE))

        async def red() -> bool:
            return (await ask(service, "农民工工资")).hits[0].light == "overdue"

        await until(red)


async def test_events_that_come_one_by_one_are_gathered_into_few_commits(house: House, monkeypatch: pytest.MonkeyPatch):
    commits, commit = [], writer.commit
    monkeypatch.setattr(writer, "commit", lambda *args: (commits.append(1), commit(*args)))
    service = await replica(house, search_gather=2)
    async with reading(service):
        await until(lambda: green(service))
        for number in range(40):
            await publish(service, *registered(f"汾河治理第{number}期"))

        async def searchable() -> bool:
            return (await ask(service, "汾河治理第39期")).total == 1

        await until(searchable)
        assert len(commits) <= 4


async def test_events_that_cannot_be_read_are_parked_and_the_others_are_found(house: House):
    service = await replica(house)
    subject = TaskRegistered.filters()[:-1] + OFFICE
    bad = {"task/x": b"{}", "task/nul\0": b"\xff\xfe\0", "task/deep": b"[" * 200_000}
    async with reading(service):
        for aggregate, body in bad.items():
            await service.nc.jetstream().publish(subject, body, headers={"ce-subject": aggregate})
        await publish(service, *registered("钢铁行业超低排放改造"))

        async def searchable() -> bool:
            return await green(service) and (await ask(service, "超低排放")).total == 1

        await until(searchable)
        parked = await service.pool.fetch("select aggregate from dead_letter order by sequence")
        assert [row["aggregate"] for row in parked] == ["task/x", "task/nul\ufffd", "task/deep"]


class Panic(BaseException):
    """As the library raises it: no Exception."""


@pytest.mark.parametrize("panics", [False, True], ids=["no document can be made of it", "the library panics over it"])
async def test_an_event_that_the_index_does_not_take_is_parked_and_everything_else_is_found(
    house: House, monkeypatch: pytest.MonkeyPatch, panics: bool
):
    events = registered("甲事项", "乙事项", "有毒事项", "丙事项", "丁事项")
    poison = next(f"task/{e.task.task_id}" for e in events if isinstance(e, TaskRegistered) and "毒" in e.task.title)
    make, commit = writer.record_document, writer.commit

    def making(record: Record, forms: list[str]) -> tantivy.Document:
        if record.id == poison:
            raise ValueError("no document")
        return make(record, forms)

    def committing(index: tantivy.Index, writing: tantivy.IndexWriter, batch: writer.Batch) -> None:
        if poison in batch.documents:
            raise Panic("index out of bounds")
        commit(index, writing, batch)

    monkeypatch.setattr(writer, *(("commit", committing) if panics else ("record_document", making)))
    service = await replica(house)
    await publish(service, *events)
    await all_but_one(service)
    handlers.renew(service)
    service = await replica(house)
    await all_but_one(service)
    parked = await service.pool.fetch("select aggregate from dead_letter where type = 'task.registered'")
    assert [row["aggregate"] for row in parked] == [poison]


async def all_but_one(service: Any) -> None:
    async with reading(service):
        await until(lambda: green(service))
        assert (await ask(service, "事项")).total == 4
        assert (await service.reader.lag()).events == 0


async def test_the_durable_has_one_filter_and_kinds_that_are_not_searched_pass_by(house: House):
    service = await replica(house)
    async with reading(service):
        subject = "duban.evt.v1.policy.published." + OFFICE
        await service.nc.jetstream().publish(subject, b"{}", headers={"ce-subject": "policy/x"})
        await publish(service, *registered("钢铁行业超低排放改造"))

        async def searchable() -> bool:
            return await green(service) and (await ask(service, "超低排放")).total == 1

        await until(searchable)
        info = await service.nc.jetstream().consumer_info(EVENT_STREAM, service.reader.durable)
        assert (info.config.filter_subject, info.config.filter_subjects) == ("duban.evt.v1.>", None)
        assert await service.pool.fetchval("select count(*) from dead_letter") == 0


async def test_a_replica_is_red_in_words_until_it_has_caught_up(house: House):
    service = await replica(house)
    events = registered("汾河百公里中游示范区治理")
    await publish(service, *events)
    ok, words = await health(service)
    assert not ok and words == f"检索索引正在补齐，还有 {len(events)} 个事件待读，读完以前不答复查询"
    async with reading(service):
        await until(lambda: green(service))
        assert (await health(service))[1] == ""
