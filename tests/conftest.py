"""Real parts for every test: one PostgreSQL and one nats-server a run, a database and streams of one's own a test."""

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import nats
import pytest
import uvloop
from hypothesis import settings as hypothesis_settings

from deploy.local import backing as local
from services.chassis import db, log
from services.chassis.app import opened
from services.chassis.handlers import gather
from services.chassis.inbox import inbox_of
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.nodes.bus import prepare
from tests.scratch import scratch

CHASSIS = Path(__file__).parent.parent / "services/chassis/migrations"
hypothesis_settings.register_profile("ci", deadline=None, max_examples=60, derandomize=True)
hypothesis_settings.register_profile("dev", deadline=None, max_examples=50)
hypothesis_settings.load_profile("ci" if os.environ.get("CI") else "dev")


log.setup("tests")


def pytest_collection_finish() -> None:
    """What was imported stays: the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loop on which services run."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory of one's own for servers."""
    with scratch() as directory:
        yield directory


@pytest.fixture(scope="session")
def backing() -> Iterator[local.Backing]:
    """A PostgreSQL and a nats-server for this run alone."""
    with scratch() as directory:
        started = local.start(directory, durable=False)
        with pytest.MonkeyPatch.context() as environment:  # wherever settings are read in this run, they find these
            environment.setenv("DUBAN_NATS_CREDENTIALS", str(started.nats_credentials))
            yield started
        started.stop()


@asynccontextmanager
async def database(backing: local.Backing, template: str = "template1") -> AsyncIterator[str]:
    """A database of one's own: an empty one, or a copy."""
    name = f"t{uuid4().hex[:12]}"
    admin = await asyncpg.connect(backing.pg_dsn)
    await admin.execute(f"create database {name} template {template} strategy file_copy")
    yield at(backing, name)
    await admin.execute(f"drop database {name} with (force)")
    await admin.close()


def at(backing: local.Backing, name: str) -> str:
    """The address of a database."""
    return urlsplit(backing.pg_dsn)._replace(path=f"/{name}").geturl()


@pytest.fixture(scope="session")
def template() -> str:
    """What every database of a test is a copy of: an empty one, or where a part says so one with its schemas."""
    return "template1"


def migrated(backing: local.Backing, **services: ModuleType) -> str:
    """The name of a database with the schemas of these services: to copy it takes a fourth of migrating anew."""
    name = f"template{uuid4().hex[:12]}"

    async def made() -> None:
        admin = await asyncpg.connect(backing.pg_dsn)
        await admin.execute(f"create database {name}")
        await admin.close()
        for each, module in services.items():
            service = Service(each, Settings(pg_dsn=at(backing, name)), gather(module))
            await db.migrate(service, CHASSIS, Path(str(module.__file__)).parent / "migrations")

    asyncio.run(made())
    return name


@pytest.fixture
async def dsn(backing: local.Backing, template: str) -> AsyncIterator[str]:
    """A database of one's own."""
    async with database(backing, template) as own:
        yield own


@dataclass
class House:
    """Services over one database and one pair of streams."""

    settings: Settings
    running: AsyncExitStack

    async def service(
        self, name: str, *modules: ModuleType, settings: Any = None, reader: Callable[[Any], Any] = inbox_of
    ) -> Any:
        """A service, migrated and connected, without its jobs: a test calls what it tests.

        `settings`: an instance of the service's own class, else of the chassis's.
        """
        service = Service(name, settings or self.settings, gather(*modules), reader)
        folders = {Path(str(module.__file__)).parent / "migrations" for module in modules}
        await opened(service, *folders)
        self.running.push_async_callback(service.broker.stop)
        self.running.callback(service.pool.terminate)
        return service


@pytest.fixture
async def house(backing: local.Backing, dsn: str, tmp_path: Path) -> AsyncIterator[House]:
    """An empty house: database, streams and blob store of its own."""
    settings = Settings(pg_dsn=dsn, nats_url=backing.nats_url, var=tmp_path, patience=(0,), idle=0.2, tick=0.05)
    await prepare(settings)
    async with AsyncExitStack() as running:
        yield House(settings, running)
    bus = await nats.connect(**settings.bus())
    for stream in await bus.jetstream().streams_info():
        await bus.jetstream().delete_stream(str(stream.config.name))
    await bus.close()
