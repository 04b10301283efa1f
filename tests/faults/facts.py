"""The facts that the checks compare, read from a running Duban: tables, stream, search, health."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import import_module
from uuid import UUID

import asyncpg
import httpx
import nats
from nats.aio.client import Client
from nats.errors import Error
from pydantic import ValidationError

from contracts.offices import Reader
from contracts.queries.search import SearchFor, SearchResult
from deploy.local.services import SERVICES
from services.chassis.handlers import class_of, gather
from services.nodes.domain.node import filters
from tests.faults.checks import Facts, Row, wrong
from tests.faults.load import OFFICE, TITLE, Key, Ledger, Received
from tests.stack import Stack

READERS = ("alerts", "notices", "ranking", "portal")
LOG = """
select id::text, aggregate, version, type, subject,
    case type when 'task.registered' then convert_from(body, 'utf8')::jsonb #>> '{{task,number}}' else '' end
from {}.outbox order by seq
"""
COMMANDS = "select sender, id, (answer ->> 'ok')::bool from {}.command"
UNREACHABLE = (
    OSError,
    TimeoutError,
    Error,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    httpx.HTTPError,
    ValidationError,
)
"""What is raised while something is away."""
QUESTIONS = 6
"""So that both replicas of the search are asked."""


async def settled(
    running: Stack, ledger: Ledger, received: Mapping[str, Sequence[Received]], seconds: float = 240
) -> tuple[dict[str, int], Facts]:
    """What is still wrong when everything had time to come through, and the facts it was found in."""
    clock = asyncio.get_running_loop().time
    end, facts = clock() + seconds, None
    while True:
        try:
            facts = await gathered(running, received)
            result = wrong(ledger, facts)
        except UNREACHABLE as error:
            result = {f"unreachable {error!r}": 1}
        if clock() > end or not result:
            assert facts, result
            return result, facts
        await asyncio.sleep(1)


async def gathered(running: Stack, received: Mapping[str, Sequence[Received]]) -> Facts:
    """Everything as it is now."""
    db = await asyncpg.connect(running.env["DUBAN_PG_DSN"])
    bus = await nats.connect(**running.bus)
    try:
        expected: dict[Key, bool] = {}
        for service in SERVICES:
            expected |= {(sender, UUID(str(id))): ok for sender, id, ok in await db.fetch(COMMANDS.format(service))}
        return Facts(
            expected=expected,
            log={service: [Row(*row) for row in await db.fetch(LOG.format(service))] for service in SERVICES},
            stream=await streamed(bus),
            marks={each: dict(await db.fetch(f"select aggregate, version from {each}.inbox")) for each in READERS},
            takes=takes,
            meant=meant,
            received=received,
            result=[await result(bus) for _ in range(QUESTIONS)],
            pending={each: await db.fetchval(f"select count(*) from {each}.pending") for each in SERVICES},
            dead={each: await db.fetchval(f"select count(*) from {each}.dead_letter") for each in SERVICES},
            unwell=await unwell(running.health),
        )
    finally:
        await bus.close()
        await db.close()


async def streamed(bus: Client) -> list[str]:
    """The ids of the stream, in its order."""
    js = bus.jetstream()
    subscription = await js.subscribe("duban.evt.v1.>", stream="EVENTS", ordered_consumer=True)
    ids, left = list[str](), 1
    while left:
        message = await subscription.next_msg(timeout=30)
        left = message.metadata.num_pending
        ids.append((message.headers or {})["ce-id"])
    await subscription.unsubscribe()
    return ids


async def result(bus: Client) -> int:
    """How many tasks of the load the search finds."""
    place = frozenset({OFFICE.unit, "14.00.00.000.all"})
    query = SearchFor(text=TITLE, reader=Reader(places=place), kinds=("task",))
    answer = await bus.request(query.subject(), query.model_dump_json().encode(), timeout=10)
    return SearchResult.model_validate_json(answer.data).total


async def unwell(health: Iterable[str]) -> list[str]:
    """What replicas say whose health is red."""
    async with httpx.AsyncClient(timeout=10, trust_env=False) as http:
        pages = [await http.get(url) for url in health]
    return [page.text for page in pages if not page.is_success]


@cache
def takes(reader: str, kind: str) -> bool:
    """Whether a service has a handler for events of this type."""
    handlers = gather(import_module(f"services.{reader}.handlers"))
    return class_of(handlers.events, kind) is not None


def meant(node: str, subject: str) -> bool:
    """Whether a node's reader hears this subject."""
    return any(matches(subject.split("."), pattern.split(".")) for pattern in filters(node))


def matches(tokens: Sequence[str], pattern: Sequence[str]) -> bool:
    """As the server matches a subject."""
    if open_end := pattern[-1] == ">":
        pattern = pattern[:-1]
    same = all(each in ("*", token) for token, each in zip(tokens, pattern, strict=False))
    return same and (len(tokens) > len(pattern) if open_end else len(tokens) == len(pattern))
