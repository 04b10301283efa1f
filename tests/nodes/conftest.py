"""A registrar who may admit nodes to the bus of this run, with the streams as its keeper makes them."""

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import nats
import pytest
from nats.aio.client import Client

from deploy.local import backing as local
from services.nodes.bus import Bus, connected, prepare
from services.nodes.registrar import Registrar
from services.nodes.settings import Settings

COUNTY, SIBLING = "14.10.02", "14.05.81"
STREAMS = ("EVENTS", "COMMANDS")


def registrar_over(backing: local.Backing, folder: Path) -> Registrar:
    """A registrar with the keys that this bus trusts, and nobody enrolled yet."""
    for name in ("operator", "system", "province"):
        (folder / "keys").mkdir(exist_ok=True)
        shutil.copy(backing.keys / f"{name}.nk", folder / "keys")
    return Registrar(Settings(var=folder, nats_url=backing.nats_url, nats_credentials=backing.nats_credentials))


@pytest.fixture
def registrar(backing: local.Backing, tmp_path: Path) -> Registrar:
    return registrar_over(backing, tmp_path)


@pytest.fixture
async def bus(registrar: Registrar) -> AsyncIterator[Bus]:
    """The bus as the operator sees it, with empty streams."""
    await prepare(registrar.settings)
    async with connected(registrar.settings, registrar.authority) as joined:
        yield joined
        for stream in STREAMS:
            await joined.province.jetstream().delete_stream(stream)


async def through(nc: Client) -> None:
    """The bus has taken what was sent and said what it refuses; nats-py's first ping overtakes what still waits."""
    for _ in range(2):
        await nc.flush()


class Stranger:
    """A raw connection with somebody's credentials, and what the bus told it was wrong."""

    def __init__(self) -> None:
        self.errors: list[str] = []

    async def connect(self, url: str, credentials: Path, **options: Any) -> Client:
        """Raises where the bus lets it not in; it never comes again by itself."""

        async def note(error: Exception) -> None:
            self.errors.append(str(error).lower())

        options = {"allow_reconnect": False, "connect_timeout": 5, "error_cb": note, **options}
        self.nc = await nats.connect(url, user_credentials=str(credentials), **options)
        return self.nc

    def refused(self) -> bool:
        """Whether the bus forbade something since the last time it was asked."""
        seen, self.errors[:] = list(self.errors), []
        return any("permissions violation" in error for error in seen)


Join = Callable[..., Any]


@pytest.fixture
async def join(backing: local.Backing) -> AsyncIterator[Join]:
    """`await join(credentials)`: a stranger, who leaves when the test ends."""
    async with AsyncExitStack() as open_connections:

        async def joined(credentials: Path, **options: Any) -> Stranger:
            stranger = Stranger()
            nc = await stranger.connect(backing.nats_url, credentials, **options)
            open_connections.push_async_callback(nc.close)
            return stranger

        yield joined
