"""The portal over real parts, with a small province in its ledger and the tasks service beside it."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import asyncpg
import httpx
import pytest
from argon2 import PasswordHasher

from contracts.envelope import COMMAND_STREAM, EVENT_STREAM, ActorRole, Event
from deploy.local import backing as local
from services.chassis import bus, db, outbox, relay, rpc_server
from services.chassis.app import CHASSIS, opened
from services.chassis.handlers import gather
from services.chassis.inbox import Inbox
from services.chassis.leading import campaign
from services.chassis.service import Service
from services.chassis.settings import Settings as Chassis
from services.nodes.bus import prepare
from services.portal import handlers
from services.portal.identity import demo, queries, tokens
from services.portal.identity.passwords import DEMO
from services.portal.identity.reader import Reader, reader_of
from services.portal.settings import Settings
from services.portal.site.asgi import Asgi, in_front
from services.portal.web.dependencies import Portal
from services.portal.web.live import Hub
from services.tasks import handlers as tasks_handlers
from services.tasks import ticks as tasks_ticks
from tests.conftest import at, database
from tests.portal.province import PDF, Province, build
from tests.story.province import GAOPING, GOVERNMENT, LINFEN_OFFICE, OFFICE

MIGRATIONS = Path(str(handlers.__file__)).parent / "migrations"
TASKS = Path(str(tasks_handlers.__file__)).parent / "migrations"
FILLED = "portal_filled"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""For the demo accounts here: a hash says itself what it costs to check, and a real one costs a tenth of a second."""
PACE = {"patience": (0,), "idle": 0.2, "tick": 0.05, "standby": 0.05, "poll": 0.05}


@pytest.fixture(scope="session")
def province(backing: local.Backing, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """The province, handled once into a database that every test gets a copy of."""
    scene = build(datetime.now(UTC))
    asyncio.run(fill(backing, tmp_path_factory.mktemp("filled"), scene))
    yield scene


async def fill(backing: local.Backing, var: Path, scene: Province) -> None:
    """A database with the tasks service's register and state, and the portal's ledger."""
    admin = await asyncpg.connect(backing.pg_dsn)
    await admin.execute(f"create database {FILLED}")
    await admin.close()
    dsn = at(backing, FILLED)
    tasks = Service("tasks", Chassis(pg_dsn=dsn, var=var), gather(tasks_handlers, tasks_ticks))
    await db.migrate(tasks, CHASSIS, TASKS)
    async with db.connected(tasks) as connection, connection.transaction():
        seeded = await tasks_ticks.seed_register(connection, datetime.now(UTC), tasks)
        await outbox.apply(connection, tasks.handlers, outbox.by_entity(seeded))
        own = [event for event in scene.events if event.type.partition(".")[0] in ("task", "assignment", "person")]
        await outbox.apply(connection, tasks.handlers, own)
    service = portal_service(backing, dsn, var)
    await db.migrate(service, CHASSIS, MIGRATIONS)
    async with db.connected(service) as connection:
        async with connection.transaction():
            await Inbox(service).handle(connection, [message(event) for event in scene.events])
        await queries.mark_demo(connection)
        await demo.seed(connection)
        await connection.execute("update account set password = $1", QUICK.hash(DEMO))


def portal_service(backing: local.Backing, dsn: str, var: Path) -> Service[Settings]:
    """The portal's service over one database, not yet connected."""
    settings = Settings(
        pg_dsn=dsn, nats_url=backing.nats_url, var=var, catch_up=20, live_tick=0.05, requests=10**6, **PACE
    )
    return Service("portal", settings, gather(handlers))


def message(event: Event) -> bus.Message:
    """An event as it comes from the stream."""
    return bus.Message(str(event.id), event.type, event.aggregate, event.subject(), event.model_dump_json().encode())


@pytest.fixture
async def service(backing: local.Backing, province: Province, tmp_path: Path) -> AsyncIterator[Service[Settings]]:
    """The portal's service over a ledger with the province in it; streams of its own, no jobs."""
    async with database(backing, FILLED) as dsn:
        service = portal_service(backing, dsn, tmp_path)
        service.pool = await db.opened(service)  # the copy is migrated
        await service.broker.connect()
        await prepare(service.settings)
        await service.blobs.put(PDF)
        yield service
        for stream in (EVENT_STREAM, COMMAND_STREAM):
            await service.nc.jetstream().delete_stream(stream)
        await service.broker.stop()
        service.pool.terminate()


@asynccontextmanager
async def listening(service: Service) -> AsyncIterator[None]:
    """The inbox reads."""
    reading = asyncio.ensure_future(campaign(service, {"inbox": Inbox(service).lead}))
    try:
        yield
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


@pytest.fixture
async def tasks_alone(service: Service[Settings]) -> AsyncIterator[Service]:
    """The real tasks service over the same database and bus."""
    own = service.settings
    settings = Chassis(pg_dsn=own.pg_dsn, nats_url=own.nats_url, var=own.var, **PACE)
    tasks = Service("tasks", settings, gather(tasks_handlers))
    rpc_server.subscribe(tasks)
    await opened(tasks, TASKS)
    await tasks.broker.start()
    publishing = asyncio.ensure_future(campaign(tasks, {"relay": lambda held: relay.lead(held, tasks)}))
    yield tasks
    publishing.cancel()
    await asyncio.gather(publishing, return_exceptions=True)
    await tasks.broker.stop()
    tasks.pool.terminate()


@pytest.fixture
async def tasks_service(service: Service[Settings], tasks_alone: Service) -> AsyncIterator[Service]:
    """The same, and the portal listens."""
    async with listening(service):
        yield tasks_alone


async def publish(service: Service, events: Sequence[Event]) -> None:
    """Put `events` on the bus."""
    js = service.nc.jetstream()
    for event in events:
        await js.publish(event.subject(), event.model_dump_json().encode(), headers=event.headers())


async def handle(service: Service, events: Sequence[Event]) -> None:
    """Put `events` on the bus, and let the inbox read until it has them."""
    last = {e.aggregate: e.version for e in events}
    async with listening(service), asyncio.timeout(60):
        await publish(service, events)
        while await behind(service, last):
            await asyncio.sleep(0.02)


async def behind(service: Service, last: dict[str, int]) -> bool:
    """Some aggregate is not yet at its version."""
    headings = await service.pool.fetch("select aggregate, version from inbox where aggregate = any($1)", list(last))
    return {row["aggregate"]: row["version"] for row in headings} != last


@pytest.fixture
def portal(service: Service[Settings]) -> Portal:
    """The portal at run time."""
    return Portal(service, service.settings, Hub(service.settings.live_tick, service.settings.stream_seconds))


async def no_chassis(scope: object, receive: object, send: object) -> None:
    """Life and health are not under test here."""
    raise AssertionError(scope)


class Current:
    """The portal of the test that runs."""

    portal: Portal

    def __getattr__(self, name: str) -> Any:
        return getattr(self.portal, name)


@pytest.fixture(scope="session")
def built() -> tuple[Asgi, Current]:
    """Pages and API, built once as in a process that serves: that takes longer than most tests."""
    current = Current()
    current.portal = cast(Portal, SimpleNamespace(settings=Settings()))
    return in_front(no_chassis, cast(Portal, current)), current


@pytest.fixture
def site(built: tuple[Asgi, Current], portal: Portal) -> Asgi:
    """Pages and API over the portal of this test."""
    site, current = built
    current.portal = portal
    return site


Visit = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.fixture
async def visit(site: Asgi) -> AsyncIterator[Visit]:
    """A browser without scripts, signed in under a demo login; without one, a stranger."""
    clients = list[httpx.AsyncClient]()

    async def come(login: str = "") -> httpx.AsyncClient:
        client = httpx.AsyncClient(transport=httpx.ASGITransport(site), base_url="http://127.0.0.1")
        clients.append(client)
        if login:
            answer = await sign_in(client, login)
            assert answer.status_code == 303, answer.text
        return client

    yield come
    for client in clients:
        await client.aclose()


async def sign_in(client: httpx.AsyncClient, login: str, password: str = DEMO, **more: str) -> httpx.Response:
    """The login form, filled in and sent."""
    page = await client.get("/login")
    form = {"login": login, "password": password, "csrf_token": csrf(page), **more}
    return await client.post("/login", data=form)


def csrf(page: httpx.Response) -> str:
    """The token in a page's forms."""
    token = re.search(r'name="csrf_token" value="([0-9a-f]{64})"', page.text)
    assert token, page.text[:500]
    return token[1]


async def add_account(portal: Portal, login: str, unit: str, *roles: ActorRole) -> None:
    """An account with the demo's password, for somebody of any unit."""
    async with portal.db.acquire() as connection:
        password = await connection.fetchval("select password from account limit 1")
        await queries.add_account(connection, login, f"{unit}-{login}", unit, roles, password)


@pytest.fixture
async def api(site: Asgi, portal: Portal) -> AsyncIterator[Callable[..., Awaitable[httpx.AsyncClient]]]:
    """A program with a token of its own, of a person of that unit."""
    clients = list[httpx.AsyncClient]()

    async def come(unit: str, role: ActorRole = ActorRole.UNIT_CLERK) -> httpx.AsyncClient:
        async with portal.db.acquire() as connection:
            token = await tokens.issue(connection, f"{unit}-{role}", unit, role, f"接口 {unit} {role}", 1)
        headers = {"Authorization": f"Bearer {token}"}
        transport = httpx.ASGITransport(site, raise_app_exceptions=False)
        clients.append(httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=headers))
        return clients[-1]

    yield come
    for client in clients:
        await client.aclose()


def reader(unit: str, *roles: ActorRole, led: Sequence[str] = ()) -> Reader:
    """Somebody who reads."""
    return reader_of("somebody", "某人", unit, unit, roles or (ActorRole.UNIT_CLERK,), led)


INSPECTOR = reader(OFFICE, ActorRole.INSPECTOR)
LEADER = reader(GOVERNMENT, ActorRole.LEADER, led=(GOVERNMENT, OFFICE))
CLERK = reader(GAOPING, ActorRole.UNIT_CLERK)
CITY = reader(LINFEN_OFFICE, ActorRole.INSPECTOR)
