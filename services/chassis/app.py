"""The composition root of every service: `build("alerts", handlers)` and nothing else."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import ModuleType
from typing import Any, Generic, cast

import structlog
from faststream.asgi import AsgiFastStream, AsgiResponse, get
from prometheus_client import make_asgi_app

from services.chassis import audit, bus, command_queue, db, log, metrics, outbox, rpc_server, ticks
from services.chassis.handlers import gather
from services.chassis.inbox import inbox_of
from services.chassis.service import R, S, Service
from services.chassis.settings import Settings

logger = structlog.get_logger(__name__)
CHASSIS = Path(__file__).parent / "migrations"
JOBS: set[asyncio.Task[Any]] = set()
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
    log.setup(name)
    service = Service(name, settings or cast(S, Settings()), gather(*modules), reader)  # S is Settings then
    rpc_server.subscribe(service)
    folder = Path(str(modules[0].__file__)).parent / "migrations"

    async def prepare() -> None:
        await opened(service, folder)

    async def work() -> None:
        run(service, "bus", bus.watch(service))
        for job, running in leading(service).items():
            run(service, job, running)
        for endless in jobs:
            run(service, endless.__name__, endless(service))

    async def stop() -> None:
        for task in JOBS:
            task.cancel()
        service.pool.terminate()

    return App(
        service,
        on_startup=[prepare],
        after_startup=[work],
        on_shutdown=[stop],
        asgi_routes=[("/metrics", make_asgi_app()), ("/healthz", healthz(service))],
    )


async def opened(service: Service, *folders: Path) -> None:
    """Schema, pool, bus and streams are ready."""
    await db.migrate(service, CHASSIS, *folders)
    service.pool = await db.opened(service)
    await service.broker.connect()
    await bus.ensure(service)


def leading(service: Service) -> dict[str, Awaitable[None]]:
    """The jobs of which one replica at a time leads."""
    jobs = {
        "relay": db.lead(service, "relay", lambda held: outbox.relay(held, service)),
        "sealer": db.lead(service, "sealer", lambda held: audit.seal(held, service)),
    }
    if reader := service.reader:
        jobs[reader.job] = db.lead(service, reader.job, reader.lead)
    if command_queue.durable(service):
        jobs["queue"] = db.lead(service, "queue", lambda held: command_queue.lead(held, service))
    return jobs | {name: start() for name, start in ticks.jobs(service).items()}


def run(service: Service, job: str, work: Awaitable[None]) -> None:
    """Run for as long as the process; if it ends, so does the process: kill -9 is proved harmless."""

    def ended(task: asyncio.Task[Any]) -> None:
        if not task.cancelled():
            logger.critical("a job died", job=f"{service.name}.{job}", exc_info=task.exception())
            os._exit(70)

    task = asyncio.ensure_future(work)
    JOBS.add(task)
    task.add_done_callback(ended)


async def health(service: Service) -> tuple[bool, dict[str, Any]]:
    """Green only if the bus and the database answer and no event waits too long in the outbox."""
    try:
        async with asyncio.timeout(2):
            await service.nc.flush()
            age = await outbox.age(service.pool)
            lag = await service.reader.lag() if service.reader else 0
    except Exception as error:
        return False, {"ok": False, "service": service.name, "error": repr(error)}
    metrics.OUTBOX_AGE.labels(service.name).set(age)
    metrics.LAG.labels(service.name).set(lag)
    ok = age < service.settings.outbox_limit
    return ok, {"ok": ok, "service": service.name, "outbox_age": age, "inbox_lag": lag}


def healthz(service: Service) -> Any:
    """The health as a page."""

    @get
    async def page(scope: Any) -> AsgiResponse:
        ok, state = await health(service)
        return AsgiResponse(json.dumps(state).encode(), 200 if ok else 503)

    return page
