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
from services.chassis.mailbox import listening
from services.chassis.marks import gather
from services.chassis.room import Room
from services.chassis.settings import Settings

logger = structlog.get_logger(__name__)
CHASSIS = Path(__file__).parent / "migrations"
JOBS: set[asyncio.Task[Any]] = set()

Job = Callable[[Room], Awaitable[None]]


def build(
    service: str,
    *modules: ModuleType,
    settings: Settings | None = None,
    jobs: tuple[Job, ...] = (),
    reader: Callable[[Room], Any] = listening,
) -> AsgiFastStream:
    """Wire what is marked in `modules` to the bus and the database.

    `jobs` are the service's own endless ones; `reader` is another than the mailbox over PostgreSQL.
    """
    log.setup(service)
    room = Room(service, settings or Settings(), gather(*modules))
    mailbox = reader(room)
    subscribe(room)
    folder = Path(str(modules[0].__file__)).parent / "migrations"

    async def prepare() -> None:
        await opened(room, folder)

    async def work() -> None:
        for name, running in leading(room, mailbox).items():
            job(room, name, running)
        for endless in jobs:
            job(room, endless.__name__, endless(room))

    async def rest() -> None:
        for task in JOBS:
            task.cancel()
        room.pool.terminate()

    app = AsgiFastStream(
        room.broker,
        on_startup=[prepare],
        after_startup=[work],
        on_shutdown=[rest],
        asgi_routes=[("/metrics", make_asgi_app()), ("/healthz", healthz(room, mailbox))],
    )
    app.room = room  # type: ignore[attr-defined]
    return app


async def opened(room: Room, *folders: Path) -> None:
    """Schema, pool, bus and streams are ready."""
    await db.migrate(room, CHASSIS, *folders)
    room.pool = await db.opened(room)
    await room.broker.connect()
    await bus.ensure(room)


def subscribe(room: Room) -> None:
    """A desk for each command and each question, shared by all replicas."""
    wide: dict[str, Any] = {"queue": room.service, "max_workers": room.settings.pool, "decoder": raw}
    for command, marked in room.handlers.desks.items():
        room.broker.subscriber(command.subject(), **wide)(desk.desk(room, marked))
    for query, marked in room.handlers.queries.items():
        room.broker.subscriber(query.subject(), **wide)(desk.counter(room, marked))  # type: ignore[attr-defined]


async def raw(message: Any) -> bytes:
    """The body as it came: the desk itself decodes, so that a bad one is answered."""
    return message.body


def leading(room: Room, mailbox: Any) -> dict[str, Awaitable[None]]:
    """The jobs of which one replica at a time leads."""
    jobs = {
        "relay": db.lead(room, "relay", lambda held: outbox.relay(held, room)),
        "sealer": db.lead(room, "sealer", lambda held: audit.seal(held, room)),
    }
    if mailbox:
        jobs[mailbox.job] = db.lead(room, mailbox.job, mailbox.lead)
    if any(marked.durable for marked in room.handlers.desks.values()):
        jobs["queue"] = db.lead(room, "queue", lambda held: desk.queue(held, room))
    return jobs | {name: start() for name, start in clock.jobs(room).items()}


def job(room: Room, name: str, work: Awaitable[None]) -> None:
    """Run for as long as the process; if it ends, so does the process: kill -9 is proved harmless."""

    def ended(task: asyncio.Task[Any]) -> None:
        if not task.cancelled():
            logger.critical("a job died", job=f"{room.service}.{name}", exc_info=task.exception())
            os._exit(70)

    task = asyncio.ensure_future(work)
    JOBS.add(task)
    task.add_done_callback(ended)


async def health(room: Room, mailbox: Any) -> tuple[bool, dict[str, Any]]:
    """Green only if the bus and the database answer and nothing waits too long to be said."""
    try:
        async with asyncio.timeout(2):
            await room.nc.flush()
            age = await outbox.age(room.pool)
            lag = await mailbox.lag() if mailbox else 0
    except Exception as error:
        return False, {"ok": False, "service": room.service, "error": repr(error)}
    metrics.OUTBOX_AGE.labels(room.service).set(age)
    metrics.LAG.labels(room.service).set(lag)
    ok = age < room.settings.outbox_limit
    return ok, {"ok": ok, "service": room.service, "outbox_age": age, "mailbox_lag": lag}


def healthz(room: Room, mailbox: Any) -> Any:
    """The health as a page."""

    @get
    async def page(scope: Any) -> AsgiResponse:
        ok, said = await health(room, mailbox)
        return AsgiResponse(json.dumps(said).encode(), 200 if ok else 503)

    return page
