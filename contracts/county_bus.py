"""The county's end of the bus: one connection that lasts, and the reader that the province made; needs nats-py."""

import asyncio
import logging
import ssl
from collections import deque
from pathlib import Path
from typing import Any

import nats
from nats.aio.client import Client, RawCredentials
from nats.aio.msg import Msg
from nats.errors import Error, InvalidUserCredentialsError, NoRespondersError
from nats.js.client import JetStreamContext

from .envelope import EVENT_STREAM
from .node import API, Bundle, reader_of

logger = logging.getLogger(__name__)

AWAIT = 3.0
"""Seconds that one request for an event stays open; after a restart of the bus the next one brings what came."""
AGAIN = 1.0
CONFIRM = 1.0
SURE = 8
"""The last acknowledgements, which are sent again after a reconnection: a killed server forgets the latest."""
PATIENT: dict[str, Any] = {
    "max_reconnect_attempts": -1,
    "reconnect_time_wait": 1,
    "ping_interval": 5,
    "max_outstanding_pings": 2,
    "connect_timeout": 2,
}


class Credentials(RawCredentials):
    """The file as it is at each connection; over one that is written by half nats-py itself stays silent for ever."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __len__(self) -> int:
        """nats-py asks whether there are any."""
        return 1

    @property
    def data(self) -> str:  # type: ignore[override]
        text = self.path.read_text()
        if text.count("------END ") < 2:
            raise InvalidUserCredentialsError
        return text


class CountyBus:
    """Goes on by itself, whatever happens to the bus, and says in the log once what it waits for."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self.nc: Client | None = None
        self._bound: tuple[Client, JetStreamContext.PullSubscription] | None = None
        self._unsure = deque[str](maxlen=SURE)
        self._connection: tuple[Client, int] | None = None
        self._connecting = asyncio.Lock()
        self._noted = set[str]()

    async def client(self) -> Client:
        """The connection; a new one where the bus has put the old one out, as it does with revoked credentials."""
        async with self._connecting:
            if self.nc is None or self.nc.is_closed:
                bundle = self.bundle
                secure = bundle.ca or bundle.servers[0].startswith("tls://")
                self.nc = await nats.connect(
                    list(bundle.servers),
                    name=f"node {bundle.node}",
                    user_credentials=Credentials(bundle.credentials),
                    tls=ssl.create_default_context(cafile=bundle.ca) if secure else None,
                    tls_handshake_first=bool(secure),  # never in the clear, whatever a server says
                    error_cb=self._on_error,
                    **PATIENT,
                )
            return self.nc

    async def fetch(self) -> Msg:
        """The next event, however long it takes."""
        while True:
            try:
                reader = await self._reader()
                (message,) = await reader.fetch(1, timeout=AWAIT)
                self._noted.clear()
                return message
            except TimeoutError:  # nothing came
                continue
            except Error as error:  # the bus restarts, or the province makes the reader anew
                if (task := asyncio.current_task()) and task.cancelling():  # nats-py swallows it where it is closed
                    raise asyncio.CancelledError from error
                self.note("no events at the moment", error)
                await asyncio.sleep(AGAIN)

    async def acknowledge(self, message: Msg) -> None:
        """Nobody waits for it: what is lost with a connection is sent again over the next one."""
        self._unsure.append(message.reply)
        try:
            await message.ack()
        except Error as error:
            self.note("an acknowledgement is not sent", error)

    async def close(self, unhandled: Msg | None) -> None:
        """`unhandled` goes back, so that who comes next need not wait for it."""
        if self.nc and not self.nc.is_closed:
            if unhandled and self.nc.is_connected:
                await unhandled.nak()
            await self.nc.close()

    async def _reader(self) -> JetStreamContext.PullSubscription:
        """The durable which the province made, over the present connection."""
        client = await self.client()
        while client.is_reconnecting:
            await asyncio.sleep(0.1)
        if self._bound is None or self._bound[0] is not client:
            js = client.jetstream(prefix=API)
            self._bound = client, await js.pull_subscribe_bind(reader_of(self.bundle.node), EVENT_STREAM)
        connection = client, client.stats["reconnects"]
        if self._unsure and connection != self._connection:
            await self._confirm(client)
        self._connection = connection
        return self._bound[1]

    async def _confirm(self, client: Client) -> None:
        """Acknowledgements that got lost would hold back the next event for five seconds.

        A bus that forgot in a crash what it had delivered confirms nothing; the event comes again. Raises
        NoRespondersError where it does not know the reader yet.
        """
        for reply in self._unsure:
            await client.publish(reply, b"+ACK")
        try:
            await client.request(self._unsure[-1], b"+ACK", timeout=CONFIRM)
        except NoRespondersError:
            raise
        except Error as error:
            logger.info("an acknowledgement is not confirmed: %r", error)

    async def _on_error(self, error: Exception) -> None:
        self.note("the bus", error)

    def note(self, what: str, error: Exception) -> None:
        """Say once what is the matter, not every second."""
        if (note := f"{what}: {error!r}") not in self._noted:
            logger.warning(note)
            self._noted.add(note)
