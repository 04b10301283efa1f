"""How the portal stands: what it hears and keeps is the chassis' business, in front of it stand pages and API."""

import asyncio
from types import ModuleType

from starlette.types import ASGIApp

from services.chassis import build
from services.chassis.service import Service
from services.portal import demo, rest
from services.portal.web.dependencies import Front
from services.portal.web.live import Hub
from services.portal.identity import sessions
from services.portal.web.headers import Guarded
from services.portal.identity.passwords import Passwords
from services.portal.settings import Settings
from services.portal.site.pages import by_path, site
from services.portal.store import people

SWEEP = 5.0
"""Seconds between two looks after the house."""
FILES = 5
"""How many of the largest files one request may bring."""


def served(handlers: ModuleType, settings: Settings | None = None) -> ASGIApp:
    """The whole portal as one ASGI application."""
    told = settings or Settings()
    hub = Hub(told.live_tick, told.stream_seconds)
    chassis = build("portal", handlers, settings=told, jobs=(hub.fan_out, keep_house))
    return in_front(chassis, Front(chassis.service, told, hub, Passwords()))  # type: ignore[attr-defined]


def in_front(chassis: ASGIApp, front: Front) -> ASGIApp:
    """Pages and API over one portal, behind the headers."""
    resources = rest.api()
    resources.state.front = front
    largest = front.settings.upload_megabytes * FILES * 1_000_000
    return Guarded(by_path(chassis, resources, site(front)), front.settings.tls, largest)


async def keep_house(service: Service) -> None:
    """As long as the process runs: forget sessions that are over, seed the demo where its mark stands."""
    told = service.settings
    assert isinstance(told, Settings)
    if told.demo:
        await people.mark_demo(service.pool)
    while True:
        await demo.seed(service.pool)
        await sessions.sweep(service.pool, told.idle_after, told.ends_after)
        await asyncio.sleep(SWEEP)
