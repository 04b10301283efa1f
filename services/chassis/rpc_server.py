"""Commands and queries over request/reply: bytes in, an answer out, never an exception."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog
from faststream.nats import NatsMessage
from pydantic import BaseModel, ValidationError

from contracts.envelope import Answer, Command
from contracts.queries.query import Query
from services.chassis import bus, commands, db, outbox, own_process, refusals, tracing
from services.chassis.service import Service
from services.chassis.tracing import recording

logger = structlog.get_logger(__name__)
CLAIMED_TIME = "duban-now"
"""The header in which the demo's loader says when a command was given."""


def subscribe(service: Service) -> None:
    """One subscription for each command and each query, shared by all replicas.

    A reader that is not ready when the service is built subscribes to the queries itself, once it is.
    """
    for command, handler in service.handlers.commands.items():
        limit = {"max_workers": own_process.AT_ONCE} if handler.own_process else {}
        service.broker.subscriber(command.subject(), **options(service) | limit)(command_responder(service, command))
    if not (service.reader and service.reader.unready(0)):
        questions(service)


def questions(service: Service) -> list[Any]:
    """A subscription for each query, not yet started unless the broker is about to start."""
    subscribers = [service.broker.subscriber(query.subject(), **options(service)) for query in service.handlers.queries]
    for query, subscriber in zip(service.handlers.queries, subscribers, strict=True):
        subscriber(query_responder(service, query))
    return subscribers


async def leave(service: Service, subscribers: Sequence[Any]) -> None:
    """No more is asked here, and what was asked is answered; FastStream's own stop drops what waits.

    nats-py's drain alone misses what the server sends between its answer and the end of the subscription.
    """
    asked = [subscriber for subscriber in subscribers if subscriber.subscription]
    for subscriber in asked:
        await service.nc._send_unsubscribe(subscriber.subscription._id)
    await bus.flush(service.nc)
    for subscriber in asked:
        await subscriber.subscription.drain()
        subscriber.subscription = None
        subscriber.send_stream.close()
    if tasks := [task for subscriber in asked for task in subscriber.tasks]:
        await asyncio.wait(tasks)
    for subscriber in asked:
        await subscriber.stop()


def options(service: Service) -> dict[str, Any]:
    """Those of every subscription."""
    return {"queue": service.name, "max_workers": service.settings.pool, "decoder": raw}


async def raw(message: Any) -> bytes:
    """The body as it came: a bad one must be answered, so FastStream may not decode it."""
    return message.body


def command_responder(service: Service, command: type[Command]) -> Callable[[bytes, NatsMessage], Awaitable[BaseModel]]:
    """What FastStream calls with a command."""
    decide = own_process.answer if service.handlers.commands[command].own_process else commands.answer

    async def respond(body: bytes, message: NatsMessage) -> Answer:
        with tracing.Work(command.type, message.headers.get(recording.HEADER, "")):
            answer, emitted = await decide(service, command, body, message.headers.get(CLAIMED_TIME))
        if emitted:
            await outbox.poke(service)
        return answer

    return respond


def query_responder(service: Service, query: type[Query]) -> Callable[[bytes, NatsMessage], Awaitable[BaseModel]]:
    """What FastStream calls with a query."""
    handler = service.handlers.queries[query]

    async def respond(body: bytes, message: NatsMessage) -> Any:  # FastStream makes a bare BaseModel of it otherwise
        with tracing.Work(query.type, message.headers.get(recording.HEADER, "")):
            return await reply(body)

    async def reply(body: bytes) -> BaseModel:
        try:
            question = query.model_validate_json(body)
            async with db.acquired(service.pool) as connection, connection.transaction(readonly=True):
                return await handler.call(question, connection, **handler.arguments(service))
        except ValidationError as error:
            return refusals.invalid(error)
        except db.Unavailable:
            return refusals.UNAVAILABLE
        except Exception:
            logger.exception("a query failed", query=query.type)
            return refusals.FAILED

    return respond
