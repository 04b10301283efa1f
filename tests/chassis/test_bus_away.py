"""A process whose bus is gone ends itself; one whose bus comes back, or refuses it for a while, lives."""

import asyncio
import shutil
import signal
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from deploy.local import nats as server
from deploy.local import process
from deploy.local.backing import await_ready
from deploy.local.process import Child
from deploy.local.settings import free_ports
from services.chassis import bus, trouble
from services.chassis.completeness import stream_of
from services.chassis.handlers import Handlers
from services.chassis.lanes import Lane
from services.chassis.publishing import line, publish
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.nodes.authority import Authority
from services.nodes.bus import prepare


class Lone:
    """A bus that may be stopped, and settings for a service on it."""

    def __init__(self, place: Path) -> None:
        self.place, self.ports = place, free_ports(2)
        self.authority = Authority(place / "keys")
        self.authority.write_users(place / "creds")
        self.settings = Settings(
            nats_url=f"nats://127.0.0.1:1,nats://127.0.0.1:{self.ports[0]}",
            nats_credentials=place / "creds",
            var=place,
            bus_limit=3,
        )
        self.start()

    def start(self, authority: Authority | None = None) -> None:
        listen = server.Listen(*self.ports)
        log, trusted = self.place / "nats.log", authority or self.authority
        self.child: Child = server.child(self.place / "nats", listen, trusted, log, durable=False)
        self.child.start()
        await_ready([self.child])

    def kill(self) -> None:
        self.child.send(signal.SIGKILL)
        process.wait([self.child], 5)


@pytest.fixture
def lone(place: Path) -> Iterator[Lone]:
    made = Lone(place)
    yield made
    made.kill()


async def service_of(lone: Lone) -> Service:
    service = Service("tasks", lone.settings, Handlers())
    await service.broker.connect()
    return service


async def connected(service: Service) -> None:
    async with asyncio.timeout(20):
        while not service.nc.is_connected:
            await asyncio.sleep(0.02)


async def test_a_service_finds_the_server_that_answers_and_comes_back_after_a_kill(lone: Lone):
    service = await service_of(lone)
    watching = asyncio.ensure_future(bus.watch(service))
    for _ in range(2):
        lone.kill()
        while service.nc.is_connected:
            await asyncio.sleep(0.01)
        lone.start()
        await connected(service)
        await service.nc.flush()
    assert not watching.done()
    watching.cancel()
    await service.broker.stop()


async def test_a_service_whose_bus_stays_away_ends(lone: Lone):
    service = await service_of(lone)
    lone.kill()
    with pytest.raises(ConnectionError, match="away for 3 s"):
        async with asyncio.timeout(30):
            await bus.watch(service)
    await service.nc.close()


async def test_a_service_that_was_put_out_for_good_ends(lone: Lone):
    service = await service_of(lone)
    await service.nc.close()
    with pytest.raises(ConnectionError, match="closed: True"):
        async with asyncio.timeout(10):
            await bus.watch(service)


async def test_a_bus_that_refuses_a_service_for_a_while_does_not_end_its_reconnecting(lone: Lone, tmp_path: Path):
    """FastStream's own callback raises here, and the service stays deaf for ever."""
    service = await service_of(lone)
    lone.kill()
    lone.start(Authority(tmp_path / "others"))
    log = lone.place / "nats.log"
    async with asyncio.timeout(20):
        while "authentication error" not in log.read_text():
            await asyncio.sleep(0.05)
    lone.kill()
    lone.start()
    await connected(service)
    await service.nc.flush()
    await service.broker.stop()


async def test_what_a_bus_had_not_taken_when_it_died_goes_into_no_stream_that_it_comes_back_with(lone: Lone):
    """A relay publishes when the server loses its store: in the new stream its events would come before their causes,
    which are filled in first.
    """
    await prepare(lone.settings)
    service = await service_of(lone)
    async with await line(service) as nc:
        await publish(service, nc, waiting(3))
        lone.kill()  # nobody has noticed yet
        with suppress(*trouble.LOST):
            await publish(service, nc, waiting(3))
        shutil.rmtree(lone.place / "nats")
        lone.start()
        await connected(service)
        await prepare(lone.settings)
        with pytest.raises(trouble.LOST):
            await publish(service, nc, waiting(3))
        await bus.flush(service.nc)
        assert (await stream_of(service)).messages == 0
    await service.broker.stop()


def waiting(count: int) -> list[dict[str, object]]:
    """Rows of the log, as a relay takes them."""
    event = {
        "type": "task.advanced",
        "subject": "duban.evt.v1.task.advanced.14.00.00.000.bgt",
        "body": b"{}",
        "trace": "",
    }
    return [
        event | {"seq": n, "id": str(uuid4()), "aggregate": f"task/{n}", "time": datetime.now(UTC), "lane": Lane.URGENT}
        for n in range(1, count + 1)
    ]
