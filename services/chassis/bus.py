"""The bus: a stream of events, a queue of commands, one durable per reader, letters in between."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error
from nats.js.api import AckPolicy, ConsumerConfig, DiscardPolicy, RetentionPolicy, StoreCompression, StreamConfig

from contracts.envelope import COMMANDS, EVENTS
from services.chassis.room import Room

ENOUGH = ("404", "408")  # nothing there; no more for now
OLDEST = (2, 15)
DAY = 86_400


class Letter(NamedTuple):
    """A message as it came: `step` counts this reader's deliveries, 1, 2, 3, … since the last rewind."""

    id: str
    kind: str
    aggregate: str
    subject: str
    body: bytes
    trace: str = ""
    sequence: int = 0
    step: int = 0
    acknowledge: Callable[[], Awaitable[Any]] | None = None


class Refusal(Error):
    """The server said no; `code` is its error code."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error)
        self.code = error.get("err_code")


def letter(message: Msg) -> Letter:
    """A message without a usable id gets one from its place in the stream: it can still be parked."""
    headers, place = message.headers or {}, message.reply.split(".")
    sequence, step = place[-4:-2] if len(place) == 9 else place[7:9]  # an older server's reply has no domain
    return Letter(
        headers.get("Nats-Msg-Id") or f"{message.subject} {sequence}",
        ".".join(message.subject.split(".")[3:5]),
        headers.get("ce-subject", ""),
        message.subject,
        message.data,
        headers.get("traceparent", ""),
        int(sequence),
        int(step),
        message.ack,
    )


async def ask(
    nc: Client, subject: str, body: bytes = b"", headers: dict[str, str] | None = None, timeout: float = 5
) -> dict[str, Any]:
    """One JetStream request in raw JSON: newer than nats-py's fields."""
    answer = json.loads((await nc.request(subject, body, timeout=timeout, headers=headers)).data)
    if "error" in answer:
        raise Refusal(answer["error"])
    return answer


async def ensure(room: Room) -> None:
    """Both streams are there, and are as this version wants them."""
    version = room.nc.connected_server_version
    if (version.major, version.minor) < OLDEST:
        raise SystemExit(f"nats-server {OLDEST[0]}.{OLDEST[1]} or newer is needed, this is {version}")
    settings = room.settings
    events = StreamConfig(
        settings.stream,
        subjects=[f"{EVENTS}.>"],
        num_replicas=settings.stream_replicas,
        max_age=400 * DAY,
        duplicate_window=2 * 60,
        discard=DiscardPolicy.NEW,
        allow_atomic=True,
        deny_delete=True,
        deny_purge=True,
        compression=StoreCompression.S2,
        max_msg_size=262_144,
        max_consumers=1_000,
    )
    commands = StreamConfig(
        settings.queue,
        subjects=[f"{COMMANDS}.>"],
        num_replicas=settings.stream_replicas,
        retention=RetentionPolicy.WORK_QUEUE,
        duplicate_window=2 * 60,
        max_msg_size=262_144,
    )
    for config in (events, commands):
        await _ensured(room, config)


async def _ensured(room: Room, config: StreamConfig) -> None:
    js = room.nc.jetstream(timeout=15)
    try:
        await js.add_stream(config)
    except Error:
        await js.update_stream(config)


async def rewind(room: Room, stream: str, durable: str, subjects: list[str]) -> None:
    """Create or update the durable, then go back to the first message it has not acknowledged."""
    config = ConsumerConfig(
        durable_name=durable,
        filter_subjects=subjects,
        ack_policy=AckPolicy.ALL if stream == room.settings.stream else AckPolicy.EXPLICIT,
        ack_wait=60,
        max_ack_pending=room.settings.batch * 2,
    )
    await room.nc.jetstream().add_consumer(stream, config)
    await ask(room.nc, f"$JS.API.CONSUMER.RESET.{stream}.{durable}")


@asynccontextmanager
async def reading(room: Room, stream: str, durable: str) -> AsyncIterator[Callable[[], Awaitable[list[Letter]]]]:
    """A fetch that returns all that is there; where nothing is, it waits `idle` seconds for one.

    After a full batch the next is on its way while this one is handled.
    """
    inbox, settings = room.nc.new_inbox(), room.settings
    arrived: list[Letter] = []
    waiting: asyncio.Future[str] | None = None
    wanted = 0

    async def arrive(message: Msg) -> None:
        status = (message.headers or {}).get("Status", "")
        if not status:
            arrived.append(letter(message))
        if waiting and not waiting.done() and (status or len(arrived) >= wanted):
            waiting.set_result(status and f"{status} {(message.headers or {}).get('Description', '')}")

    async def request(batch: int, **more: int) -> asyncio.Future[str]:
        nonlocal waiting, wanted
        arrived.clear()
        waiting, wanted = asyncio.get_running_loop().create_future(), batch
        wish = json.dumps({"batch": batch, **more}).encode()
        await room.nc.publish(f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}", wish, reply=inbox)
        return waiting

    async def answer(pending: asyncio.Future[str]) -> list[Letter]:
        nonlocal waiting
        async with asyncio.timeout(settings.idle + 1):
            status = await pending
        waiting = None
        if status and status[:3] not in ENOUGH:
            raise ConnectionError(f"{durable}: {status}")
        return list(arrived)

    async def fetch() -> list[Letter]:
        letters = await answer(waiting or await request(settings.batch, no_wait=True))
        if len(letters) == settings.batch:
            await request(settings.batch, no_wait=True)
        return letters or await answer(await request(1, expires=int(settings.idle * 1e9)))

    subscription = await room.nc.subscribe(inbox, cb=arrive)
    try:
        yield fetch
    finally:
        if not room.nc.is_closed:
            await subscription.unsubscribe()
