"""A database is migrated once, and one that another release made is refused in words."""

from pathlib import Path

import pytest

from services.chassis import db
from services.chassis.app import CHASSIS
from services.chassis.handlers import Handlers
from services.chassis.service import Service
from services.chassis.settings import Settings


@pytest.fixture
def service(dsn) -> Service:
    return Service("toy", Settings(pg_dsn=dsn), Handlers())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "toy/migrations").mkdir(parents=True)
    (tmp_path / "toy/migrations/0001_toy.sql").write_text("create table thing (name text)")
    return tmp_path / "toy/migrations"


async def names(service: Service) -> set[str]:
    async with db.connected(service) as connection:
        return {row["name"] for row in await connection.fetch("select name from migration")}


async def test_each_migration_is_applied_once(service, folder):
    for _ in range(2):
        await db.migrate(service, CHASSIS, folder)
    (folder / "0002_more.sql").write_text("alter table thing add column more text")
    await db.migrate(service, CHASSIS, folder)
    assert {"toy/0001_toy", "toy/0002_more"} <= await names(service)


async def test_a_migration_that_changed_after_it_was_applied_is_refused(service, folder):
    await db.migrate(service, CHASSIS, folder)
    (folder / "0000_first.sql").write_text("create table first (name text)")
    (folder / "0001_toy.sql").write_text("create table thing (name text, more text)")
    with pytest.raises(SystemExit, match=r"数据库由旧版本建立，与本版本不兼容（toy/0001_toy）.*\./dev up --fresh"):
        await db.migrate(service, CHASSIS, folder)
    assert "toy/0000_first" not in await names(service)


async def test_a_database_of_the_first_releases_is_refused(service, folder):
    async with db.connected(service) as connection:
        await connection.execute("create schema toy; create table migration (name text primary key, at timestamptz)")
        await connection.execute("insert into migration values ('chassis/0001_mail')")
    with pytest.raises(SystemExit, match="数据库由旧版本建立"):
        await db.migrate(service, CHASSIS, folder)
    assert await names(service) == {"chassis/0001_mail"}
