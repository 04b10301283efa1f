"""Enrolling, rotating, revoking: what the operator does, as the server and the county see it."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path

import nats.errors
import pytest
from nats.errors import NoRespondersError

from contracts.county import County
from contracts.node import Bundle
from services.chassis.leading import end
from services.nodes import keeper, keys
from services.nodes.authority import now
from services.nodes.bus import Bus, Refused, prepare
from services.nodes.domain.node import State
from services.nodes.registrar import NotEnrolled, Registrar
from tests.nodes.conftest import COUNTY, SIBLING, Join


def event(address: str) -> str:
    return f"duban.evt.v1.assignment.issued.{address}"


def credentials(registrar: Registrar, node: str = COUNTY) -> Path:
    return registrar.bundles / node / f"{node}.creds"


async def fetched(county: County, count: int) -> list[str]:
    """The subjects of the next events, acknowledged."""
    subjects = []
    async with asyncio.timeout(10):
        for _ in range(count):
            message = await county.bus.fetch()
            await message.ack_sync(timeout=2)
            subjects.append(message.subject)
    return subjects


async def test_an_enrolled_county_reads_its_own_and_what_is_for_all_in_order_and_commands_in_its_name(
    registrar: Registrar, bus: Bus
):
    folder = await registrar.enrol(bus, COUNTY)
    js = bus.province.jetstream()
    subjects = [event(f"{COUNTY}.000.fgw"), event("14.10.00.000.all"), event("14.00.00.000.all")]
    for subject in (subjects[0], event(f"{SIBLING}.000.gov"), *subjects[1:], event("14.10.00.000.gov")):
        await js.publish(subject, b"{}")
    async with County(folder) as county:
        assert await fetched(county, 3) == subjects
        ack = await county.bus.nc.jetstream().publish(f"duban.cmd.v1.report.{COUNTY}", b"{}")
        assert ack.stream == "COMMANDS"
    assert await bus.waiting(COUNTY) == 0


async def test_a_city_reads_what_is_for_everyone_in_it_once(registrar: Registrar, bus: Bus):
    async with County(await registrar.enrol(bus, "14.10.00")) as city:
        subjects = [event("14.10.00.000.all"), event("14.10.00.000.fgw"), event("14.00.00.000.all")]
        for subject in subjects:
            await bus.province.jetstream().publish(subject, b"{}")
        assert await fetched(city, 3) == subjects


async def test_what_a_county_is_given_is_for_its_owner_alone_and_says_where_to_go(registrar: Registrar, bus: Bus):
    folder = await registrar.enrol(bus, COUNTY)
    secret = [*folder.iterdir(), *registrar.authority.folder.rglob("*.nk"), *registrar.authority.folder.rglob("*.json")]
    assert {oct(path.stat().st_mode & 0o777) for path in secret} == {"0o600"}
    assert {oct(path.stat().st_mode & 0o777) for path in (folder, registrar.authority.folder / "nodes")} == {"0o700"}
    given = Bundle.read(folder)
    assert (given.node, given.servers, given.ca) == (COUNTY, (registrar.settings.nats_url,), None)
    assert given.credentials == credentials(registrar) and given.credentials.exists()
    text = (folder / "README.md").read_text()
    assert f'County("{COUNTY}", unit="{COUNTY}.000.gov")' in text and "duban node rotate 14.10.02 --now" in text
    assert "://" not in text and keys.user_in(given.credentials).seed not in text


async def test_enrolling_again_changes_nothing_that_works(registrar: Registrar, bus: Bus):
    await bus.province.jetstream().publish(event(f"{COUNTY}.000.gov"), b"1")
    folder = await registrar.enrol(bus, COUNTY)
    before = keys.user_in(credentials(registrar))
    async with County(folder) as county:
        await fetched(county, 1)
        await registrar.enrol(bus, COUNTY)
        await bus.province.jetstream().publish(event(f"{COUNTY}.000.fgw"), b"2")
        assert await fetched(county, 1) == [event(f"{COUNTY}.000.fgw")]
        assert county.bus.nc.stats["reconnects"] == 0
    assert keys.user_in(credentials(registrar)) == before
    assert len(registrar.enrolments.find(COUNTY).credentials) == 1


async def test_enrolling_again_repairs_what_was_lost(registrar: Registrar, bus: Bus, join: Join):
    folder = await registrar.enrol(bus, COUNTY)
    js = bus.province.jetstream()
    await js.delete_consumer("EVENTS", "node-14-10-02")
    assert await bus.waiting(COUNTY) is None
    await registrar.enrol(bus, COUNTY)
    assert await bus.waiting(COUNTY) == 0
    (folder / "node.json").unlink()
    credentials(registrar).unlink()
    async with County(await registrar.enrol(bus, COUNTY)) as county:
        await js.publish(event(f"{COUNTY}.000.gov"), b"{}")
        assert await fetched(county, 1)
    assert len(registrar.enrolments.find(COUNTY).valid(now())) == 2


async def test_a_county_reads_the_history_again_after_the_stream_was_lost_and_made_anew(registrar: Registrar, bus: Bus):
    folder = await registrar.enrol(bus, COUNTY)
    js = bus.province.jetstream()
    async with County(folder) as county:
        for body in (b"1", b"2"):
            await js.publish(event(f"{COUNTY}.000.gov"), body)
        await fetched(county, 2)
        await js.delete_stream("EVENTS")
        with pytest.raises(Refused, match="先执行 duban node push"):
            await registrar.enrol(bus, COUNTY)
        await prepare(registrar.settings)
        for body in (b"1", b"2", b"3"):
            await js.publish(event(f"{COUNTY}.000.gov"), body)
        await registrar.enrol(bus, COUNTY)
        assert len(await fetched(county, 3)) == 3


async def test_a_revoked_county_is_put_out_at_once_and_never_comes_in_again_with_what_it_had(
    registrar: Registrar, bus: Bus, join: Join, tmp_path: Path
):
    await registrar.enrol(bus, COUNTY)
    sibling = await join(credentials(registrar, (await registrar.enrol(bus, SIBLING)).name))
    stolen = tmp_path / "stolen.creds"
    stolen.write_text(credentials(registrar).read_text())
    county = await join(stolen)
    await registrar.revoke(bus, COUNTY)
    async with asyncio.timeout(5):
        while not county.nc.is_closed:
            await asyncio.sleep(0.001)
    assert "revoked" in str(county.nc.last_error).lower()
    with pytest.raises(nats.errors.Error):
        await join(stolen)
    await registrar.push(bus)
    await registrar.enrol(bus, COUNTY)
    with pytest.raises(nats.errors.Error):
        await join(stolen)
    assert (await join(credentials(registrar))).nc.is_connected and sibling.nc.is_connected


async def test_a_revoked_county_that_is_admitted_again_goes_on_where_it_was(registrar: Registrar, bus: Bus):
    js, place = bus.province.jetstream(), event(f"{COUNTY}.000.gov")
    async with County(await registrar.enrol(bus, COUNTY)) as county:
        await js.publish(place, b"1")
        await fetched(county, 1)
        await registrar.revoke(bus, COUNTY)
        assert not credentials(registrar).exists()
        await js.publish(place, b"2")
        waiting = asyncio.ensure_future(county.bus.fetch())
        await asyncio.sleep(0)
        await registrar.enrol(bus, COUNTY)
        async with asyncio.timeout(20):
            assert (await waiting).data == b"2"


async def test_new_credentials_go_beside_the_old_ones_and_nothing_is_lost(registrar: Registrar, bus: Bus, join: Join):
    folder = await registrar.enrol(bus, COUNTY)
    old = await join(credentials(registrar))
    js = bus.province.jetstream()
    for n in range(20):
        await js.publish(event(f"{COUNTY}.000.gov"), b"%d" % n)
    async with County(folder) as county:
        first = [(await taken(county)) for _ in range(10)]
        await registrar.rotate(bus, COUNTY)
        async with County(folder) as renewed:
            first += [(await taken(renewed)) for _ in range(10)]
    assert first == [b"%d" % n for n in range(20)]
    assert old.nc.is_connected and len(registrar.enrolments.find(COUNTY).valid(now())) == 2


async def taken(county: County) -> bytes:
    message = await county.bus.fetch()
    await message.ack_sync(timeout=2)
    return message.data


async def test_credentials_rotated_at_once_put_the_old_ones_out(registrar: Registrar, bus: Bus, join: Join):
    await registrar.enrol(bus, COUNTY)
    thief = await join(credentials(registrar))
    await registrar.rotate(bus, COUNTY, at_once=True)
    async with asyncio.timeout(5):
        while not thief.nc.is_closed:
            await asyncio.sleep(0.001)
    assert (await join(credentials(registrar))).nc.is_connected
    assert [each.expires > now() for each in registrar.enrolments.find(COUNTY).valid(now())] == [True]


async def test_a_node_that_was_never_enrolled_cannot_be_rotated_or_revoked(registrar: Registrar, bus: Bus):
    for act in (registrar.rotate(bus, COUNTY), registrar.revoke(bus, COUNTY)):
        with pytest.raises(NotEnrolled, match="duban node enroll 14"):
            await act


async def test_a_revocation_outlives_the_bus_that_forgot_it(registrar: Registrar, bus: Bus):
    await registrar.enrol(bus, COUNTY)
    await registrar.revoke(bus, COUNTY)
    again = Registrar(registrar.settings)
    assert again.enrolments.find(COUNTY).state(now()) is State.REVOKED
    body = json.loads(keys_body(again.authority.node_token(again.enrolments.find(COUNTY))))
    assert body["nats"]["revocations"]["*"] >= again.enrolments.find(COUNTY).credentials[0].issued


def keys_body(token: str) -> bytes:
    """What a JWT says."""
    part = token.split(".")[1]
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


class SlowBus(Bus):
    """A bus that another process tells something, and that takes its time: `pushing` is set meanwhile."""

    def __init__(self, bus: Bus) -> None:
        super().__init__(bus.system, bus.province)
        self.pushing = asyncio.Event()

    async def push(self, token: str) -> None:
        self.pushing.set()
        await asyncio.sleep(0.1)
        await super().push(token)


async def test_a_revocation_is_not_undone_by_what_another_process_tells_the_bus_meanwhile(
    registrar: Registrar, bus: Bus, join: Join, tmp_path: Path
):
    await registrar.enrol(bus, COUNTY)
    stolen = tmp_path / "stolen.creds"
    stolen.write_text(credentials(registrar).read_text())
    slow, other = SlowBus(bus), Registrar(registrar.settings)
    telling = asyncio.ensure_future(other.enrol(slow, COUNTY))
    await slow.pushing.wait()
    await registrar.revoke(bus, COUNTY)
    await telling
    assert registrar.enrolments.find(COUNTY).state(now()) is State.REVOKED
    with pytest.raises(nats.errors.Error):
        await join(stolen)


async def test_the_list_counts_who_is_connected_and_what_waits(registrar: Registrar, bus: Bus, join: Join):
    for node in (COUNTY, SIBLING):
        await registrar.enrol(bus, node)
    await join(credentials(registrar))
    await join(credentials(registrar))
    await bus.province.jetstream().publish(event(f"{SIBLING}.000.gov"), b"{}")
    accounts = [registrar.authority.node(node).public for node in (COUNTY, SIBLING)]
    assert list((await bus.connections(accounts)).values()) == [2, 0]
    assert [await bus.waiting(node) for node in (COUNTY, SIBLING)] == [0, 1]


async def test_a_verb_that_no_node_may_send_is_taken_by_nobody(registrar: Registrar, bus: Bus, join: Join):
    await registrar.enrol(bus, COUNTY)
    county = await join(credentials(registrar))
    with pytest.raises(NoRespondersError):
        await county.nc.request(f"duban.cmd.v1.close.{COUNTY}", b"{}", timeout=2)


async def test_telling_the_bus_everything_undoes_no_revocation(
    registrar: Registrar, bus: Bus, join: Join, monkeypatch: pytest.MonkeyPatch
):
    await registrar.enrol(bus, COUNTY)
    before = registrar.enrolments.all()
    await registrar.revoke(bus, COUNTY)
    monkeypatch.setattr(type(registrar.enrolments), "all", lambda _: before)
    assert await registrar.push(bus) == 1
    enrolment = registrar.enrolments.find(COUNTY)
    assert enrolment and enrolment.state(now()) is State.REVOKED


@pytest.fixture
async def keeping(monkeypatch: pytest.MonkeyPatch, registrar: Registrar, bus: Bus) -> AsyncIterator[None]:
    """`duban node keep` runs, after a county was enrolled."""
    monkeypatch.setattr(keeper, "PAUSE", 0.05)
    await registrar.enrol(bus, COUNTY)
    running = asyncio.ensure_future(keeper.keep(registrar.settings))
    yield
    await end([running])


@pytest.mark.parametrize("lost", [("EVENTS",), ("COMMANDS",), ("COMMANDS", "EVENTS")])
async def test_a_bus_that_lost_its_streams_has_them_and_every_node_again_by_itself(
    bus: Bus, keeping: None, lost: tuple[str, ...]
):
    before = await bus.streams_created()
    for stream in lost:
        await bus.province.jetstream().delete_stream(stream)
    async with asyncio.timeout(20):
        while "" in (after := await bus.streams_created()) or await bus.waiting(COUNTY) is None:
            await asyncio.sleep(0.05)
    changed = {name for name, was, now in zip(("COMMANDS", "EVENTS"), before, after, strict=True) if was != now}
    assert changed == set(lost)


async def test_who_keeps_the_bus_brings_the_streams_of_another_version_into_line(registrar: Registrar, bus: Bus):
    js = bus.province.jetstream()
    ours = (await js.stream_info("COMMANDS")).config
    await js.update_stream(ours.evolve(max_msgs_per_subject=3, max_age=7 * 86_400))
    assert await registrar.push(bus) == 0
    assert (await js.stream_info("COMMANDS")).config == ours
