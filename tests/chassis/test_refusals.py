"""What the runtime itself answers: an id used twice, a database that does not answer, a fault."""

import asyncio
import json
from uuid import uuid4

import asyncpg
import pytest

from contracts.envelope import Command, Done
from contracts.queries.query import Query
from contracts.refusals import Kind, Refused
from services.chassis import commands, rpc_server
from services.chassis.service import Service
from tests.chassis.conftest import CLERK
from tests.chassis.toy import Add, Count, Total


async def send(service: Service, command: Command) -> Done | Refused:
    return (await commands.answer(service, type(command), command.model_dump_json().encode()))[0]


async def ask(service: Service, request: Command | Query) -> dict:
    """Over the bus, as portal does it."""
    message = await service.nc.request(request.subject(), request.model_dump_json().encode(), timeout=5)
    return json.loads(message.data)


@pytest.fixture
async def served(writer):
    """The toy writer answers on the bus."""
    rpc_server.subscribe(writer)
    await writer.broker.start()
    return writer


async def test_an_id_reused_for_another_command_with_the_same_body_is_refused(writer):
    id = uuid4()
    assert isinstance(await send(writer, Add(id=id, actor=CLERK, thing="a")), Done)
    answer = await send(writer, Count(id=id, actor=CLERK, thing="a"))
    assert isinstance(answer, Refused) and (answer.code, answer.kind, answer.pointer) == (
        "id_reused",
        Kind.INVALID,
        "/id",
    )
    assert isinstance(await send(writer, Add(id=id, actor=CLERK, thing="a")), Done)


async def test_a_connection_lost_in_a_command_is_unavailable_and_a_fault_is_failed(writer):
    answers = [await send(writer, Count(actor=CLERK, thing=thing)) for thing in ("lost", "torn", "a")]
    assert [getattr(answer, "kind", "done") for answer in answers] == [Kind.UNAVAILABLE, Kind.FAILED, "done"]
    assert await writer.pool.fetchval("select count(*) from command") == 1


async def test_a_database_that_takes_no_connection_is_unavailable_for_every_command_that_waits(writer):
    writer.pool.terminate()
    writer.pool = await asyncpg.create_pool("postgresql://duban@127.0.0.1:1/duban", min_size=0)
    answers = await asyncio.gather(*(send(writer, Add(actor=CLERK, thing="a")) for _ in range(3)))
    assert {(answer.kind, answer.code) for answer in answers} == {(Kind.UNAVAILABLE, "unavailable")}


async def test_queries_and_commands_are_answered_over_the_bus_whatever_happens(served):
    assert (await ask(served, Add(actor=CLERK, thing="a", by=4)))["version"] == 1
    assert await ask(served, Total(thing="a")) == {"total": 4}
    assert [(await ask(served, Total(thing=thing)))["code"] for thing in ("lost", "torn")] == ["unavailable", "failed"]
    message = await served.nc.request(Total.subject(), b"{", timeout=5)
    assert json.loads(message.data)["kind"] == "invalid"
