"""The portal over real parts, with a believable province in its ledger and the tasks service beside it."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import httpx
import pytest

from contracts.envelope import ActorRole, Event
from contracts.events.assignment import AssignmentIssued
from contracts.events.task import TaskRegistered
from deploy.local import backing as local
from services.chassis import app, bus, db, outbox
from services.chassis.app import CHASSIS, opened
from services.chassis.handlers import gather
from services.chassis.inbox import Inbox
from services.chassis.service import Service
from services.chassis.settings import Settings as Chassis
from services.portal import demo, handlers
from services.portal.identity.reader import Reader
from services.portal.web.dependencies import Front
from services.portal.site.asgi import in_front
from services.portal.web.live import Hub
from services.portal.identity import tokens
from services.portal.identity.passwords import DEMO, Passwords
from services.portal.settings import Settings
from services.portal.store import people
from services.tasks import handlers as tasks_handlers
from services.tasks import ticks as tasks_ticks
from tests.portal.factory import PDF, Province, populate

MIGRATIONS = Path(str(handlers.__file__)).parent / "migrations"
TASKS = Path(str(tasks_handlers.__file__)).parent / "migrations"
FILLED = "portal_filled"
PACE = {"patience": (0,), "idle": 0.2, "tick": 0.05, "standby": 0.05, "poll": 0.05}


@pytest.fixture(scope="session")
def province(backing: local.Backing, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """A whole province, founded and heard once into a database that every test gets a copy of."""
    yield asyncio.run(_fill(backing, tmp_path_factory.mktemp("filled")))


async def _fill(backing: local.Backing, var: Path) -> Province:
    admin = await asyncpg.connect(backing.pg_dsn)
    await admin.execute(f"create database {FILLED}")
    await admin.close()
    dsn = urlsplit(backing.pg_dsn)._replace(path=f"/{FILLED}").geturl()
    tasks = Service("tasks", Chassis(pg_dsn=dsn, var=var), gather(tasks_handlers, tasks_ticks))
    register = await _founded(tasks)
    told = populate(datetime.now(UTC), register)
    async with db.connected(tasks) as connection, connection.transaction():
        await outbox.apply(connection, tasks.handlers, told.events)
    service = portal_room(backing, dsn, var)
    await db.migrate(service, CHASSIS, MIGRATIONS)
    async with db.connected(service) as connection:
        async with connection.transaction():
            letters = [letter(event) for event in (*register, *told.events)]
            await Inbox(service).open(connection, letters)
        await people.mark_demo(connection)
        await demo.seed(connection)
    return told


async def _founded(service: Service) -> Sequence[Event]:
    """The tasks service after its first start; what it said counts as published."""
    await db.migrate(service, CHASSIS, TASKS)
    async with db.connected(service) as connection, connection.transaction():
        said = await tasks_ticks.found(connection, datetime.now(UTC), service)
        await outbox.emit(connection, service.handlers, said)
        await connection.execute("update outbox set published_at = now()")
    return said


def portal_room(backing: local.Backing, dsn: str, var: Path) -> Service:
    """The portal's service over one database, not yet connected."""
    settings = Settings(pg_dsn=dsn, nats_url=backing.nats_url, var=var, settle=2, live_tick=0.05, **PACE)
    return Service("portal", settings, gather(handlers))


def letter(event: Event) -> bus.Letter:
    """An event as it comes from the stream."""
    return bus.Letter(event.id, event.type, event.aggregate, event.subject(), event.model_dump_json().encode())


@pytest.fixture
async def service(backing: local.Backing, province: Province, tmp_path: Path) -> AsyncIterator[Service]:
    """The portal's service over a ledger that has heard the province; streams of its own, no jobs."""
    name = f"p{uuid4().hex[:12]}"
    admin = await asyncpg.connect(backing.pg_dsn)
    await admin.execute(f"create database {name} template {FILLED}")
    service = portal_room(backing, urlsplit(backing.pg_dsn)._replace(path=f"/{name}").geturl(), tmp_path)
    await opened(service, MIGRATIONS)
    await service.blobs.put(PDF)
    yield service
    for stream in (service.settings.stream, service.settings.queue):
        await service.nc.jetstream().delete_stream(stream)
    await service.broker.stop()
    service.pool.terminate()
    await admin.execute(f"drop database {name} with (force)")
    await admin.close()


@asynccontextmanager
async def listening(service: Service) -> AsyncIterator[None]:
    """The mailbox reads."""
    reading = asyncio.ensure_future(db.lead(service, "mailbox", Inbox(service).lead))
    try:
        yield
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


@pytest.fixture
async def tasks_service(service: Service) -> AsyncIterator[Service]:
    """The real tasks service over the same database and bus; the portal listens."""
    told = Chassis(pg_dsn=service.settings.pg_dsn, nats_url=service.settings.nats_url, var=service.settings.var, **PACE)
    tasks = Service("tasks", told, gather(tasks_handlers))
    app.subscribe(tasks)
    await opened(tasks, TASKS)
    await tasks.broker.start()
    relay = asyncio.ensure_future(db.lead(tasks, "relay", lambda held: outbox.relay(held, tasks)))
    async with listening(service):
        yield tasks
    relay.cancel()
    await asyncio.gather(relay, return_exceptions=True)
    await tasks.broker.stop()
    tasks.pool.terminate()


async def publish(service: Service, events: Sequence[Event]) -> None:
    """Say `events` on the bus."""
    js = service.nc.jetstream()
    for event in events:
        await js.publish(event.subject(), event.model_dump_json().encode(), headers=event.headers())


async def hear(service: Service, events: Sequence[Event]) -> None:
    """Say `events` on the bus, and let the mailbox read until it has them."""
    last = {e.aggregate: e.version for e in events}
    async with listening(service), asyncio.timeout(20):
        await publish(service, events)
        while await behind(service, last):
            await asyncio.sleep(0.02)


async def behind(service: Service, last: dict[str, int]) -> bool:
    """Some aggregate is not yet at its version."""
    known = await service.pool.fetch("select aggregate, version from inbox where aggregate = any($1)", list(last))
    return {row["aggregate"]: row["version"] for row in known} != last


@pytest.fixture
def front(service: Service) -> Front:
    """The portal's front over the service."""
    settings = service.settings
    assert isinstance(settings, Settings)
    return Front(service, settings, Hub(settings.live_tick, settings.stream_seconds), Passwords())


async def no_chassis(scope: object, receive: object, send: object) -> None:
    """What answers for life and health is not under test here."""
    raise AssertionError(scope)


Door = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.fixture
async def door(front: Front) -> AsyncIterator[Door]:
    """A browser without scripts, signed in under a demo login; an empty one stands at the door."""
    site, opened = in_front(no_chassis, front), []

    async def come(login: str = "") -> httpx.AsyncClient:
        client = httpx.AsyncClient(transport=httpx.ASGITransport(site), base_url="http://127.0.0.1")
        opened.append(client)
        if login:
            answer = await sign_in(client, login)
            assert answer.status_code == 303, answer.text
        return client

    yield come
    for client in opened:
        await client.aclose()


async def sign_in(client: httpx.AsyncClient, login: str, password: str = DEMO, **more: str) -> httpx.Response:
    """The login form, filled in and sent."""
    page = await client.get("/login")
    form = {"login": login, "password": password, "csrf_token": csrf(page), **more}
    return await client.post("/login", data=form)


def csrf(page: httpx.Response) -> str:
    """The token in a page's forms."""
    found = re.search(r'name="csrf_token" value="([0-9a-f]{64})"', page.text)
    assert found, page.text[:500]
    return found[1]


@pytest.fixture
async def api(front: Front) -> AsyncIterator[Callable[..., Awaitable[httpx.AsyncClient]]]:
    """A county's program with a token of its own."""
    site, opened = in_front(no_chassis, front), []

    async def come(unit: str, role: ActorRole = ActorRole.UNIT_CLERK) -> httpx.AsyncClient:
        async with front.db.acquire() as connection:
            token = await tokens.issue(connection, unit, role, f"接口 {unit} {role}", 1)
        headers = {"Authorization": f"Bearer {token}"}
        opened.append(
            httpx.AsyncClient(transport=httpx.ASGITransport(site), base_url="http://127.0.0.1", headers=headers)
        )
        return opened[-1]

    yield come
    for client in opened:
        await client.aclose()


def task_of(province: Province, title: str) -> TaskRegistered:
    """A task by its title."""
    return next(e for e in province.events if isinstance(e, TaskRegistered) and e.title == title)


def part_of(province: Province, task: TaskRegistered, unit: str) -> AssignmentIssued:
    """A unit's part in a task."""
    issued = (e for e in province.events if isinstance(e, AssignmentIssued))
    return next(e for e in issued if e.task_id == task.task_id and e.unit == unit)


def reader(unit: str, *roles: ActorRole) -> Reader:
    """Somebody who reads."""
    return Reader("somebody", unit, unit, roles or (ActorRole.UNIT_CLERK,))


OFFICE, LAND, GAOPING = "14.00.00.000.bgt", "14.00.00.000.zrzyt", "14.05.81.000.gov"
INSPECTOR = reader(OFFICE, ActorRole.INSPECTOR)
CLERK = reader(GAOPING, ActorRole.UNIT_CLERK)
CITY = reader("14.05.00.000.bgt", ActorRole.INSPECTOR)
