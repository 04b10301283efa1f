"""Events into the stream, from rows of the log: in order, each at least once, none taken for another stream's."""

from collections.abc import Sequence
from uuid import uuid4

from asyncpg import Record

from contracts.envelope import EVENT_STREAM, cloudevent_headers
from services.chassis import bus
from services.chassis.lanes import lane_header
from services.chassis.service import Service
from services.chassis.trouble import ApiError

REPEATED = 10201  # the batch holds a Nats-Msg-Id the stream already has


async def publish(service: Service, rows: Sequence[Record]) -> None:
    """Rows with `id, type, aggregate, subject, body, time, trace, lane`, in this order, each at least once.

    In atomic batches; where the stream already has some of one, each alone.
    """
    messages = [(row["subject"], row["body"], headers(row, service.settings.node)) for row in rows]
    for start in range(0, len(messages), service.settings.batch):
        await publish_some(service, messages[start : start + service.settings.batch])


async def publish_some(service: Service, messages: Sequence[tuple[str, bytes, dict[str, str]]]) -> None:
    """All or none; where the stream already has some, each alone and in order."""
    try:
        if len(messages) > 1:
            await publish_batch(service, messages)
            return
    except ApiError as error:
        if error.code != REPEATED:
            raise
    for subject, body, head in messages:
        check_stream(service, await bus.ask(service.nc, subject, body, head))


def headers(row: Record, node: str) -> dict[str, str]:
    """The headers of an event, from its row alone."""
    head = cloudevent_headers(row["id"], row["type"], node, row["aggregate"], row["time"])
    return head | {"traceparent": row["trace"]} | lane_header(row["lane"])


async def publish_batch(service: Service, messages: Sequence[tuple[str, bytes, dict[str, str]]]) -> None:
    """One atomic batch: only the last asks for an answer."""
    batch = uuid4().hex
    for n, (subject, body, head) in enumerate(messages, 1):
        head = head | {"Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(n)}
        if n < len(messages):
            await service.nc.publish(subject, body, headers=head)
        else:
            check_stream(service, await bus.ask(service.nc, subject, body, head | {"Nats-Batch-Commit": "1"}))


def check_stream(service: Service, acknowledgement: dict[str, object]) -> None:
    """Raises ConnectionError unless the stream that is meant has acknowledged."""
    if acknowledgement.get("stream") != EVENT_STREAM:
        raise ConnectionError(f"published into {acknowledgement.get('stream')}, not {EVENT_STREAM}")
