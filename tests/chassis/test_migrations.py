"""A database is migrated once, and one that another release made is refused in words."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from services.chassis import db
from services.chassis.app import CHASSIS, opened
from services.chassis.handlers import Handlers
from services.chassis.service import Service
from services.chassis.settings import Settings


@pytest.fixture(scope="module")
def template() -> str:
    """Nothing is migrated yet."""
    return "template1"


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


async def weak(dsn: str, password: str = "weak") -> Service:
    """A service whose user may connect and no more, with the password it says."""
    async with db.connected(Service("toy", Settings(pg_dsn=dsn), Handlers())) as connection:
        await connection.execute("drop role if exists weak; create role weak login password 'weak'")
    place = urlsplit(dsn)
    address = f"weak:{password}@{place.hostname}:{place.port}"
    return Service("toy", Settings(pg_dsn=place._replace(netloc=address).geturl()), Handlers())


async def test_what_only_an_operator_can_heal_in_the_database_is_told_in_words(dsn, folder):
    nowhere = Service("toy", Settings(pg_dsn=urlsplit(dsn)._replace(path="/nowhere").geturl()), Handlers())
    for service, words in (
        (await weak(dsn), "权限不够.*grant create"),
        (await weak(dsn, "another"), "不认 DUBAN_PG_DSN 里的用户或口令"),
        (nowhere, "没有 DUBAN_PG_DSN 所指的数据库.*nowhere"),
    ):
        with pytest.raises(SystemExit, match=words):
            await db.migrate(service, CHASSIS, folder)


async def test_a_pooler_that_ignores_the_search_path_gets_no_table_in_the_wrong_place(service, folder, monkeypatch):
    monkeypatch.setattr(db, "session", lambda service: db.ALIVE)
    with pytest.raises(SystemExit, match="PgBouncer"):
        await db.migrate(service, CHASSIS, folder)
    async with db.connected(service) as connection:
        assert await connection.fetchval("select count(*) from pg_tables where schemaname in ('public', 'toy')") == 0


async def test_credentials_that_are_not_there_are_named(dsn, folder, tmp_path: Path):
    service = Service("toy", Settings(pg_dsn=dsn, nats_credentials=tmp_path / "none.creds"), Handlers())
    with pytest.raises(SystemExit, match=r"none\.creds.*请用 duban node setup"):
        await opened(service, folder)
