"""The composition root of every service: `build("alerts", handlers)` and nothing else."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any, Generic, cast

import structlog
from faststream.asgi import AsgiFastStream

from services.chassis import audit, bus, command_queue, credentials, db, log, relay, rpc_server, ticks
from services.chassis.handlers import gather
from services.chassis.health import healthz, scraped
from services.chassis.inbox import inbox_of
from services.chassis.leading import Job, campaign
from services.chassis.service import R, S, Service
from services.chassis.settings import Settings
from services.chassis.tracing import recording
from services.chassis.trouble import LOST_IN_POOL

logger = structlog.get_logger(__name__)
CHASSIS = Path(__file__).parent / "migrations"
JOBS: set[asyncio.Task[Any]] = set()
LEAVES = 1.5
"""Seconds that a service which is told to end still has for what it was asked."""
INBOX: Any = inbox_of  # a default cannot be typed by R


class App(AsgiFastStream, Generic[S, R]):
    """A service as uvicorn runs it; what stands in front of it finds the service here."""

    def __init__(self, service: Service[S, R], **options: Any) -> None:
        super().__init__(service.broker, **options)
        self.service = service


def build(
    name: str,
    *modules: ModuleType,
    settings: S | None = None,
    jobs: tuple[Callable[[Service[S, R]], Awaitable[None]], ...] = (),
    reader: Callable[[Service[S, Any]], R] = INBOX,
) -> App[S, R]:
    """Wire the handlers of `modules` to the bus and the database.

    `jobs` are the service's own endless ones; `reader` replaces the inbox over PostgreSQL.
    """
    own = settings or cast(S, Settings())  # S is Settings then
    log.setup(name, own.log_level)
    recording.setup(name)
    service = Service(name, own, gather(*modules), reader)
    rpc_server.subscribe(service)
    folder = Path(str(modules[0].__file__)).parent / "migrations"

    async def prepare() -> None:
        await prepared(service, folder)

    async def work() -> None:
        await begun(service)
        for endless in jobs:
            run(service, endless.__name__, endless(service))

    async def stop() -> None:
        await left(service)
        end(service)

    return App(
        service,
        on_startup=[prepare],
        after_startup=[work],
        on_shutdown=[stop],
        asgi_routes=[("/metrics", scraped(service)), ("/healthz", healthz(service))],
    )


async def begun(service: Service) -> None:
    """The jobs that every service has."""
    run(service, "bus", bus.watch(service))
    if file := service.credentials:
        run(service, "credentials", credentials.watch(service, file))
    await end_when_renewed(service)
    run(service, "leading", campaign(service, jobs_of(service)))


async def left(service: Service) -> None:
    """What it was asked is answered, and no more is asked of it; what takes too long is asked again by whoever asked.

    A bus that is away asks nothing.
    """
    with suppress(TimeoutError, *LOST_IN_POOL):
        async with asyncio.timeout(LEAVES):
            await rpc_server.leave(service, service.broker.subscribers)


def end(service: Service) -> None:
    """Nothing of it goes on."""
    for task in JOBS:
        task.cancel()
    service.pool.terminate()
    recording.stop()


def renewed(name: str) -> str:
    """The subject on which a service hears that its state was made anew."""
    return f"duban.renewed.{name}"


async def end_when_renewed(service: Service) -> None:
    """End this process when the service's state was made anew: what it remembers is of before."""

    async def end(_: object) -> None:
        logger.warning("starts anew: its state was rebuilt")
        os._exit(70)

    await service.nc.subscribe(renewed(service.name), cb=end)


async def prepared(service: Service, folder: Path) -> None:
    """Opened, or this process ends and says what the operator must do; uvicorn would show where in the code."""
    try:
        await patiently(service, lambda: opened(service, folder))
    except SystemExit as refusal:
        logger.critical(str(refusal))
        os._exit(os.EX_CONFIG)


async def patiently(service: Service, step: Callable[[], Awaitable[None]]) -> None:
    """Try again while the database or the bus is not there yet, for as long as a running service would wait."""
    clock = asyncio.get_running_loop().time
    end = clock() + service.settings.bus_limit
    while True:
        try:
            return await step()
        except (*LOST_IN_POOL, TimeoutError) as error:
            if clock() > end:
                raise
            logger.warning("waits to start", error=repr(error))
        await asyncio.sleep(service.settings.standby)


async def opened(service: Service, *folders: Path) -> None:
    """Schema, bus, streams and pool are ready; what fails half-way may be tried again."""
    await db.migrate(service, CHASSIS, *folders)
    await credentials.connect(service)
    await bus.ensure(service)
    service.pool = await db.opened(service)


def jobs_of(service: Service) -> dict[str, Job]:
    """The jobs of which one replica at a time leads."""
    jobs: dict[str, Job] = {
        "relay": lambda held: relay.lead(held, service),
        "sealer": lambda held: audit.seal(held, service),
    }
    if reader := service.reader:
        jobs[reader.job] = reader.lead
    if command_queue.durable(service):
        jobs["queue"] = lambda held: command_queue.lead(held, service)
    if service.handlers.ticks:
        jobs["ticks"] = lambda held: ticks.lead(held, service)
    return jobs


def run(service: Service, job: str, work: Awaitable[None]) -> None:
    """Run for as long as the process; if it ends, so does the process: kill -9 is proved harmless."""

    def ended(task: asyncio.Task[Any]) -> None:
        if not task.cancelled():
            logger.critical("a job died", job=f"{service.name}.{job}", exc_info=task.exception())
            os._exit(70)

    task = asyncio.ensure_future(work)
    JOBS.add(task)
    task.add_done_callback(ended)
