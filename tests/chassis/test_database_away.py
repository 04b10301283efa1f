"""PostgreSQL restarts under a running service: nobody ends, who asks is told to ask again, the jobs go on."""

import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from contracts.refusals import Kind, Refused
from deploy.local import backing as local
from deploy.local import process
from deploy.local.backing import Backing
from services.chassis.settings import Settings
from services.nodes.bus import prepare
from tests.chassis import echo, toy
from tests.chassis.conftest import add, handled, has_handled, until, working
from tests.conftest import House


@pytest.fixture
async def own(place: Path) -> AsyncIterator[tuple[Backing, House]]:
    """Servers of this test alone, and a house over them."""
    backing = local.start(place, durable=False)
    settings = Settings(
        pg_dsn=backing.pg_dsn, nats_url=backing.nats_url, nats_credentials=backing.nats_credentials, var=place,
        patience=(0,), idle=0.2, tick=0.05, standby=0.1,
    )  # fmt: skip
    await prepare(settings)
    async with AsyncExitStack() as running:
        yield backing, House(settings, running)
    backing.stop()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["in order", "at once"])
async def test_a_restart_of_the_database_ends_nobody(own: tuple[Backing, House], how: signal.Signals):
    backing, house = own
    writer, reader = await house.service("toy", toy), await house.service("echo", echo)
    async with working(writer, reader):  # fails where a job has died
        await add(writer)
        await until(lambda: has_handled(reader, 1))
        backing.postgres.send(how)
        process.wait([backing.postgres], 20)
        for _ in range(3):
            answer = await add(writer)
            assert isinstance(answer, Refused) and answer.kind is Kind.UNAVAILABLE
        backing.postgres.start()
        local.await_ready([backing.postgres])
        await until(lambda: taken(writer))
        await until(lambda: has_handled(reader, 2))
    assert await handled(reader) == [("a", 1), ("a", 2)]


async def taken(writer) -> bool:
    return not isinstance(await add(writer), Refused)
