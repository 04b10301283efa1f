"""Events into the stream, from rows of the log: in order, each at least once, none taken for another stream's."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import nats
from asyncpg import Record
from nats.aio.client import Client

from contracts.envelope import EVENT_STREAM, cloudevent_headers
from services.chassis import bus
from services.chassis.lanes import lane_header
from services.chassis.service import Service, silent
from services.chassis.trouble import ApiError

REPEATED = 10201  # the batch holds a Nats-Msg-Id the stream already has


async def line(service: Service) -> Client:
    """A connection to publish on that ends with its server, and with it what was not sent yet.

    The service's own comes back, perhaps to a stream made anew, and would send there what it still holds: before
    that stream is filled, so before its causes.
    """
    options = service.settings.bus(service.user)
    return await nats.connect(**options, name=f"{service.name} relay", allow_reconnect=False, error_cb=silent)


async def publish(service: Service, nc: Client, rows: Sequence[Record]) -> int:
    """Rows with `seq, id, type, aggregate, subject, body, time, trace, lane`, in this order, each at least once.

    In atomic batches; where the stream already has some of one, each alone. Returns where the last one stands.
    """
    messages = [(row["subject"], row["body"], headers(row, service)) for row in rows]
    last = 0
    for start in range(0, len(messages), service.settings.batch):
        last = await publish_some(nc, messages[start : start + service.settings.batch])
    return last


async def publish_some(nc: Client, messages: Sequence[tuple[str, bytes, dict[str, str]]]) -> int:
    """All or none; where the stream already has some, each alone and in order."""
    last = 0
    try:
        if len(messages) > 1:
            return await publish_batch(nc, messages)
    except ApiError as error:
        if error.code != REPEATED:
            raise
    for subject, body, head in messages:
        last = place_in(await bus.ask(nc, subject, body, head))
    return last


def headers(row: Record, service: Service) -> dict[str, str]:
    """The headers of an event, from its row alone."""
    head = cloudevent_headers(row["id"], row["type"], service.settings.node, row["aggregate"], row["time"])
    origin = {bus.ORIGIN: f"{service.name}/{row['seq']}"}
    return head | {"traceparent": row["trace"]} | origin | lane_header(row["lane"])


async def publish_batch(nc: Client, messages: Sequence[tuple[str, bytes, dict[str, str]]]) -> int:
    """One atomic batch: only the last asks for an answer."""
    batch, last = uuid4().hex, 0
    for n, (subject, body, head) in enumerate(messages, 1):
        head = head | {"Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(n)}
        if n < len(messages):
            await nc.publish(subject, body, headers=head)
        else:
            last = place_in(await bus.ask(nc, subject, body, head | {"Nats-Batch-Commit": "1"}))
    return last


def place_in(acknowledgement: dict[str, Any]) -> int:
    """Where the event stands. Raises ConnectionError unless the stream that is meant has acknowledged it."""
    if acknowledgement.get("stream") != EVENT_STREAM:
        raise ConnectionError(f"published into {acknowledgement.get('stream')}, not {EVENT_STREAM}")
    return int(acknowledgement["seq"])
