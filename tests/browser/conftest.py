"""A real browser before real services: PostgreSQL, nats-server, tasks, search and the portal, each its own process."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import nats
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from contracts.envelope import Event
from deploy.local import backing as local
from deploy.local.settings import free_ports
from services.chassis.blobs import Blobs
from services.chassis.settings import Settings
from services.nodes.bus import prepare
from services.portal.identity.passwords import DEMO
from tests.conftest import at
from tests.portal import conftest as ledger
from tests.portal.province import PDF, Province, build
from tests.scratch import scratch
from tests.stack import PATIENT

CHROMIUM = os.environ.get("DUBAN_CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
INSIDE = ("data:", "blob:", "chrome:", "chrome-extension:")  # the last two: Chromium's own viewer of PDFs
expect.set_options(timeout=20_000)
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation",
  (e) => window.violations.push(e.violatedDirective + " " + e.blockedURI));
"""


@dataclass(frozen=True)
class House:
    """The services as a visitor finds them, and the province they know."""

    url: str
    bus: dict[str, Any]
    province: Province

    def emit(self, *events: Event) -> None:
        """Say something on the bus, as another service would."""

        async def emitted() -> None:
            bus = await nats.connect(**self.bus)
            for event in events:
                await bus.jetstream().publish(
                    event.subject(), event.model_dump_json().encode(), headers=event.headers()
                )
            await bus.close()

        with ThreadPoolExecutor(1) as beside:  # the browser's own loop runs in this thread
            beside.submit(asyncio.run, emitted()).result(30)


@pytest.fixture(scope="package")
def house() -> Iterator[House]:
    """Everything runs, and the search index has heard the province."""
    with scratch() as var:
        yield from running_house(var)


def running_house(var: Path) -> Iterator[House]:
    """All services over one directory."""
    backing = local.start(var / "backing", durable=False)
    province = build(datetime.now(UTC))
    asyncio.run(ledger.fill(backing, var, province))
    asyncio.run(Blobs(var / "blobs").put(PDF))
    bus = Settings(nats_url=backing.nats_url, nats_credentials=backing.nats_credentials)
    asyncio.run(prepare(bus))
    dsn = at(backing, ledger.FILLED)
    env = {"DUBAN_PG_DSN": dsn, "DUBAN_VAR": str(var), "DUBAN_LIVE_TICK": "0.2"} | PATIENT
    env |= {"DUBAN_NATS_URL": backing.nats_url, "DUBAN_NATS_CREDENTIALS": str(backing.nats_credentials.parent)}
    ports = dict(zip(("tasks", "search", "portal"), free_ports(3), strict=True))
    running = [served(name, port, env, var) for name, port in ports.items()]
    try:
        for name, port in ports.items():
            healthy(port, var / f"{name}.log")
        made = House(
            f"http://127.0.0.1:{ports['portal']}",
            bus.bus(),
            province,
        )
        made.emit(*province.events)
        yield made
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(10)
        backing.stop()


def served(name: str, port: int, env: dict[str, str], var: Path) -> subprocess.Popen[bytes]:
    """One service in a process of its own."""
    argv = [sys.executable, "-m", "uvicorn", f"services.{name}.app:app", "--port", str(port), "--log-level", "warning"]
    with (var / f"{name}.log").open("wb") as log:
        return subprocess.Popen(argv, env={**os.environ, **env}, stdout=log, stderr=log)


def healthy(port: int, log: Path, seconds: float = 60) -> None:
    """Return when the service is; show what it said where it never is."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.1)
    raise AssertionError(log.read_text()[-3000:])


@pytest.fixture(scope="package")
def chromium(house: House) -> Iterator[Browser]:
    """One browser for all."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, timeout=90_000)
        yield browser
        browser.close()


Visit = Callable[..., Page]


@pytest.fixture(scope="package")
def existing() -> dict[str, Any]:
    """What the browser keeps of each login, once it came in through the door."""
    return {}


@pytest.fixture
def visit(chromium: Browser, house: House, existing: dict[str, Any]) -> Iterator[Visit]:
    """A visitor, signed in under a demo login; any error, violation of the policy or foreign request fails the test."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def come(login: str = "", width: int = 1440, height: int = 900, scripts: bool = True) -> Page:
        context = chromium.new_context(
            base_url=house.url, locale="zh-CN", timezone_id="Asia/Shanghai", reduced_motion="reduce",
            viewport={"width": width, "height": height}, java_script_enabled=scripts, storage_state=existing.get(login),
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        watched(page, house.url, wrong)
        if login and login not in existing:
            sign_in(page, login)
            existing[login] = context.storage_state()
        return page

    yield come
    for context in contexts:
        for page in context.pages:
            wrong += page.evaluate("window.violations || []") if page.url.startswith("http") else []
        context.close()
    assert wrong == []


def watched(page: Page, home: str, wrong: list[str]) -> None:
    """Note everything that must not happen; a refused form (422) and a missing page are answers, not errors."""

    def received(kind: str, text: str) -> None:
        if kind in ("error", "warning") and not any(status in text for status in (" 422 ", " 404 ", " 403 ")):
            wrong.append(f"{kind}: {text}")

    page.add_init_script(WATCH)
    page.on("console", lambda message: received(message.type, message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "request",
        lambda r: (
            None if r.url.startswith((home, "data:", "blob:", "chrome:", "chrome-extension:")) else wrong.append(r.url)
        ),
    )


def sign_in(page: Page, login: str) -> None:
    """Through the door."""
    page.goto("/login")
    page.get_by_label("账号", exact=True).fill(login)
    page.get_by_label("口令").fill(DEMO)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "/login" not in url)
