"""The composition root of every service: `build("alerts", handlers)` and nothing else."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import structlog
from faststream.asgi import AsgiFastStream, AsgiResponse, get
from prometheus_client import make_asgi_app

from services.chassis import audit, bus, clock, db, desk, log, metrics, outbox
from services.chassis.handlers import gather
from services.chassis.inbox import listening
from services.chassis.service import Service
from services.chassis.settings import Settings

logger = structlog.get_logger(__name__)
CHASSIS = Path(__file__).parent / "migrations"
JOBS: set[asyncio.Task[Any]] = set()

Job = Callable[[Service], Awaitable[None]]


def build(
    service: str,
    *modules: ModuleType,
    settings: Settings | None = None,
    jobs: tuple[Job, ...] = (),
    reader: Callable[[Service], Any] = listening,
) -> AsgiFastStream:
    """Wire what is marked in `modules` to the bus and the database.

    `jobs` are the service's own endless ones; `reader` is another than the mailbox over PostgreSQL.
    """
    log.setup(service)
    service = Service(service, settings or Settings(), gather(*modules))
    mailbox = reader(service)
    subscribe(service)
    folder = Path(str(modules[0].__file__)).parent / "migrations"

    async def prepare() -> None:
        await opened(service, folder)

    async def work() -> None:
        for name, running in leading(service, mailbox).items():
            job(service, name, running)
        for endless in jobs:
            job(service, endless.__name__, endless(service))

    async def rest() -> None:
        for task in JOBS:
            task.cancel()
        service.pool.terminate()

    app = AsgiFastStream(
        service.broker,
        on_startup=[prepare],
        after_startup=[work],
        on_shutdown=[rest],
        asgi_routes=[("/metrics", make_asgi_app()), ("/healthz", healthz(service, mailbox))],
    )
    app.service = service  # type: ignore[attr-defined]
    return app


async def opened(service: Service, *folders: Path) -> None:
    """Schema, pool, bus and streams are ready."""
    await db.migrate(service, CHASSIS, *folders)
    service.pool = await db.opened(service)
    await service.broker.connect()
    await bus.ensure(service)


def subscribe(service: Service) -> None:
    """A desk for each command and each question, shared by all replicas."""
    wide: dict[str, Any] = {"queue": service.name, "max_workers": service.settings.pool, "decoder": raw}
    for command, marked in service.handlers.desks.items():
        service.broker.subscriber(command.subject(), **wide)(desk.desk(service, marked))
    for query, marked in service.handlers.queries.items():
        service.broker.subscriber(query.subject(), **wide)(desk.counter(service, marked))  # type: ignore[attr-defined]


async def raw(message: Any) -> bytes:
    """The body as it came: the desk itself decodes, so that a bad one is answered."""
    return message.body


def leading(service: Service, mailbox: Any) -> dict[str, Awaitable[None]]:
    """The jobs of which one replica at a time leads."""
    jobs = {
        "relay": db.lead(service, "relay", lambda held: outbox.relay(held, service)),
        "sealer": db.lead(service, "sealer", lambda held: audit.seal(held, service)),
    }
    if mailbox:
        jobs[mailbox.job] = db.lead(service, mailbox.job, mailbox.lead)
    if any(marked.durable for marked in service.handlers.desks.values()):
        jobs["queue"] = db.lead(service, "queue", lambda held: desk.queue(held, service))
    return jobs | {name: start() for name, start in clock.jobs(service).items()}


def job(service: Service, name: str, work: Awaitable[None]) -> None:
    """Run for as long as the process; if it ends, so does the process: kill -9 is proved harmless."""

    def ended(task: asyncio.Task[Any]) -> None:
        if not task.cancelled():
            logger.critical("a job died", job=f"{service.name}.{name}", exc_info=task.exception())
            os._exit(70)

    task = asyncio.ensure_future(work)
    JOBS.add(task)
    task.add_done_callback(ended)


async def health(service: Service, mailbox: Any) -> tuple[bool, dict[str, Any]]:
    """Green only if the bus and the database answer and nothing waits too long to be said."""
    try:
        async with asyncio.timeout(2):
            await service.nc.flush()
            age = await outbox.age(service.pool)
            lag = await mailbox.lag() if mailbox else 0
    except Exception as error:
        return False, {"ok": False, "service": service.name, "error": repr(error)}
    metrics.OUTBOX_AGE.labels(service.name).set(age)
    metrics.LAG.labels(service.name).set(lag)
    ok = age < service.settings.outbox_limit
    return ok, {"ok": ok, "service": service.name, "outbox_age": age, "mailbox_lag": lag}


def healthz(service: Service, mailbox: Any) -> Any:
    """The health as a page."""

    @get
    async def page(scope: Any) -> AsgiResponse:
        ok, said = await health(service, mailbox)
        return AsgiResponse(json.dumps(said).encode(), 200 if ok else 503)

    return page
