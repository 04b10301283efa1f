"""The county's client: receive assignments, acknowledge, report; needs nats-py (extra `county`)."""

import asyncio
import logging
import ssl
from collections import Counter, deque
from collections.abc import AsyncIterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error
from nats.js.client import JetStreamContext
from nats.js.errors import APIError
from pydantic import ValidationError

from . import evidence
from .catalogue import event_classes
from .commands.assignment import Acknowledge, Complete, Report
from .envelope import EVENT_STREAM, Actor, ActorRole, Command, Event
from .evidence import UploadRefused
from .handled import Handled
from .node import API, VERBS, Bundle, Token, TokenAnswer, TokenRequest, reader_of, token_subject
from .refusals import Kind, Refused
from .units import address_at

logger = logging.getLogger(__name__)

AWAIT = 5.0
"""Seconds that one request for an event stays open; after a restart of the bus the next one brings what came."""
AGAIN = 1.0
CONFIRM = 2.0
PATIENT: dict[str, Any] = {
    "max_reconnect_attempts": -1,
    "reconnect_time_wait": 1,
    "ping_interval": 5,
    "max_outstanding_pings": 2,
    "connect_timeout": 2,
}


class County:
    """One county system, with the bundle that the province gave it: a folder, or a `Bundle`.

        async with County("bundles/14.10.02") as county:
            async for event in county.events():
                if event.type == "assignment.issued":
                    await county.acknowledge(event.assignment.assignment_id, "zhang", responsible_person="张某")

    An event comes again until the loop asks for the next one: handle it, then go on; at least once, so twice now and
    then. A command is durable: it is in the province's queue when the call returns, and its answer comes back as the
    event `command.answered`, with the id that the call returned. Whatever happens to the bus, the loop goes on by
    itself and says in the log what it waits for; new credentials are read from their file at the next connection.
    """

    def __init__(self, bundle: str | Path | Bundle, unit: str = "") -> None:
        """`unit`: who acts, the node's government unless said otherwise."""
        self.bundle = bundle if isinstance(bundle, Bundle) else Bundle.read(bundle)
        self.node = self.bundle.node
        self.unit = unit or address_at(self.node)
        self.nc: Client | None = None
        self._bound: tuple[Client, JetStreamContext.PullSubscription] | None = None
        self._unsure: Msg | None = None
        self._connection: tuple[Client, int] | None = None
        self._connecting = asyncio.Lock()
        self._noted = ""

    async def __aenter__(self) -> Self:
        await self._client()
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self.nc:
            await self.nc.close()

    async def events(self) -> AsyncIterator[Event]:
        """Every event at the county's addresses and for everyone above, in order, from where it last stopped.

        It never ends. A type that this version does not know, and what cannot be read, is passed over.
        """
        while True:
            message = await self._fetch()
            if event := readable(message):
                yield event
            await self._acknowledge(message)

    async def acknowledge(self, assignment: UUID, person: str, responsible_person: str = "") -> UUID:
        """The unit has it."""
        return await self.send(
            Acknowledge(actor=self._actor(person), assignment_id=assignment, responsible_person=responsible_person)
        )

    async def report(
        self, assignment: UUID, person: str, percent: str, text: str, responsible_person: str = ""
    ) -> UUID:
        """Progress in per cent, and what was done; `responsible_person`, where the acknowledgement named none."""
        body = {"percent": percent, "text": text, "responsible_person": responsible_person}
        return await self.send(
            Report.model_validate({"actor": self._actor(person), "assignment_id": assignment, **body})
        )

    async def complete(self, assignment: UUID, person: str, text: str, evidence: tuple[str, ...]) -> UUID:
        """The part is done; `evidence` are SHA-256 of files uploaded before. `person` is the unit's head."""
        actor = self._actor(person, ActorRole.UNIT_HEAD)
        return await self.send(Complete(actor=actor, assignment_id=assignment, text=text, evidence=evidence))

    async def send(self, command: Command, patience: float = 60) -> UUID:
        """Put a durable command into the queue; returns its id once the queue has it on disk.

        Without a `Nats-Msg-Id`: the command's own id makes it act once, and one sent again must come through.
        A bus that is away is asked again for `patience` seconds, under the same id. Raises APIError for what the queue
        refuses, such as one command too many, and ValueError for a command that no node may send.
        """
        if command.verb() not in VERBS:
            raise ValueError(f"节点不能发出 {command.type}")
        subject, body = command.durable(self.node), command.model_dump_json().encode()
        clock = asyncio.get_running_loop().time
        end = clock() + patience
        while True:
            try:
                js = (await self._client()).jetstream()
                await js.publish(subject, body)
                return command.id
            except Error as error:
                if isinstance(error, APIError) or clock() > end:
                    raise
                self._note("the queue does not answer, the command is sent again", error)
            await asyncio.sleep(AGAIN)

    def _actor(self, person: str, role: ActorRole = ActorRole.UNIT_CLERK) -> Actor:
        return Actor(person=person, unit=self.unit, roles=(role,))

    async def _fetch(self) -> Msg:
        """The next event, however long it takes."""
        while True:
            try:
                reader = await self._reader()
                (message,) = await reader.fetch(1, timeout=AWAIT)
                self._noted = ""
                return message
            except TimeoutError:  # nothing came
                continue
            except Error as error:  # the bus restarts, or the province makes the reader anew
                if (task := asyncio.current_task()) and task.cancelling():  # nats-py swallows it where it is closed
                    raise asyncio.CancelledError from error
                self._note("no events at the moment", error)
                await asyncio.sleep(AGAIN)

    async def _acknowledge(self, message: Msg) -> None:
        """Nobody waits for it: what is lost with a connection is sent again over the next one."""
        self._unsure = message
        try:
            await message.ack()
        except Error as error:
            self._note("an acknowledgement is not sent", error)

    async def _reader(self) -> JetStreamContext.PullSubscription:
        """The durable which the province made, over the present connection."""
        client = await self._client()
        while client.is_reconnecting:
            await asyncio.sleep(0.1)
        if self._bound is None or self._bound[0] is not client:
            js = client.jetstream(prefix=API)
            self._bound = client, await js.pull_subscribe_bind(reader_of(self.node), EVENT_STREAM)
        before, self._connection = self._connection, (client, client.stats["reconnects"])
        if self._unsure and before != self._connection:
            await self._confirm(client, self._unsure)
        return self._bound[1]

    async def _confirm(self, client: Client, message: Msg) -> None:
        """An acknowledgement that got lost would hold back the next event for half a minute.

        A bus that forgot in a crash what it had delivered confirms nothing; the event comes again.
        """
        try:
            await client.request(message.reply, b"+ACK", timeout=CONFIRM)
        except Error as error:
            self._note("an acknowledgement is not confirmed", error)

    async def _client(self) -> Client:
        """The connection; a new one where the bus has put the old one out, as it does with revoked credentials."""
        async with self._connecting:
            if self.nc is None or self.nc.is_closed:
                secure = self.bundle.ca or self.bundle.servers[0].startswith("tls://")
                self.nc = await nats.connect(
                    list(self.bundle.servers),
                    name=f"node {self.node}",
                    user_credentials=str(self.bundle.credentials),
                    tls=ssl.create_default_context(cafile=self.bundle.ca) if secure else None,
                    tls_handshake_first=bool(secure),  # never in the clear, whatever a server says
                    error_cb=self._on_error,
                    **PATIENT,
                )
            return self.nc

    async def _on_error(self, error: Exception) -> None:
        self._note("the bus", error)

    def _note(self, what: str, error: Exception) -> None:
        """Say once what is the matter, not every second."""
        if self._noted != (note := f"{what}: {error!r}"):
            logger.warning(note)
            self._noted = note


def readable(message: Msg) -> Event | None:
    """The event; None where this version does not know it, or cannot read it."""
    kind = event_classes().get(".".join(message.subject.split(".")[3:5]))
    try:
        return kind.model_validate_json(message.data) if kind else None
    except ValidationError as error:
        logger.warning("an event that cannot be read is passed over: %s %s", message.subject, error)
        return None
