"""Search replicas as a test runs them: several in one process, each with its own lock, questions over the bus."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from contracts.envelope import EVENT_STREAM, Event
from contracts.queries.search import SearchFor, SearchResult
from services.chassis import db, outbox, relay, rpc_server
from services.chassis.backlog import backlog_of
from services.chassis.health import Progress
from services.chassis.health import health as health_of
from services.chassis.leading import campaign
from services.nodes.bus import prepare
from services.search import handlers
from services.search.inbox import IndexInbox
from services.search.settings import Settings
from tests.conftest import House
from tests.search.builders import at
from tests.story import Story
from tests.story.province import OFFICE


async def replica(house: House, **more: Any) -> Any:
    """A search service that does not read yet."""
    settings = Settings(**house.settings.model_dump(), **more)
    return await house.service("search", handlers, settings=settings, reader=IndexInbox)


@asynccontextmanager
async def reading(*services: Any) -> AsyncIterator[None]:
    """They read and answer, for as long as the context lasts; then they are gone."""
    jobs = [asyncio.ensure_future(campaign(each, {each.reader.job: each.reader.lead})) for each in services]
    try:
        yield
        assert not any(job.done() for job in jobs), "a job that dies ends the process"
    finally:
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)
        for service in services:
            await gone(service)


async def silenced(service: Any) -> None:
    """It takes no question any more, and the server knows."""
    await rpc_server.leave(service, service.reader.questions)


async def gone(service: Any) -> None:
    """What the end of the process does."""
    await silenced(service)
    if service.reader.index:
        service.reader.index.close()
    if service.reader.replica.lock:
        service.reader.replica.lock.close()


async def publish(service: Any, *events: Event) -> None:
    """Through the outbox into the stream, in this order."""
    async with service.pool.acquire() as connection, connection.transaction():
        await outbox.put(connection, events)
    async with db.connected(service) as connection:
        backlog = await backlog_of(connection)
        while await relay.publish_next(service, service.nc, backlog, allowance=0):
            pass


def registered(*titles: str) -> list[Event]:
    """The events of tasks with these titles, which are its own."""
    story = Story(name=titles[0])
    for title in titles:
        story.register(title)
    return story.events


async def ask(service: Any, text: str, place: str = OFFICE) -> SearchResult:
    """The answer of whichever replica takes the question. Raises NoRespondersError."""
    question = SearchFor(text=text, reader=at(place))
    message = await service.nc.request(question.subject(), question.model_dump_json().encode(), timeout=5)
    return SearchResult.model_validate_json(message.data)


async def health(service: Any) -> tuple[bool, str]:
    """Whether it is green, and its words."""
    ok, state = await health_of(service, Progress())
    return ok, "".join(state.get("trouble", ()))


async def green(service: Any) -> bool:
    """As /healthz says."""
    return (await health(service))[0]


async def wiped(service: Any) -> None:
    """The stream is created anew, empty."""
    await service.nc.jetstream().delete_stream(EVENT_STREAM)
    await prepare(service.settings)
