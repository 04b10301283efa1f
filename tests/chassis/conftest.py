"""A toy writer and a toy reader, with their jobs running only while a test wants them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from nats.js.api import RawStreamMsg

from contracts.envelope import EVENT_STREAM, Actor, ActorRole, Done
from deploy.local import backing as local
from services.chassis import app, commands, leading, relay
from services.chassis.completeness import NotComplete, prove_complete
from services.chassis.service import Service
from tests.chassis import echo, toy
from tests.conftest import House, migrated

NOTHING_WAITS = "select 1 where not exists (select from pending)"
CLERK = Actor(person="clerk", unit="14.10.02.000.gov", roles=(ActorRole.UNIT_CLERK,))


@pytest.fixture(scope="session")
def template(backing: local.Backing) -> str:
    return migrated(backing, toy=toy, echo=echo)


@pytest.fixture
async def writer(house: House) -> Service:
    return await house.service("toy", toy)


@pytest.fixture
async def reader(house: House) -> Service:
    return await house.service("echo", echo)


async def add(service: Service, thing: str = "a", by: int = 1, **more: object) -> object:
    """The answer to one command."""
    body = toy.Add(actor=CLERK, thing=thing, by=by, **more).model_dump_json().encode()
    return (await commands.answer(service, toy.Add, body))[0]


@asynccontextmanager
async def working(*services: Service) -> AsyncIterator[None]:
    """The leading jobs of these services run, and none of them dies."""
    tasks = [asyncio.ensure_future(leading.campaign(service, app.jobs_of(service))) for service in services]
    try:
        yield
    finally:
        died = [error for task in tasks if task.done() and not task.cancelled() and (error := task.exception())]
        while tasks:  # Python 3.11's wait_for may swallow a cancellation
            for task in tasks:
                task.cancel()
            tasks = list((await asyncio.wait(tasks, timeout=1))[1])
        assert died == []


async def until(question: Callable[[], Awaitable[bool]], seconds: float = 30) -> None:
    """Wait for it to come true; a test that waits in vain fails."""
    async with asyncio.timeout(seconds):
        while not await question():
            await asyncio.sleep(0.02)


async def written(writer: Service, count: int, thing: str = "a") -> None:
    """So many commands are answered and their events published."""
    for _ in range(count):
        assert isinstance(await add(writer, thing), Done)
    await all_published(writer)


async def all_published(service: Service) -> None:
    await until(lambda: exists(service, NOTHING_WAITS))


async def exists(service: Service, sql: str) -> bool:
    return await service.pool.fetchval(sql) is not None


async def handled(service: Service) -> list[tuple[str, int]]:
    """What the toy reader handled, in order."""
    return [tuple(row) for row in await service.pool.fetch("select thing, version from handled order by seq")]


async def has_handled(service: Service, count: int) -> bool:
    return len(await handled(service)) >= count


async def parked(service: Service, count: int) -> bool:
    return await service.pool.fetchval("select count(*) from dead_letter") == count


async def load(service: Service, *things: str) -> None:
    """Add one to each thing, in bulk."""
    answer, _ = await commands.answer(
        service, toy.Load, toy.Load(actor=CLERK, things=things).model_dump_json().encode()
    )
    assert isinstance(answer, Done), answer


@asynccontextmanager
async def publishing(service: Service) -> AsyncIterator[None]:
    """The relay of this service alone runs."""
    job = asyncio.ensure_future(leading.campaign(service, {"relay": lambda held: relay.lead(held, service)}))
    try:
        yield
    finally:
        while not job.done():
            job.cancel()
            await asyncio.wait([job], timeout=1)


async def in_stream(service: Service) -> list[RawStreamMsg]:
    """Every message of the stream, in order."""
    js = service.nc.jetstream()
    last = (await js.stream_info(EVENT_STREAM)).state.last_seq
    return [await js.get_msg(EVENT_STREAM, seq) for seq in range(1, last + 1)]


async def whole(service: Service) -> bool:
    """The stream is proved to hold all that was published."""
    async with service.pool.acquire() as db:
        try:
            await prove_complete(service, db)
        except NotComplete:
            return False
    return True
