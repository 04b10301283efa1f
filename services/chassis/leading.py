"""Jobs of which one replica at a time leads: it works on the very connection that holds the lock."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from contextlib import suppress
from typing import Any

import structlog
from asyncpg import Connection

from services.chassis import db, metrics, trouble
from services.chassis.service import Service

logger = structlog.get_logger(__name__)

Job = Callable[[Connection], Awaitable[None]]
ACQUIRE = """
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


async def campaign(service: Service, jobs: Mapping[str, Job]) -> None:
    """Run each job wherever its lock is held, for as long as the process; one connection waits for all of them.

    A job whose connection is lost, or which finds the disk full, queues again; any other error ends all.
    """
    waiting = dict(jobs)

    async def work(job: str, held: Connection) -> None:
        await lead(service, job, jobs[job], held)
        await asyncio.sleep(service.settings.standby)
        waiting[job] = jobs[job]

    contender, leaders = asyncio.ensure_future(acquire(service, waiting)), set[asyncio.Task[None]]()
    try:
        while True:
            done, _ = await asyncio.wait({contender, *leaders}, return_when=asyncio.FIRST_COMPLETED)
            for leader in leaders & done:
                leaders.remove(leader)
                leader.result()  # raises a bug
            if contender in done:
                job, held = contender.result()
                del waiting[job]
                leaders.add(asyncio.ensure_future(work(job, held)))
                contender = asyncio.ensure_future(acquire(service, waiting))
    finally:
        await end({contender, *leaders})
        if not contender.cancelled() and not contender.exception():
            contender.result()[1].terminate()


async def lead(service: Service, job: str, work: Job, held: Connection) -> None:
    """Work until the connection or the bus is lost, or the disk is full; any other error is a bug and raised."""
    leading = metrics.LEADING.labels(service.name, job)
    leading.set(1)
    logger.info("leads", job=job)
    try:
        await work(held)
    except Exception as error:
        if words := trouble.full(error):
            service.report_trouble("disk", words)
        elif not held.is_closed() and not isinstance(error, trouble.LOST):
            raise
        logger.warning("queues again", job=job, error=repr(error))
    finally:
        held.terminate()
        leading.set(0)


async def end(tasks: Collection[asyncio.Task[Any]]) -> None:
    """Cancel until all have ended: Python 3.11's wait_for, which nats-py uses, may swallow a cancellation."""
    while tasks:
        for task in tasks:
            task.cancel()
        with suppress(asyncio.CancelledError):
            tasks = (await asyncio.wait(tasks, timeout=1))[1]


async def acquire(service: Service, waiting: Mapping[str, Job]) -> tuple[str, Connection]:
    """The next of these jobs to lead, and the connection that holds its lock.

    Who does not hear the bus stands for nothing: it would win and do no work.
    """
    while True:
        try:
            if waiting and service.nc.is_connected and (acquire := await _acquire(service, waiting)):
                return acquire
        except trouble.LOST as error:
            logger.warning("waits for the database", error=repr(error))
        await asyncio.sleep(service.settings.standby)


async def _acquire(service: Service, waiting: Mapping[str, Job]) -> tuple[str, Connection] | None:
    """None where nothing is waited for any more, or the bus or the database is gone."""
    held, job = await db.connect(service), None
    try:
        while waiting and service.nc.is_connected and not held.is_closed():
            if job := await held.fetchval(ACQUIRE, list(waiting), service.name):
                return job, held
            await asyncio.sleep(service.settings.standby)
        return None
    finally:
        if not job:
            held.terminate()


async def take_over(service: Service, connection: Connection, jobs: Iterable[str]) -> None:
    """Take the locks of these jobs; whoever held one has lost its connection. Raises StillRunning."""
    for job in jobs:
        name, end = f"{service.name}.{job}", time.monotonic() + LETS_GO
        while not await db.held(connection, name):
            if time.monotonic() > end:
                raise StillRunning(f"{service.name} 的 {job} 没有停下来")
            await connection.execute(HOLDERS, name)
            await asyncio.sleep(0.05)
