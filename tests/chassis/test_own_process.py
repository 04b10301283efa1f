"""A command with a process of its own: answered as any other, and its service answers the others meanwhile."""

import asyncio
import os
import pickle
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
from pydantic import TypeAdapter

from contracts.envelope import Answer, Command, Done
from contracts.refusals import Refused
from services.chassis import own_process, rpc_server
from services.chassis.own_process import Order
from services.chassis.service import Service
from tests.chassis import toy
from tests.chassis.conftest import CLERK, exists

ANSWER: TypeAdapter[Done | Refused] = TypeAdapter(Answer)


@pytest.fixture
async def asked(writer: Service) -> AsyncIterator[Service]:
    """The toy writer answers over the bus."""
    rpc_server.subscribe(writer)
    await writer.broker.start()
    yield writer


async def ask(service: Service, command: Command) -> Done | Refused:
    """The answer over the bus."""
    message = await service.nc.request(command.subject(), command.model_dump_json().encode(), timeout=60)
    return ANSWER.validate_json(message.data)


async def pid_in(place: Path) -> int:
    """The process that ponders there."""
    async with asyncio.timeout(60):
        while not (place / "pid").exists():
            await asyncio.sleep(0.02)
    return int((place / "pid").read_text())


def is_running(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def ponder(place: Path, at_once: bool = False) -> toy.Ponder:
    """A command that goes on once the file `go` is there."""
    if at_once:
        (place / "go").touch()
    return toy.Ponder(actor=CLERK, thing="a", place=str(place))


async def test_it_is_answered_once_with_its_events_and_its_audit_row(asked, tmp_path):
    command = ponder(tmp_path, at_once=True)
    first, again = await ask(asked, command), await ask(asked, command)
    assert first == again and isinstance(first, Done) and first.aggregate == "thing/a"
    assert await pid_in(tmp_path) != os.getpid()
    assert await asked.pool.fetchval("select count(*) from outbox where type = 'thing.added'") == 1
    assert await asked.pool.fetchval("select entry::json ->> 'event_count' from audit") == "1"
    assert await asked.pool.fetchval("select total from thing") == 7


async def test_others_are_answered_while_it_holds_up_its_own_process(asked, tmp_path):
    pondering = asyncio.ensure_future(ask(asked, ponder(tmp_path)))
    await pid_in(tmp_path)
    assert isinstance(await ask(asked, toy.Add(actor=CLERK, thing="b")), Done)
    assert not pondering.done()
    (tmp_path / "go").touch()
    assert isinstance(await pondering, Done)


async def test_one_whose_process_dies_has_done_nothing_and_is_done_when_asked_again(asked, tmp_path):
    command = ponder(tmp_path)
    pondering = asyncio.ensure_future(ask(asked, command))
    os.kill(await pid_in(tmp_path), signal.SIGKILL)
    assert (await pondering).code == "failed"
    assert not await exists(asked, "select 1 from outbox union all select 1 from command")
    (tmp_path / "go").touch()
    assert isinstance(await ask(asked, command), Done)


async def test_a_process_ends_with_its_service(writer, tmp_path):
    body = ponder(tmp_path).model_dump_json().encode()
    order = Order(writer.name, writer.settings, writer.handlers, toy.Ponder, body, None, "")
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", own_process.PROGRAM, stdin=PIPE, stdout=PIPE)
    process.stdin.write(pickle.dumps(order))
    await pid_in(tmp_path)
    process.stdin.close()
    async with asyncio.timeout(60):
        assert await process.wait() == 70
    assert not await exists(writer, "select 1 from command")


async def test_a_process_without_a_database_answers_that_it_is_to_be_asked_again(writer, tmp_path):
    writer.settings = writer.settings.model_copy(update={"pg_dsn": "postgresql://duban@127.0.0.1:1/none"})
    body = ponder(tmp_path, at_once=True).model_dump_json().encode()
    answer, emitted = await own_process.answer(writer, toy.Ponder, body)
    assert (answer.code, emitted) == ("unavailable", 0)


async def test_a_caller_who_goes_away_takes_the_process_along(writer, tmp_path):
    body = ponder(tmp_path).model_dump_json().encode()
    pondering = asyncio.ensure_future(own_process.answer(writer, toy.Ponder, body))
    pid = await pid_in(tmp_path)
    pondering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await pondering
    async with asyncio.timeout(60):
        while is_running(pid):
            await asyncio.sleep(0.02)
