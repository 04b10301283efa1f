"""What an operator is told: gauges as they stand at the scrape, and health in words."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any

import structlog
from faststream.asgi import AsgiResponse, get
from prometheus_client import make_asgi_app

from services.chassis import command_queue, metrics, outbox
from services.chassis.command_queue import Waiting
from services.chassis.lanes import Lane
from services.chassis.service import Lag, Service

logger = structlog.get_logger(__name__)

SOON = 2.0
"""Seconds in which the bus and the database must answer."""
UNKNOWN = float("nan")
DEAD = "select count(*) from dead_letter"


@dataclass
class Progress:
    """Since when the reader has not moved although events wait."""

    taken: int = 0
    since: float = field(default_factory=time.monotonic)

    def stalled(self, lag: Lag) -> float:
        """Seconds without a step; about 0 where nothing waits."""
        if lag.taken != self.taken or not lag.events:
            self.since, self.taken = time.monotonic(), lag.taken
        return time.monotonic() - self.since


@dataclass(frozen=True)
class Measured:
    """What was found.

    unready: why the reader cannot answer yet; ages: seconds the oldest unpublished event of each lane has waited; lag:
    events that wait for this service, and for how many seconds none was taken; dead: letters that wait for an operator;
    queue: commands of nodes that wait for this service.
    """

    ages: dict[Lane, float]
    unready: str
    lag: int
    stalled: float
    dead: int
    queue: Waiting


async def measured(service: Service, progress: Progress) -> Measured:
    """Asked now, and set as gauges. Raises what the bus or the database raises, or TimeoutError."""
    async with asyncio.timeout(SOON):
        await service.nc.flush()
        ages = await outbox.ages(service.pool)
        lag = await service.reader.lag() if service.reader else Lag(0)
        unready = service.reader.unready(lag.events) if service.reader else ""
        dead = await service.pool.fetchval(DEAD)
        queue = await command_queue.waiting(service)
    for lane, age in ages.items():
        metrics.OUTBOX_AGE.labels(service.name, lane.label).set(age)
    metrics.LAG.labels(service.name).set(lag.events)
    metrics.DEAD_WAITING.labels(service.name).set(dead)
    metrics.COMMANDS_WAITING.labels(service.name).set(queue.commands)
    metrics.COMMAND_AGE.labels(service.name).set(queue.age)
    return Measured(ages, unready, lag.events, progress.stalled(lag), dead, queue)


async def health(service: Service, progress: Progress) -> tuple[bool, dict[str, Any]]:
    """Green only if the bus and the database answer, nothing waits too long on its way, and there is room to write."""
    try:
        now = await measured(service, progress)
    except Exception as error:
        return False, {"ok": False, "service": service.name, "error": repr(error)}
    words, settings = service.current_troubles, service.settings
    if now.unready:
        words.append(now.unready)
    for lane, limit in ((Lane.URGENT, settings.outbox_limit), (Lane.BULK, settings.bulk_limit)):
        if now.ages[lane] > limit:
            words.append(f"有事件等待发布已 {now.ages[lane]:.0f} 秒")
    if now.stalled > settings.lag_limit:
        words.append(f"{now.lag} 个事件等待处理，已 {now.stalled:.0f} 秒没有进展")
    if now.queue.age > settings.command_limit:
        words.append(f"下级节点的 {now.queue.commands} 条命令等待处理，最早的已等 {now.queue.age:.0f} 秒")
    ages = {"outbox_age": now.ages[Lane.URGENT], "bulk_age": now.ages[Lane.BULK], "command_age": now.queue.age}
    counts = {"inbox_lag": now.lag, "dead_letters": now.dead, "commands_waiting": now.queue.commands}
    return not words, {"ok": not words, "service": service.name, **ages, **counts, "trouble": words}


def healthz(service: Service) -> Any:
    """The health as a page."""
    progress = Progress()

    @get
    async def page(scope: Any) -> AsgiResponse:
        ok, state = await health(service, progress)
        return AsgiResponse(json.dumps(state, ensure_ascii=False).encode(), 200 if ok else 503)

    return page


def scraped(service: Service) -> Any:
    """The metrics as they are at this moment; gauges that cannot be asked for now say so with NaN."""
    page, progress = make_asgi_app(), Progress()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        try:
            await measured(service, progress)
        except Exception as error:
            logger.warning("gauges are unknown", error=repr(error))
            for lane in Lane:
                metrics.OUTBOX_AGE.labels(service.name, lane.label).set(UNKNOWN)
            for gauge in (metrics.LAG, metrics.DEAD_WAITING, metrics.COMMANDS_WAITING, metrics.COMMAND_AGE):
                gauge.labels(service.name).set(UNKNOWN)
        await page(scope, receive, send)

    return app
