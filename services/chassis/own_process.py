"""A command that takes long is decided in a process of its own, so that its service goes on answering the others."""

import asyncio
import os
import pickle
import sys
import time
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from threading import Thread
from typing import NamedTuple

from contracts.envelope import Command, Done
from contracts.refusals import Refused
from services.chassis import commands, db, log, metrics, refusals, tracing, trouble
from services.chassis.handlers import Handlers
from services.chassis.service import Service
from services.chassis.settings import Settings

PROGRAM = "from services.chassis.own_process import main; main()"
AT_ONCE = 2
"""Commands of one kind that have their processes at the same time; the others wait."""

Counted = tuple[Done | Refused, int]
"""An answer, and how many events its command emitted."""


class Order(NamedTuple):
    """All that the process needs to answer one command as its service would."""

    name: str
    settings: Settings
    handlers: Handlers
    kind: type[Command]
    body: bytes
    claimed_time: str | None
    trace: str
    parent: str = ""


async def answer(service: Service, kind: type[Command], body: bytes, claimed_time: str | None = None) -> Counted:
    """As `commands.answer`; never an exception. A process that dies leaves all of its command done, or nothing."""
    began = time.perf_counter()
    span = tracing.now().span
    parts = service.name, service.settings, service.handlers, kind, body, claimed_time
    order = Order(*parts, span.traceparent, span.cause)
    try:
        result, emitted = await delegate(order)
    except Exception as error:
        result, emitted = commands.refusal(error, kind.type), 0
    metrics.COMMANDS.labels(service.name, kind.type).observe(time.perf_counter() - began)
    if isinstance(result, Refused):
        metrics.REFUSALS.labels(service.name, kind.type, result.code).inc()
    return result, emitted


async def delegate(order: Order) -> Counted:
    """The answer of a new process. Raises RuntimeError where it ends without one."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, stdin=PIPE, stdout=PIPE, env=environment
    )
    try:
        answered = await exchange(process, pickle.dumps(order))
        if await process.wait() or not answered:
            raise RuntimeError(f"the process of a command ended with {process.returncode}")
        return pickle.loads(answered)
    finally:
        if process.returncode is None:
            process.kill()


async def exchange(process: Process, order: bytes) -> bytes:
    """All that the process writes; its input stays open, for it ends when that is closed."""
    assert process.stdin and process.stdout
    with suppress(ConnectionError):  # it has ended already
        process.stdin.write(order)
        await process.stdin.drain()
    return await process.stdout.read()


async def work(order: Order) -> Counted:
    """The answer, by the code that would give it in the service itself."""
    log.setup(order.name, order.settings.log_level)
    work = tracing.Again(order.kind.type, order.trace)
    work.parent = order.parent
    tracing.WORK.set(work)
    service = Service(order.name, order.settings, order.handlers)
    try:
        service.pool = await db.opened(service)
        await service.broker.connect()
    except trouble.LOST:
        return refusals.UNAVAILABLE, 0
    answered = await commands.answer(service, order.kind, order.body, order.claimed_time)
    await service.broker.stop()
    service.pool.terminate()
    return answered


def end_with_service() -> None:
    """Wait until the service is gone, whose end closes the input."""
    os.read(sys.stdin.fileno(), 1)
    os._exit(70)


def main() -> None:
    """Answer one order from the standard input on the standard output."""
    order: Order = pickle.load(sys.stdin.buffer)
    Thread(target=end_with_service, daemon=True).start()
    sys.stdout.buffer.write(pickle.dumps(asyncio.run(work(order))))
