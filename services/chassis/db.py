"""PostgreSQL: one schema per service, one connection per lock."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import structlog
from asyncpg import Connection, Pool
from nats.errors import Error

from services.chassis import metrics
from services.chassis.service import Service

log = structlog.get_logger(__name__)

LOST = (
    OSError,
    TimeoutError,
    Error,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # asyncpg loses its place when the server dies in mid-sentence
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
)  # try again; all else is a bug
ALIVE = {"tcp_keepalives_idle": "2", "tcp_keepalives_interval": "1", "tcp_keepalives_count": "3"}
IDLE = 60
"""Seconds after which a connection nobody uses is given back: each is a process of PostgreSQL of 5 to 40 MB."""
OLDEST = 16
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
        server_settings=session(service),
        reset=nothing,
    )


async def nothing(_: Connection) -> None:
    """No handler changes its session beyond the transaction, so a returned connection needs no reset."""


@asynccontextmanager
async def connected(service: Service) -> AsyncIterator[Connection]:
    """One connection of its own."""
    connection = await asyncpg.connect(service.settings.pg_dsn, server_settings=session(service))
    try:
        yield connection
    finally:
        connection.terminate()


async def lead(service: Service, job: str, work: Callable[[Connection], Awaitable[None]]) -> None:
    """Run `work` wherever the lock is held; the connection that holds the lock is the one that writes."""
    leading, name = metrics.LEADING.labels(service.name, job), f"{service.name}.{job}"
    while True:
        try:
            async with connected(service) as db:
                while not await held(db, name):
                    await asyncio.sleep(service.settings.standby)  # a blocking lock would hold back vacuum
                leading.set(1)
                log.info("leads", job=name)
                await work(db)
        except LOST as error:
            log.warning("queues again", job=name, error=repr(error))
        leading.set(0)
        await asyncio.sleep(service.settings.standby)


async def held(db: Connection, name: str) -> bool:
    """This connection now holds the lock of that name."""
    return await db.fetchval("select pg_try_advisory_lock(hashtextextended($1, 0))", name)


async def migrate(service: Service, *folders: Path) -> None:
    """Apply each NNNN_name.sql not yet applied, under a lock, in one transaction."""
    async with connected(service) as db, db.transaction():
        if db.get_server_version().major < OLDEST:
            raise SystemExit(f"PostgreSQL {OLDEST} or newer is needed, this is {db.get_server_version()}")
        await db.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", f"{service.name}.migrate")
        await db.execute(f"create schema if not exists {service.name}")
        await db.execute("create table if not exists migration (name text primary key, at timestamptz default now())")
        done = {row["name"] for row in await db.fetch("select name from migration")}
        for path in (path for folder in folders for path in sorted(folder.glob("*.sql"))):
            if (name := f"{path.parent.parent.name}/{path.stem}") not in done:
                await db.execute(path.read_text())
                await db.execute("insert into migration (name) values ($1)", name)
        await db.execute(MONTHS)
