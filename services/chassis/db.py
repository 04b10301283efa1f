"""PostgreSQL: one schema per service, one connection per lock."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
from asyncpg import Connection, Pool

from services.chassis import trouble
from services.chassis.service import Service

ALIVE = {"tcp_keepalives_idle": "2", "tcp_keepalives_interval": "1", "tcp_keepalives_count": "3"}
GONE = (asyncpg.InternalClientError, asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError)
PATIENCE = 10
"""Seconds in which the server must take a new connection."""
IDLE = 60
"""Seconds after which a connection nobody uses is given back: each is a process of PostgreSQL of 5 to 40 MB."""
OLDEST = 16
MIGRATION = """
create table if not exists migration (
    name text primary key, digest text not null, at timestamptz not null default now()
)
"""
OLDER = "数据库由旧版本建立，与本版本不兼容（{}）；请新建数据库并改 DUBAN_PG_DSN，本机演示用 ./dev up --fresh"
MONTHS = """
do $$ declare month date; begin
    for month in select date_trunc('month', now() at time zone 'UTC') + make_interval(months => n)
                 from generate_series(0, 2) n loop
        execute format('create table if not exists outbox_%s partition of outbox for values from (%L) to (%L)',
            to_char(month, 'YYYYMM'), month::timestamp at time zone 'UTC',
            (month + interval '1 month')::timestamp at time zone 'UTC');
    end loop;
end $$
"""


REFUSED = {
    asyncpg.InvalidAuthorizationSpecificationError: "数据库不认 DUBAN_PG_DSN 里的用户或口令（{}）：请改正",
    asyncpg.InvalidCatalogNameError: "没有 DUBAN_PG_DSN 所指的数据库（{}）：请先建立",
    asyncpg.InsufficientPrivilegeError: "DUBAN_PG_DSN 里的用户权限不够（{}）：请以管理员执行 "
    "grant create on database 数据库名 to 用户名，或改用数据库的所有者",
}
"""What no waiting heals; the remedy is the operator's."""
POOLED = "连接池（PgBouncer）没有转达 search_path，表会建错地方：请让 DUBAN_PG_DSN 直接指向 PostgreSQL"


class Unavailable(ConnectionError):
    """The database did not answer, or was lost before it confirmed the commit."""


def session(service: Service) -> dict[str, str]:
    """What every connection of this service is told."""
    return ALIVE | {"search_path": service.name, "application_name": f"duban {service.name}", "timezone": "UTC"}


async def opened(service: Service) -> Pool:
    """The pool of command handlers and questions."""
    return await asyncpg.create_pool(
        service.settings.pg_dsn,
        min_size=1,
        max_size=service.settings.pool,
        max_inactive_connection_lifetime=IDLE,
        timeout=PATIENCE,
        server_settings=session(service),
        reset=nothing,
    )


async def nothing(_: Connection) -> None:
    """No handler changes its session beyond the transaction, so a returned connection needs no reset."""


@asynccontextmanager
async def acquired(pool: Pool) -> AsyncIterator[Connection]:
    """A connection of the pool. Raises Unavailable where none can be had, or where it is lost meanwhile."""
    try:
        connection = await pool.acquire()
    except (*trouble.LOST_IN_POOL, TimeoutError) as error:
        raise Unavailable from error
    try:
        yield connection
    except Exception as error:
        if isinstance(error, GONE) or is_lost(connection):
            raise Unavailable from error
        raise
    finally:
        await pool.release(connection)


def is_lost(connection: Connection) -> bool:
    """A pooled connection is no longer there; the pool takes it back as soon as it notices."""
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:
        return True


async def connect(service: Service) -> Connection:
    """Raises ConnectionError where the server does not answer in time."""
    try:
        return await asyncpg.connect(service.settings.pg_dsn, server_settings=session(service), timeout=PATIENCE)
    except TimeoutError as error:
        raise ConnectionError("the database does not answer") from error


@asynccontextmanager
async def connected(service: Service) -> AsyncIterator[Connection]:
    """One connection of its own."""
    connection = await connect(service)
    try:
        yield connection
    finally:
        connection.terminate()


async def held(db: Connection, name: str) -> bool:
    """This connection now holds the lock of that name."""
    return await db.fetchval("select pg_try_advisory_lock(hashtextextended($1, 0))", name)


async def migrate(service: Service, *folders: Path) -> None:
    """The schema is there and as this version wants it. Raises SystemExit where only an operator can help."""
    try:
        await _migrate(service, *folders)
    except tuple(REFUSED) as error:
        words = next(words for kind, words in REFUSED.items() if isinstance(error, kind))
        raise SystemExit(words.format(error)) from None


async def _migrate(service: Service, *folders: Path) -> None:
    """Apply each NNNN_name.sql not yet applied, under a lock, in one transaction."""
    async with connected(service) as db, db.transaction():
        if (version := db.get_server_version()).major < OLDEST:
            raise SystemExit(f"需要 PostgreSQL {OLDEST} 或更新的版本，现为 {version.major}.{version.minor}")
        await db.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", f"{service.name}.migrate")
        await db.execute(f"create schema if not exists {service.name}")
        if await db.fetchval("select current_schema()") != service.name:
            raise SystemExit(POOLED)
        await db.execute(MIGRATION)
        try:
            applied = {row["name"]: row["digest"] for row in await db.fetch("select name, digest from migration")}
        except asyncpg.UndefinedColumnError:
            raise SystemExit(OLDER.format(service.name)) from None
        for path in (path for folder in folders for path in sorted(folder.glob("*.sql"))):
            name, sql = f"{path.parent.parent.name}/{path.stem}", path.read_text()
            digest = hashlib.sha256(sql.encode()).hexdigest()
            if applied.get(name, digest) != digest:
                raise SystemExit(OLDER.format(name))
            if name not in applied:
                await db.execute(sql)
                await db.execute("insert into migration (name, digest) values ($1, $2)", name, digest)
        await db.execute(MONTHS)
