"""The embedded PostgreSQL and nats-server themselves, and what a county may do on the bus."""

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import nats
import pytest
from nats.aio.client import Client
from nats.errors import TimeoutError as NoAnswer
from nats.js.api import ConsumerConfig, StreamConfig
from nats.js.errors import BadRequestError

from deploy.local import backing, postgres
from deploy.local import nats as server
from deploy.local.nats import User
from deploy.local.settings import Trouble
from deploy.nats.county import consumers, county_permissions, inbox_prefix
from tests.scratch import scratch

COUNTY, SIBLING = "14.10.02", "14.10.03"
EVERYONE, CITY = "14.00.00.000.all", "14.10.00.000.all"


@pytest.fixture(scope="module")
def servers() -> Iterator[backing.Backing]:
    users = [User(node, "secret", county_permissions(node)) for node in (COUNTY, SIBLING)]
    with scratch() as directory:
        started = backing.start(directory, users)
        yield started
        started.stop()


@pytest.fixture
async def province(servers: backing.Backing) -> AsyncIterator[Client]:
    """The services' own connection, with the two streams and one event for each of four addresses."""
    connection = await nats.connect(servers.nats_url)
    js = connection.jetstream()
    await js.add_stream(StreamConfig(name="EVENTS", subjects=["duban.evt.>"]))
    await js.add_stream(StreamConfig(name="COMMANDS", subjects=["duban.cmd.>"]))
    for address in (f"{COUNTY}.000.fgw", f"{SIBLING}.000.fgw", EVERYONE, CITY):
        await js.publish(event(address), address.encode())
    yield connection
    for stream in ("EVENTS", "COMMANDS"):
        await js.delete_stream(stream)
    await connection.close()


@pytest.fixture
async def county(servers: backing.Backing) -> AsyncIterator[Client]:
    connection = await nats.connect(
        f"nats://{urlsplit(servers.nats_url).netloc.rpartition('@')[2]}",
        user=COUNTY,
        password="secret",
        inbox_prefix=inbox_prefix(COUNTY).encode(),
        error_cb=_quietly,
    )
    yield connection
    await connection.close()


async def _quietly(error: Exception) -> None:
    """A refusal is what these tests look for; nats-py would print it."""


def event(address: str) -> str:
    return f"duban.evt.v1.assignment.issued.{address}"


def durable(name: str, address: str, **more: object) -> ConsumerConfig:
    return ConsumerConfig(name=name, durable_name=name, filter_subject=f"duban.evt.v1.*.*.{address}", **more)


async def test_a_county_reads_its_own_events_and_what_is_for_all(province: Client, county: Client):
    js = county.jetstream(timeout=2)
    received = []
    for name, address in consumers(COUNTY).items():
        await js.add_consumer("EVENTS", durable(name, address))
        mine = await js.pull_subscribe_bind(name, "EVENTS")
        for message in await mine.fetch(1, timeout=2):
            await message.ack_sync(timeout=2)
            received.append(message.data.decode())
        with pytest.raises(NoAnswer):
            await mine.fetch(1, timeout=0.2)
        info = await js.consumer_info("EVENTS", name)
        assert (info.num_ack_pending, info.num_pending) == (0, 0)
    assert received == [f"{COUNTY}.000.fgw", EVERYONE, CITY]


@pytest.mark.parametrize("address", [f"{SIBLING}.>", f"{COUNTY[:5]}.>", ">"])
async def test_a_county_cannot_make_a_consumer_over_more_than_its_own(province: Client, county: Client, address: str):
    with pytest.raises(NoAnswer):
        await county.jetstream(timeout=0.5).add_consumer("EVENTS", durable(next(iter(consumers(COUNTY))), address))


async def test_a_county_cannot_slip_another_filter_into_the_body_of_its_request(province: Client, county: Client):
    name, address = next(iter(consumers(COUNTY).items()))
    subject = f"$JS.API.CONSUMER.CREATE.EVENTS.{name}.duban.evt.v1.*.*.{address}"
    for filters in ('"filter_subject":"duban.evt.>"', '"filter_subjects":["duban.evt.>"]'):
        body = f'{{"stream_name":"EVENTS","config":{{"name":"{name}","durable_name":"{name}",{filters}}}}}'
        answer = await county.request(subject, body.encode(), timeout=2)
        assert b'"error"' in answer.data
    with pytest.raises(nats.js.errors.NotFoundError):
        await province.jetstream().consumer_info("EVENTS", name)


async def test_a_county_cannot_use_its_siblings_consumer(province: Client, county: Client):
    name, address = next(iter(consumers(SIBLING).items()))
    await province.jetstream().add_consumer("EVENTS", durable(name, address))
    theirs = await county.jetstream().pull_subscribe_bind(name, "EVENTS")
    with pytest.raises(NoAnswer):
        await theirs.fetch(1, timeout=0.5)
    assert (await province.jetstream().consumer_info("EVENTS", name)).num_pending == 1


async def test_a_county_cannot_listen_to_subjects_or_to_others_inboxes(province: Client, county: Client):
    subscriptions = [await county.subscribe(subject) for subject in (event(f"{SIBLING}.>"), "duban.>", "_INBOX.>", ">")]
    await county.flush()
    await province.jetstream().publish(event(f"{SIBLING}.000.fgw"), b"not yours")
    await province.publish("_INBOX.someone", b"not yours")
    await province.flush()
    for ear in subscriptions:
        with pytest.raises((NoAnswer, nats.errors.BadSubscriptionError)):
            await ear.next_msg(timeout=0.2)


async def test_a_county_publishes_its_commands_but_no_event_and_no_siblings_command(province: Client, county: Client):
    js = county.jetstream(timeout=0.5)
    assert (await js.publish(f"duban.cmd.v1.report.{COUNTY}", b"{}")).stream == "COMMANDS"
    for forged in (
        event(f"{COUNTY}.000.fgw"),
        event(EVERYONE),
        f"duban.cmd.v1.report.{SIBLING}",
        f"duban.cmd.v1.report.{COUNTY}.000.fgw",
    ):
        with pytest.raises(NoAnswer):
            await js.publish(forged, b"{}")
    state = {s.config.name: s.state.messages for s in await province.jetstream().streams_info()}
    assert state == {"EVENTS": 4, "COMMANDS": 1}


async def test_a_county_cannot_touch_the_streams(province: Client, county: Client):
    js = county.jetstream(timeout=0.5)
    for attempt in (js.purge_stream("EVENTS"), js.delete_stream("EVENTS"), js.get_msg("EVENTS", 2)):
        with pytest.raises((NoAnswer, BadRequestError)):
            await attempt
    assert (await province.jetstream().stream_info("EVENTS")).state.messages == 4


@pytest.mark.parametrize("node", ["14.10", "14.10.00", "14.10.02.001", "14.10.02.>", "14.*.02", "", "１４.10.02"])
def test_permissions_are_made_for_a_county_address_only(node: str):
    with pytest.raises(ValueError, match=r"例如 14\.10\.02"):
        county_permissions(node)


async def test_postgres_asks_for_the_password_and_checks_its_pages(servers: backing.Backing):
    connection = await asyncpg.connect(servers.pg_dsn)
    result = {name: await connection.fetchval(f"show {name}") for name in ("fsync", "data_checksums", "jit")}
    await connection.close()
    assert result == {"fsync": "on", "data_checksums": "on", "jit": "off"}
    parts = urlsplit(servers.pg_dsn)
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(parts._replace(netloc=f"duban:wrong@127.0.0.1:{parts.port}").geturl())


async def test_the_bus_asks_for_the_password(servers: backing.Backing):
    port = urlsplit(servers.nats_url).port
    with pytest.raises(nats.errors.Error):
        await nats.connect(f"nats://duban:wrong@127.0.0.1:{port}", allow_reconnect=False, error_cb=_quietly)


def test_passwords_are_readable_by_their_owner_only(servers: backing.Backing, place: Path):
    started = backing.start(place, durable=False)
    started.stop()
    kept = [*(place / "secrets").iterdir(), place / "nats" / "server.conf"]
    assert len(kept) == 3
    assert {oct(path.stat().st_mode & 0o777) for path in kept} == {"0o600"}


def test_a_stale_lock_whose_number_another_process_now_has_does_not_block_postgres(place: Path):
    started = backing.start(place, durable=False)
    started.postgres.send(signal.SIGKILL)
    started.stop()
    lock = place / "pg" / "postmaster.pid"
    lines = lock.read_text().splitlines()
    with subprocess.Popen(["sleep", "60"]) as stranger:
        lock.write_text("\n".join([str(stranger.pid), *lines[1:]]))
        try:
            backing.start(place, durable=False).stop()
            assert stranger.poll() is None
        finally:
            stranger.kill()


def test_a_cluster_half_made_by_an_interrupted_start_is_made_again(place: Path):
    (place / "pg.new" / "base").mkdir(parents=True)
    backing.start(place, durable=False).stop()
    assert not (place / "pg.new").exists()


def test_a_lost_password_and_an_older_cluster_are_answered_clearly(place: Path):
    backing.start(place, durable=False).stop()
    (place / "pg" / "PG_VERSION").write_text("17\n")
    with pytest.raises(Trouble, match="由 PostgreSQL 17 建立，当前为 18"):
        postgres.prepare(place / "pg", place / "secrets")
    (place / "secrets" / "postgres").unlink()
    with pytest.raises(Trouble, match="缺少数据库口令文件"):
        postgres.prepare(place / "pg", place / "secrets")


def test_servers_that_are_too_old_are_refused():
    with pytest.raises(Trouble, match="需要 16 或更高"):
        postgres.check_version(15)
    with pytest.raises(Trouble, match=r"需要 2\.15 或更高"):
        server.check_version("2.14.9")
    postgres.check_version(16)
    server.check_version("2.15.0-RC.1")


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="only root needs to become somebody else")
def test_root_without_user_namespaces_runs_postgres_as_nobody(place: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(postgres, "_namespaces", lambda: False)
    started = backing.start(place, durable=False)
    try:
        assert Path(f"/proc/{started.postgres.pid}").stat().st_uid == postgres.NOBODY
        assert asyncio.run(_one(started.pg_dsn)) == 1
    finally:
        started.stop()


async def _one(dsn: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval("select 1")
    finally:
        await connection.close()
