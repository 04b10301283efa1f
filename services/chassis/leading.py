"""Jobs of which one replica at a time leads: it works on the very connection that holds the lock."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping

import structlog
from asyncpg import Connection

from services.chassis import db, metrics, trouble
from services.chassis.service import Service

logger = structlog.get_logger(__name__)

Work = Callable[[Connection], Awaitable[None]]
FREE = """
select job from unnest($1::text[]) job where pg_try_advisory_lock(hashtextextended($2 || '.' || job, 0)) limit 1
"""
"""Takes the first free lock and tries no further one; a blocking lock would hold back vacuum."""

HOLDERS = """
select pg_terminate_backend(pid) from pg_locks
where locktype = 'advisory' and granted and objsubid = 1
    and database = (select oid from pg_database where datname = current_database())
    and (classid::bigint << 32) | objid::bigint = hashtextextended($1, 0)
"""
LETS_GO = 30.0
"""Seconds in which a running service lets go of its jobs."""


class StillRunning(RuntimeError):
    """The service does not let go of its jobs."""


async def stand(service: Service, jobs: Mapping[str, Work]) -> None:
    """Run each job wherever its lock is held, for as long as the process; one connection waits for all of them.

    A job whose connection is lost, or which finds the disk full, queues again; any other error ends all.
    """
    waiting = dict(jobs)

    async def lead(job: str, held: Connection) -> None:
        leading = metrics.LEADING.labels(service.name, job)
        leading.set(1)
        logger.info("leads", job=job)
        try:
            await jobs[job](held)
        except Exception as error:
            if words := trouble.full(error):
                service.tell("disk", words)
            elif not held.is_closed() and not isinstance(error, trouble.LOST):
                raise
            logger.warning("queues again", job=job, error=repr(error))
        finally:
            held.terminate()
            leading.set(0)
        await asyncio.sleep(service.settings.standby)
        waiting[job] = jobs[job]

    async with asyncio.TaskGroup() as group:
        while True:
            job, held = await won(service, waiting)
            del waiting[job]
            group.create_task(lead(job, held))


async def won(service: Service, waiting: Mapping[str, Work]) -> tuple[str, Connection]:
    """The next of these jobs to lead, and the connection that holds its lock.

    Who does not hear the bus stands for nothing: it would win and do no work.
    """
    while True:
        try:
            if waiting and service.nc.is_connected:
                return await _won(service, waiting)
        except trouble.LOST as error:
            logger.warning("waits for the database", error=repr(error))
        await asyncio.sleep(service.settings.standby)


async def _won(service: Service, waiting: Mapping[str, Work]) -> tuple[str, Connection]:
    """Raises ConnectionError where nothing is waited for any more, or the bus or the database is gone."""
    held = await db.connect(service)
    try:
        while waiting and service.nc.is_connected and not held.is_closed():
            if job := await held.fetchval(FREE, list(waiting), service.name):
                return job, held
            await asyncio.sleep(service.settings.standby)
        raise ConnectionError("stands for nothing")
    except BaseException:
        held.terminate()
        raise


async def pause(service: Service, connection: Connection, jobs: Iterable[str]) -> None:
    """Take the locks of these jobs; whoever held one has lost its connection. Raises StillRunning."""
    for job in jobs:
        name, end = f"{service.name}.{job}", time.monotonic() + LETS_GO
        while not await db.held(connection, name):
            if time.monotonic() > end:
                raise StillRunning(f"{service.name} 的 {job} 没有停下来")
            await connection.execute(HOLDERS, name)
            await asyncio.sleep(0.05)
