"""The bus: a stream of events, a queue of commands, one durable per reader."""

import asyncio
import json
from base64 import b64decode
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig

from contracts.envelope import EVENT_STREAM
from services.chassis.lanes import Lane, lane_in
from services.chassis.service import Service
from services.chassis.trouble import ApiError, NotThere, refused

ENOUGH = ("404", "408")  # nothing there; no more for now
DELIVERED = "$JS.ACK."
"""How the reply subject of a message begins that comes from a stream."""
OLDEST = (2, 15)
READER = "duban-reader"
"""In the metadata of a durable: the service whose reader it is; the bulk lane waits for those."""
EPOCH = datetime.fromtimestamp(0, UTC)
ORIGIN = "duban-log"
"""The header of an event that says which service published it, and its number in that log: `tasks/1234`."""
NO_MESSAGE = 10_037
"""JetStream's code: nothing stands at that place."""


async def unacknowledged() -> None:
    """For a message that did not come from a stream."""


class Message(NamedTuple):
    """A message as it came: `step` counts this reader's deliveries, 1, 2, 3, … since the last rewind.

    `sent_at`: when the stream took it; with every delivery the same. `origin`: whose log it is from, and its number.
    """

    id: str
    kind: str
    aggregate: str
    subject: str
    body: bytes
    trace: str = ""
    sequence: int = 0
    step: int = 0
    acknowledge: Callable[[], Awaitable[Any]] = unacknowledged
    lane: Lane = Lane.URGENT
    sent_at: datetime = EPOCH
    origin: str = ""


def received(message: Msg) -> Message:
    """A message without a usable id gets one from its place in the stream: it can still be parked."""
    headers, place = message.headers or {}, message.reply.split(".")
    sequence, step, sent = place[-4:-1] if len(place) == 9 else place[7:10]  # an older server's reply has no domain
    sent_at = EPOCH + timedelta(microseconds=int(sent) // 1_000)
    stored = _message(message.subject, int(sequence), headers, message.data, sent_at)
    return stored._replace(step=int(step), acknowledge=message.ack)


def _message(subject: str, sequence: int, headers: Mapping[str, str], body: bytes, sent_at: datetime) -> Message:
    return Message(
        storable(headers.get("Nats-Msg-Id") or f"{subject} {sequence}"),
        ".".join(subject.split(".")[3:5]),
        headers.get("ce-subject", ""),
        subject,
        body,
        headers.get("traceparent", ""),
        sequence,
        lane=lane_in(headers),
        sent_at=sent_at,
        origin=headers.get(ORIGIN, ""),
    )


async def stored(service: Service, stream: str, **which: Any) -> dict[str, Any] | None:
    """A message of a stream as the server describes it; None where there is none. Raises ApiError."""
    try:
        answer = await ask(service.nc, f"$JS.API.STREAM.MSG.GET.{stream}", json.dumps(which).encode())
    except ApiError as error:
        if error.code != NO_MESSAGE:
            raise
        return None
    return answer["message"]


async def message_at(service: Service, sequence: int) -> Message | None:
    """The event at this place of the stream; None where there is none. Raises ApiError."""
    if (message := await stored(service, EVENT_STREAM, seq=sequence)) is None:
        return None
    lines = b64decode(message.get("hdrs", "")).decode(errors="replace").split("\r\n")[1:]
    headers = {name: value.strip() for name, _, value in (line.partition(":") for line in lines) if name}
    sent_at = datetime.fromisoformat(message["time"])
    return _message(message["subject"], sequence, headers, b64decode(message.get("data", "")), sent_at)


def connection_of(service: Service) -> int:
    """Which connection to the bus this is: another may lead to a server that came back with less."""
    return int(service.nc.stats["reconnects"])


async def flush(nc: Client) -> None:
    """The server has carried out all that was sent before, and what it had sent until then is here.

    nats-py writes the PING of its flush at once, before commands that it still holds; a second one comes after them.
    """
    await nc.flush()
    await nc.flush()


def storable(text: str) -> str:
    """As PostgreSQL takes it: no NUL, no half of a character."""
    return text.replace("\x00", "\ufffd").encode(errors="replace").decode()


async def ask(
    nc: Client, subject: str, body: bytes = b"", headers: dict[str, str] | None = None, timeout: float = 5
) -> dict[str, Any]:
    """One JetStream request in raw JSON: newer than nats-py's fields."""
    answer = json.loads((await nc.request(subject, body, timeout=timeout, headers=headers)).data)
    if "error" in answer:
        raise refused(answer["error"])
    return answer


async def watch(service: Service) -> None:
    """As long as the bus is there, or comes back within `bus_limit` seconds. Raises ConnectionError: the process ends.

    nats-py closes for good when the bus puts a user out, and then says nothing more.
    """
    clock, limit = asyncio.get_running_loop().time, service.settings.bus_limit
    seen = clock()
    while not service.nc.is_closed and clock() < seen + limit:
        await asyncio.sleep(0.5)
        if service.nc.is_connected:
            seen = clock()
    raise ConnectionError(f"the bus is closed: {service.nc.is_closed}, or away for {limit:g} s")


async def ensure(service: Service) -> None:
    """The server is new enough, and the streams are there. Raises ConnectionError: who makes them is waited for."""
    version = service.nc.connected_server_version
    if (version.major, version.minor) < OLDEST:
        raise SystemExit(f"需要 nats-server {OLDEST[0]}.{OLDEST[1]} 或更新的版本，现为 {version}")
    try:
        await ask(service.nc, f"$JS.API.STREAM.INFO.{EVENT_STREAM}")
    except NotThere:
        raise ConnectionError(f"the bus has no stream {EVENT_STREAM}: `duban node keep` makes it") from None


async def rewind(
    service: Service, stream: str, durable: str, *subjects: str, reader: bool = False, start: int = 0,
    absence: float | None = None,
) -> None:  # fmt: skip
    """Create or update the durable, then go back to the first message it has not acknowledged, or to `start`.

    Several subjects are for the queue of commands, where little flows; its reader may hold the whole queue, for where a
    flood fills the window, nobody behind it is seen. `reader`: a service reads its events here. `absence`: seconds
    after which a durable that nobody reads is given up.
    """
    events = stream == EVENT_STREAM
    config = ConsumerConfig(
        durable_name=durable,
        filter_subject=subjects[0] if len(subjects) == 1 else None,
        filter_subjects=list(subjects) if len(subjects) > 1 else None,
        ack_policy=AckPolicy.ALL if events else AckPolicy.EXPLICIT,
        ack_wait=60,
        max_ack_pending=service.settings.batch * 2 if events else -1,
        metadata={READER: service.name} if reader else None,
        inactive_threshold=absence,
    )
    await service.nc.jetstream().add_consumer(stream, config)
    where = json.dumps({"seq": start}).encode() if start else b""
    await ask(service.nc, f"$JS.API.CONSUMER.RESET.{stream}.{durable}", where)


class Pull:
    """One reader's requests to its durable: one at a time, and what arrives for it.

    After a full batch the next is on its way while this one is handled.
    """

    def __init__(self, service: Service, stream: str, durable: str) -> None:
        self.service, self.durable, self.reply = service, durable, service.nc.new_inbox()
        self.subject = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{durable}"
        self.arrived: list[Message] = []
        self.pending: asyncio.Future[str] | None = None
        self.wanted = 0

    async def arrive(self, message: Msg) -> None:
        """A message, or the server's status that no more will come; a sender's header of that name is not one."""
        headers = message.headers or {}
        status = "" if message.reply.startswith(DELIVERED) else headers.get("Status", "")
        if not status:
            self.arrived.append(received(message))
        if self.pending and not self.pending.done() and (status or len(self.arrived) >= self.wanted):
            self.pending.set_result(status and f"{status} {headers.get('Description', '')}")

    async def request(self, batch: int, **more: int) -> asyncio.Future[str]:
        """Ask for so many."""
        self.arrived = []
        self.pending, self.wanted = asyncio.get_running_loop().create_future(), batch
        wanted = json.dumps({"batch": batch, **more}).encode()
        await self.service.nc.publish(self.subject, wanted, reply=self.reply)
        return self.pending

    async def answer(self, pending: asyncio.Future[str]) -> list[Message]:
        """The messages that came."""
        try:
            async with asyncio.timeout(self.service.settings.idle + 1):
                status = await pending
        except TimeoutError:
            raise ConnectionError(f"{self.durable}: the bus does not answer") from None
        self.pending = None
        if status and status[:3] not in ENOUGH:
            raise ConnectionError(f"{self.durable}: {status}")
        return self.arrived

    async def fetch(self, idle: float | None = None) -> list[Message]:
        """All that is there; where nothing is, it waits so many seconds for one, else those of the settings."""
        batch, idle = self.service.settings.batch, self.service.settings.idle if idle is None else idle
        messages = await self.answer(self.pending or await self.request(batch, no_wait=True))
        if len(messages) == batch:
            await self.request(batch, no_wait=True)
        if messages or not idle:
            return messages
        return await self.answer(await self.request(1, expires=int(idle * 1e9)))


@asynccontextmanager
async def reading(
    service: Service, stream: str, durable: str
) -> AsyncIterator[Callable[..., Awaitable[list[Message]]]]:
    """A fetch from a durable, for as long as the context lasts."""
    pull = Pull(service, stream, durable)
    subscription = await service.nc.subscribe(pull.reply, cb=pull.arrive)
    try:
        yield pull.fetch
    finally:
        if not service.nc.is_closed:
            await subscription.unsubscribe()
