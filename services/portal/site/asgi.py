"""The portal as one ASGI application: the chassis keeps life and health, pages and API stand in front of it."""

import asyncio
from collections.abc import Awaitable, Callable
from types import ModuleType

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from services.chassis import build
from services.chassis.service import Service
from services.chassis.trouble import LOST_IN_POOL
from services.portal.identity import demo, queries
from services.portal.identity.lending import lend_tokens
from services.portal.settings import Settings
from services.portal.site.api import api
from services.portal.site.pages import pages
from services.portal.web import answers, awaited
from services.portal.web.dependencies import Portal
from services.portal.web.head import Headed
from services.portal.web.headers import Guarded
from services.portal.web.live import Hub
from services.portal.web.quotas import Metered
from services.portal.web.traced import Traced

logger = structlog.get_logger(__name__)

SWEEP = 5.0
"""Seconds between two sweeps."""
FILES = 5
"""How many of the largest files one request may bring."""

Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]


def serve(handlers: ModuleType, settings: Settings | None = None) -> ASGIApp:
    """The whole portal as one ASGI application."""
    own = settings or Settings()
    hub = Hub(own.live_tick, own.stream_seconds)
    chassis = build("portal", handlers, settings=own, jobs=(hub.fan_out, sweep, lend_tokens))
    return in_front(chassis, Portal(chassis.service, own, hub))


def in_front(chassis: Asgi, portal: Portal) -> ASGIApp:
    """Pages and API over one portal, behind the headers."""
    resources = api()
    resources.state.portal = portal
    largest = portal.settings.upload_megabytes * FILES * 1_000_000
    metered = by_path(chassis, Metered(resources), pages(portal))
    return Traced(Guarded(Headed(metered), portal.settings.tls, largest))


def by_path(chassis: Asgi, resources: Asgi, pages: Asgi) -> Asgi:
    """One application of three: health and metrics, the API under /v1, all else is a page."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] == "lifespan" or path in ("/healthz", "/metrics"):
            await chassis(scope, receive, send)
        elif path == "/v1" or path.startswith("/v1/"):
            await resources(scope, receive, send)
        else:
            await pages(scope, receive, send)

    return app


async def sweep(service: Service[Settings]) -> None:
    """As long as the process runs: forget what is over, seed the demo where its mark stands.

    A database that does not answer is asked again: its restart ends no portal.
    """
    settings = service.settings
    while True:
        try:
            if settings.demo:
                await queries.mark_demo(service.pool)
            await demo.seed(service.pool)
            await awaited.sweep(service.pool)
            await answers.sweep(service.pool)
            await queries.sweep_sessions(service.pool, settings.idle_after, settings.ends_after)
            await queries.sweep_tokens(service.pool)
        except LOST_IN_POOL as error:
            logger.warning("nothing is swept", error=repr(error))
        await asyncio.sleep(SWEEP)
