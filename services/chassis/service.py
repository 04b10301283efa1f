"""One service at run time: its name, settings, handlers, reader, and its connections."""

import math
import time
from collections.abc import Awaitable, Callable
from typing import Any, Generic, NamedTuple, Protocol

import structlog
from asyncpg import Connection, Pool
from faststream.nats import NatsBroker
from faststream.nats.security import NatsCredentials
from nats.aio.client import Client
from typing_extensions import TypeVar

from contracts.envelope import Command
from services.chassis.blobs import Blobs
from services.chassis.handlers import Handlers
from services.chassis.settings import Settings
from services.chassis.tracing import recording

logger = structlog.get_logger(__name__)


class Lag(NamedTuple):
    """Events that wait for a reader; `taken`: the place in the stream of the last one it is through with."""

    events: int
    taken: int = 0


class Reader(Protocol):
    """What reads the events of a service: the inbox over PostgreSQL, or a service's own."""

    @property
    def job(self) -> str:
        """The lock under which one replica reads."""

    async def lead(self, db: Connection) -> None:
        """Read for as long as the connection lasts, which holds the lock."""

    async def lag(self) -> Lag:
        """What waits for it in the stream."""

    def unready(self, waiting: int) -> str:
        """In words, why it does not answer questions yet, with so many events that wait; empty where it does."""


TROUBLE_LASTS = 15.0
"""Seconds for which health tells a trouble that does not come again."""

S = TypeVar("S", bound=Settings, default=Settings, covariant=True)
R = TypeVar("R", bound=Reader | None, default=Reader | None, covariant=True)


def no_reader(_: Any) -> Any:
    """For a service that takes no events, and for the operator's commands."""
    return None


async def silent(_: Exception) -> None:
    """Whoever catches the error that this leads to says it."""


class Broker(NatsBroker):
    """FastStream's own callback raises inside nats-py's reconnect loop when the bus refuses, and so ends the loop."""

    def _log_connection_broken(self, error_cb: Callable[[Exception], Awaitable[None]] | None = None) -> Any:
        async def log(error: Exception) -> None:
            logger.warning("the bus", error=repr(error))

        return error_cb or log


class Service(Generic[S, R]):
    """What the jobs and handlers of one service share.

    `Service[AlertSettings]` in a handler's signature gives it typed settings, `Service[Settings, IndexReader]` also a
    typed reader.
    """

    pool: Pool  # opened at start: asyncpg ties a pool to the loop it was made in

    def __init__(
        self,
        name: str,
        settings: S,
        handlers: Handlers,
        reader: Callable[["Service[S, Any]"], R] = no_reader,
        patient: bool = True,
    ) -> None:
        """`patient`: wait for a bus that is away, for ever; a person at a terminal, the operator, is told at once."""
        self.name, self.settings, self.handlers = name, settings, handlers
        self.batchers: dict[type[Command], Any] = {}  # the commands that wait
        self.blobs = Blobs(settings.var / "blobs")
        self.user = name if patient else "operator"
        self.credentials = settings.credentials_of(self.user)
        self.admitted_until = math.inf  # Unix time, by the credentials with which it is connected
        options = settings.bus(self.user)
        credentials, tls = options.pop("user_credentials"), options.pop("tls")
        first = options.pop("tls_handshake_first")
        self.broker = Broker(
            **options,
            security=credentials and NatsCredentials(credentials, ssl_context=tls, tls_handshake_first=first),
            name=name,
            max_reconnect_attempts=-1 if patient else 1,  # nats-py gives up after 60 tries unless told not to
            reconnect_time_wait=1 if patient else 0,
            ping_interval=5,
            max_outstanding_pings=2,
            connect_timeout=2,
            error_cb=None if patient else silent,
            logger=None,
            middlewares=recording.middlewares(),
        )
        self.troubles: dict[str, tuple[str, float]] = {}  # what health tells of each, and when it was last met
        self.reader = reader(self)

    def report_trouble(self, trouble: str, words: str) -> None:
        """Health is red and says this, until the trouble is healed or was not met for a while."""
        self.troubles[trouble] = words, time.monotonic()

    def clear_trouble(self, trouble: str) -> None:
        """Health need not tell it any more."""
        self.troubles.pop(trouble, None)

    @property
    def current_troubles(self) -> list[str]:
        """What health tells now."""
        return [words for words, met in self.troubles.values() if time.monotonic() - met < TROUBLE_LASTS]

    @property
    def nc(self) -> Client:
        """The bus, once connected."""
        return self.broker.connection
