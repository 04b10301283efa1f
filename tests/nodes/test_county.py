"""The county's client goes on by itself: the bus restarts, its reader is made anew, an event cannot be read."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from nats.js.errors import APIError

from contracts.commands.assignment import Acknowledge, Close, Report
from contracts.county import County
from contracts.envelope import Actor, ActorRole, Event
from contracts.events.register import CalendarRevised
from deploy.local import nats as server
from deploy.local import process
from deploy.local.backing import await_ready
from deploy.local.process import Child
from deploy.local.settings import free_ports
from services.nodes.authority import Authority
from services.nodes.bus import Bus, connected, prepare
from services.nodes.registrar import Registrar
from services.nodes.settings import Settings
from tests.nodes.conftest import COUNTY

ACTOR = Actor(person="zhang", unit=f"{COUNTY}.000.gov", roles=(ActorRole.UNIT_CLERK,))


@pytest.fixture
def nats_server(place: Path) -> Iterator[tuple[Child, Registrar]]:
    """A bus that may be killed, and who may admit nodes to it."""
    port, monitor = free_ports(2)
    authority = Authority(place / "keys")
    authority.write_users(place / "creds")
    child = server.child(place / "nats", server.Listen(port, monitor), authority, place / "nats.log", durable=False)
    child.start()
    await_ready([child])
    yield child, Registrar(Settings(var=place, nats_url=f"nats://127.0.0.1:{port}", nats_credentials=place / "creds"))
    process.stop([child], patience=2)


@asynccontextmanager
async def admitted(registrar: Registrar) -> AsyncIterator[tuple[Bus, Path]]:
    """The streams, and the county's bundle."""
    await prepare(registrar.settings)
    async with connected(registrar.settings, registrar.authority) as bus:
        yield bus, await registrar.enrol(bus, COUNTY)


def revised(version: int = 1) -> CalendarRevised:
    """An event for everyone in the province."""
    time = datetime.now(UTC)
    address = "14.00.00.000.all"
    return CalendarRevised(
        time=time, aggregate="calendar/2026", version=version, owner="14.00.00", address=address, year=2026, days=()
    )


async def publish(bus: Bus, event: Event) -> None:
    await bus.province.jetstream().publish(event.subject(), event.model_dump_json().encode(), headers=event.headers())


@pytest.mark.parametrize("number", [signal.SIGTERM, pytest.param(signal.SIGKILL, marks=pytest.mark.full)])
async def test_events_go_on_over_a_bus_that_restarts_and_none_is_lost(
    nats_server: tuple[Child, Registrar], number: signal.Signals
):
    """Killed, the server forgets what it had delivered a moment ago: that comes again, five seconds later at most."""
    child, registrar = nats_server
    versions: list[int] = []
    async with admitted(registrar) as (bus, folder):
        for version in range(1, 6):
            await publish(bus, revised(version))
        async with asyncio.timeout(120), County(folder) as county:
            async for event in county.events():
                first = event.version not in versions
                versions += [event.version] * first
                if first and event.version in (2, 4):
                    child.send(number)
                    process.wait([child], 5)
                    child.start()
                    await_ready([child])
                if event.version == 5:
                    break
    assert versions == [1, 2, 3, 4, 5]


async def test_a_command_waits_for_a_bus_that_is_away(nats_server: tuple[Child, Registrar]):
    child, registrar = nats_server
    async with admitted(registrar) as (_, folder), County(folder) as county:
        process.stop([child], patience=5)
        sending = asyncio.ensure_future(county.send(Acknowledge(actor=ACTOR, assignment_id=uuid4())))
        await asyncio.sleep(0.1)
        assert not sending.done()
        child.start()
        await_ready([child])
        async with asyncio.timeout(30):
            assert isinstance(await sending, UUID)
            async with connected(registrar.settings, registrar.authority) as again:
                info = await again.province.jetstream().stream_info("COMMANDS")
    assert info.state.messages == 1


async def test_a_reader_that_is_made_anew_is_found_again(
    registrar: Registrar, bus: Bus, caplog: pytest.LogCaptureFixture
):
    async with asyncio.timeout(30), County(await registrar.enrol(bus, COUNTY)) as county:
        events = county.events()
        await publish(bus, revised(1))
        assert (await anext(events)).version == 1
        await bus.province.jetstream().delete_consumer("EVENTS", "node-14-10-02")
        waiting = asyncio.ensure_future(anext(events))
        async with asyncio.timeout(20):
            while "no events at the moment" not in caplog.text:
                await asyncio.sleep(0.05)
        await publish(bus, revised(2))
        await registrar.enrol(bus, COUNTY)
        assert (await waiting).version == 1, "its whole history comes again"
        assert (await anext(events)).version == 2
    assert caplog.text.count("no events at the moment") == 1, "said once"


async def test_what_cannot_be_read_and_what_is_unknown_is_passed_over(
    registrar: Registrar, bus: Bus, caplog: pytest.LogCaptureFixture
):
    js, place = bus.province.jetstream(), f"{COUNTY}.000.gov"
    await js.publish(f"duban.evt.v1.assignment.issued.{place}", b"{not json")
    await js.publish(f"duban.evt.v1.assignment.issued.{place}", b"[" * 100_000)
    await js.publish(f"duban.evt.v1.nosuch.thing.{place}", b"{}")
    await publish(bus, revised())
    with caplog.at_level(logging.WARNING):
        async with asyncio.timeout(20), County(await registrar.enrol(bus, COUNTY)) as county:
            event = await anext(county.events())
    assert event.type == "calendar.revised"
    assert county.skipped == {"assignment.issued": 2, "nosuch.thing": 1}
    assert "cannot be read is passed over" in caplog.text and f"issued.{place}" in caplog.text


async def test_an_event_comes_again_until_it_was_handled(registrar: Registrar, bus: Bus):
    await publish(bus, revised())
    async with asyncio.timeout(20):
        async with County(await registrar.enrol(bus, COUNTY)) as county:
            assert (await anext(county.events())).version == 1
        assert await bus.waiting(COUNTY) == 1, "it went back as the client left"
        async with County(registrar.bundles / COUNTY) as county:
            events = county.events()
            assert (await anext(events)).version == 1
            waiting = asyncio.ensure_future(anext(events))
            while await bus.waiting(COUNTY):
                await asyncio.sleep(0.01)
            waiting.cancel()


async def test_a_command_that_no_node_may_send_and_one_too_many_are_refused_at_once(registrar: Registrar, bus: Bus):
    async with County(await registrar.enrol(bus, COUNTY)) as county:
        with pytest.raises(ValueError, match=r"tasks\.close"):
            await county.send(Close(actor=ACTOR, assignment_id=uuid4()))
        await bus.province.jetstream().update_stream(
            name="COMMANDS", subjects=["duban.cmd.v1.>"], retention="workqueue", max_msgs_per_subject=1,
            discard="new", discard_new_per_subject=True,
        )  # fmt: skip
        report = Report(actor=ACTOR, assignment_id=uuid4(), percent="10", text="已经开工建设")
        await county.send(report)
        with pytest.raises(APIError, match="maximum messages per subject"):
            await county.send(report.model_copy(update={"id": uuid4()}))


async def test_with_a_file_an_event_comes_once_whatever_is_made_anew(registrar: Registrar, bus: Bus, tmp_path: Path):
    folder, handled = await registrar.enrol(bus, COUNTY), tmp_path / "handled.db"
    versions: list[int] = []
    async with asyncio.timeout(60):
        for first in (1, 4):
            async with County(folder, handled=handled) as county:
                for version in range(1, first + 3):
                    await publish(bus, revised(version))
                async for event in county.events():
                    versions.append(event.version)
                    if event.version == first + 2:
                        break
            await bus.province.jetstream().delete_stream("EVENTS")
            await registrar.push(bus)
    assert versions == [1, 2, 3, 3, 4, 5, 6], "3 was not handled: the loop did not ask for the next one"


async def test_an_outage_is_told_once_and_without_a_traceback(
    nats_server: tuple[Child, Registrar], caplog: pytest.LogCaptureFixture
):
    child, registrar = nats_server
    async with admitted(registrar) as (_, folder):
        pass
    async with asyncio.timeout(60), County(folder) as county:
        waiting = asyncio.ensure_future(anext(county.events()))
        await asyncio.sleep(0.1)
        caplog.clear()
        with caplog.at_level(logging.INFO):
            process.stop([child], patience=5)
            while county.bus.nc and county.bus.nc.is_connected:
                await asyncio.sleep(0.05)
            await asyncio.sleep(3)
            lines = [record for record in caplog.records if record.name.startswith(("contracts", "nats"))]
        child.start()
        await_ready([child])
        async with connected(registrar.settings, registrar.authority) as bus:
            await publish(bus, revised())
        assert (await waiting).version == 1
    assert 1 <= len(lines) <= 4 and len({record.getMessage() for record in lines}) == len(lines)
    assert all(record.exc_info is None for record in lines)


@pytest.mark.parametrize("left", [0, 0.3, 0.9])
async def test_credentials_that_are_still_being_written_are_waited_for(
    nats_server: tuple[Child, Registrar], left: float
):
    """They end while a client runs, and the new file comes slowly: nats-py would stay silent over half of it."""
    _, registrar = nats_server
    async with admitted(registrar) as (bus, folder):
        file = folder / f"{COUNTY}.creds"
        await publish(bus, revised(1))
        async with asyncio.timeout(60), County(folder) as county:
            events = county.events()
            assert (await anext(events)).version == 1
            waiting = asyncio.ensure_future(anext(events))
            await registrar.rotate(bus, COUNTY, at_once=True)  # puts the client out
            whole = file.read_text()
            file.write_text(whole[: int(len(whole) * left)])
            while not county.bus.nc or county.bus.nc.is_connected:
                await asyncio.sleep(0.02)
            await asyncio.sleep(1.5)
            assert not waiting.done()
            file.write_text(whole)
            await publish(bus, revised(2))
            assert (await waiting).version == 2
