"""The embedded PostgreSQL and nats-server themselves, and what a county may do on the bus."""

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import nats
import pytest

from deploy.local import backing, outside, postgres
from deploy.local import nats as server
from deploy.local.settings import Trouble
from tests.scratch import scratch


@pytest.fixture(scope="module")
def servers() -> Iterator[backing.Backing]:
    with scratch() as directory:
        started = backing.start(directory)
        yield started
        started.stop()


async def _quietly(error: Exception) -> None:
    """A refusal is what these tests look for; nats-py would print it."""


async def test_postgres_asks_for_the_password_and_checks_its_pages(servers: backing.Backing):
    connection = await asyncpg.connect(servers.pg_dsn)
    result = {name: await connection.fetchval(f"show {name}") for name in ("fsync", "data_checksums", "jit")}
    await connection.close()
    assert result == {"fsync": "on", "data_checksums": "on", "jit": "off"}
    parts = urlsplit(servers.pg_dsn)
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(parts._replace(netloc=f"duban:wrong@127.0.0.1:{parts.port}").geturl())


@pytest.mark.parametrize("who", ["", "duban:wrong@", "token@"])
async def test_the_bus_lets_nobody_in_without_credentials_that_it_trusts(servers: backing.Backing, who: str):
    url = servers.nats_url.replace("//", f"//{who}")
    with pytest.raises(nats.errors.Error):
        await nats.connect(url, allow_reconnect=False, error_cb=_quietly)


def test_secrets_are_readable_by_their_owner_only(place: Path):
    started = backing.start(place, durable=False)
    started.stop()
    kept = [path for name in ("secrets", "keys", "creds") for path in (place / name).iterdir()]
    kept.append(place / "nats" / "server.conf")
    assert len(kept) == 1 + 3 + 7 + 1
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


def test_a_bus_that_others_run_is_given_its_streams_before_a_service_looks_for_them(servers: backing.Backing):
    outside.prepare_nats(servers.nats_url, servers.nats_credentials.parent, None)
    assert asyncio.run(_streams(servers)) == {"EVENTS", "COMMANDS"}
    with pytest.raises(Trouble, match="要求凭据"):
        outside.prepare_nats(servers.nats_url, None, None)
    with pytest.raises(Trouble, match="没有建好事件流"):
        outside.prepare_nats(servers.nats_url, servers.nats_credentials.with_name("tasks.creds"), None)


async def _streams(servers: backing.Backing) -> set[str | None]:
    async with await nats.connect(servers.nats_url, user_credentials=str(servers.nats_credentials)) as bus:
        return {stream.config.name for stream in await bus.jetstream().streams_info()}


@pytest.mark.parametrize("file", ["meta.inf", "meta.sum"])
async def test_a_damaged_store_of_the_bus_is_named_with_its_remedy(place: Path, file: str):
    first = backing.start(place)
    bus = await nats.connect(first.nats_url, user_credentials=str(first.nats_credentials))
    await bus.jetstream().add_stream(name="EVENTS", subjects=["duban.evt.v1.>"])
    await bus.close()
    first.stop()
    [damaged] = (place / "nats").rglob(f"EVENTS/{file}")
    damaged.write_bytes(b"")
    with pytest.raises(Trouble, match="移到别处，再启动，各服务会自行补发"):
        backing.start(place)
