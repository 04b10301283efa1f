"""From events on the bus to an answer over the bus, through the index of one replica."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from contracts.envelope import Event
from contracts.events.task import TaskRegistered
from contracts.queries.search import SearchFor, SearchResult
from contracts.terms import Light
from services.chassis import db, outbox, relay, rpc_server
from services.chassis.backlog import backlog_of
from services.search import handlers
from services.search.inbox import IndexInbox
from services.search.settings import Settings
from tests.chassis.conftest import until
from tests.conftest import House
from tests.search.builders import at
from tests.story import Story
from tests.story.lights import turn_task
from tests.story.province import OFFICE, WATER, YAODU


async def search_service(house: House):
    settings = Settings(**house.settings.model_dump())
    return await house.service("search", handlers, settings=settings, reader=IndexInbox)


@asynccontextmanager
async def reading(service) -> AsyncIterator[None]:
    """The inbox reads, for as long as the context lasts."""
    job = asyncio.ensure_future(db.lead(service, service.reader.job, service.reader.lead))
    try:
        yield
    finally:
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)
        service.reader.index.close()


async def publish(service, *events: Event) -> None:
    async with service.pool.acquire() as connection, connection.transaction():
        await outbox.put(connection, events)
    async with db.connected(service) as connection:
        await relay.publish_next(service, await backlog_of(connection), allowance=0)


def registered(title: str) -> list[Event]:
    story = Story()
    story.register(title)
    return story.events


async def ask(service, text: str, place: str = OFFICE) -> SearchResult:
    body = SearchFor(text=text, reader=at(place)).model_dump_json().encode()
    return await rpc_server.query_responder(service, SearchFor)(body)


async def test_what_is_published_is_found_by_those_who_may(house: House):
    service = await search_service(house)
    story = Story()
    wages = story.register("农民工工资支付情况核查", lead=YAODU)
    story.register("冬季取暖保供调度", lead=WATER)
    async with reading(service):
        await publish(service, *story.events)

        async def searchable() -> bool:
            return (await ask(service, "取暖")).total == 1

        await until(searchable)
        assert (await ask(service, "农民工", YAODU)).total == 1
        assert (await ask(service, "取暖", YAODU)).total == 0
        await publish(service, turn_task(story, wages, Light.OVERDUE))

        async def red() -> bool:
            return (await ask(service, "农民工工资")).hits[0].light == "overdue"

        await until(red)


async def test_a_lost_index_is_built_anew_from_the_first_event(house: House):
    service = await search_service(house)
    await publish(service, *registered("汾河百公里中游示范区治理"))

    async def searchable() -> bool:
        return (await ask(service, "汾河")).total == 1

    for _ in ("new", "lost"):
        async with reading(service):
            await until(searchable)
        handlers.renew(service)
        del service.reader.index


async def test_an_event_that_cannot_be_read_is_parked_and_the_others_are_found(house: House):
    service = await search_service(house)
    async with reading(service):
        subject = TaskRegistered.filters()[:-1] + OFFICE
        await service.nc.jetstream().publish(subject, b"{}", headers={"ce-subject": "task/x"})
        await publish(service, *registered("钢铁行业超低排放改造"))

        async def searchable() -> bool:
            return (await ask(service, "超低排放")).total == 1

        await until(searchable)
        assert await service.pool.fetchval("select aggregate from dead_letter") == "task/x"


async def test_the_durable_has_one_filter_and_kinds_that_are_not_searched_pass_by(house: House):
    service = await search_service(house)
    async with reading(service):
        subject = "duban.evt.v1.policy.published." + OFFICE
        await service.nc.jetstream().publish(subject, b"{}", headers={"ce-subject": "policy/x"})
        await publish(service, *registered("钢铁行业超低排放改造"))

        async def searchable() -> bool:
            return (await ask(service, "超低排放")).total == 1

        await until(searchable)
        info = await service.nc.jetstream().consumer_info(service.settings.stream, service.reader.durable)
        assert (info.config.filter_subject, info.config.filter_subjects) == ("duban.evt.v1.>", None)
        assert await service.pool.fetchval("select count(*) from dead_letter") == 0
