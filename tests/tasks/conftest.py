"""A province already seeded, copied for each test: writing 8,900 units takes seconds, a copy a moment."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from deploy.local import backing as local
from services.chassis import db, outbox
from services.chassis.handlers import gather
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.tasks import handlers, ticks
from tests.conftest import CHASSIS, House, at, database

MIGRATIONS = Path(handlers.__file__).parent / "migrations"


@pytest.fixture(scope="session")
def province(backing: local.Backing) -> Iterator[str]:
    """The name of a database in which tasks had its first start."""
    name = f"province{uuid4().hex[:8]}"

    async def seed() -> None:
        admin = await asyncpg.connect(backing.pg_dsn)
        await admin.execute(f"create database {name}")
        await admin.close()
        service = Service("tasks", Settings(pg_dsn=at(backing, name)), gather(handlers, ticks))
        await db.migrate(service, CHASSIS, MIGRATIONS)
        async with db.connected(service) as connection, connection.transaction():
            events = await ticks.seed_register(connection, await connection.fetchval("select now()"), service)
            await outbox.emit(connection, service.handlers, events)
        await asyncio.sleep(0.1)

    asyncio.run(seed())
    yield name


@pytest.fixture
async def dsn(backing: local.Backing, province: str) -> AsyncIterator[str]:
    """A copy of the province."""
    async with database(backing, province) as own:
        yield own


@pytest.fixture
async def service(house: House) -> Service:
    """The tasks service over its copy, without its jobs."""
    return await house.service("tasks", handlers, ticks)
