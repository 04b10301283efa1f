"""One service at run time: its name, its settings, its handlers, its two connections."""

from typing import Any

from asyncpg import Pool
from faststream.nats import NatsBroker
from nats.aio.client import Client

from services.chassis.blobs import Blobs
from services.chassis.handlers import Handlers, Marked
from services.chassis.settings import Settings


class Service:
    """What the jobs of one service share."""

    pool: Pool  # opened at start: asyncpg ties a pool to the loop it was made in

    def __init__(self, service: str, settings: Settings, handlers: Handlers, patient: bool = True) -> None:
        """`patient`: wait for a bus that is away, for ever; a person at a terminal is told at once."""
        self.service, self.settings, self.handlers = service, settings, handlers
        self.lines: dict[Marked, Any] = {}  # the commands that wait, by desk
        self.blobs = Blobs(settings.var / "blobs")
        # nats-py gives up after 60 tries unless told not to
        self.broker = NatsBroker(
            settings.nats_url,
            name=service,
            max_reconnect_attempts=-1 if patient else 1,
            reconnect_time_wait=1 if patient else 0,
            ping_interval=5,
            max_outstanding_pings=2,
            logger=None,
        )

    @property
    def nc(self) -> Client:
        """The bus, once connected."""
        return self.broker.connection
