"""What must not change or be heard while a county tries what it may not, and the instruments that see it."""

import asyncio
import json
import re
from dataclasses import dataclass, field
from typing import Any

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import ConsumerConfig

from services.chassis import bus as chassis
from services.chassis.trouble import ApiError
from tests.nodes.conftest import COUNTY, SIBLING, Stranger, through

READER, THEIRS = "node-14-10-02", "node-14-05-81"
SECRET = b"secret"
MEANT = [
    re.compile(pattern)
    for pattern in (
        rf"duban\.cmd\.v1\.[a-z_]+\.{re.escape(COUNTY)}(\..+)?",
        rf"duban\.token\.v1\.{re.escape(COUNTY)}",
        rf"\$JS\.API\.CONSUMER\.MSG\.NEXT\.EVENTS\.{READER}",
        rf"\$JS\.ACK\.EVENTS\.{READER}\..+",
        r"_R_\..+|_INBOX.*|\$JS\.EVENT\..+",
        r"\$JS\.API\.(STREAM\.INFO|CONSUMER\.LIST)\..+",
        rf"duban\.evt\.v1\.assignment\.issued\.{re.escape(COUNTY)}\..+",
    )
]
"""What the imports mean, and what the instruments ask themselves; all else in the province's account is foreign."""
Seen = tuple[str, bytes]


@dataclass
class Scene:
    """A county and its sibling, the province's account with readers at work, and spies in both."""

    county: Stranger
    sibling: Client
    province: Client
    spies: tuple[Client, Client]
    mine: list[Seen] = field(default_factory=list)
    foreign: list[Seen] = field(default_factory=list)
    before: dict[str, Any] = field(default_factory=dict)

    async def prepare(self) -> None:
        """Readers and events to steal, commands that wait, spies on everything; then the state to compare with."""
        js = self.province.jetstream()
        for name in ("alerts", "ranking"):
            await js.add_consumer(
                "EVENTS", ConsumerConfig(durable_name=name, filter_subject="duban.evt.v1.>", ack_policy="all")
            )
        await js.add_consumer(
            "COMMANDS", ConsumerConfig(durable_name="tasks", filter_subject="duban.cmd.v1.>", ack_policy="explicit")
        )
        for address in (f"{COUNTY}.000.gov", f"{SIBLING}.000.gov", "14.00.00.000.all"):
            for _ in range(5):
                await js.publish(f"duban.evt.v1.assignment.issued.{address}", b"{}")
        await self.sibling.jetstream().publish(f"duban.cmd.v1.report.{SIBLING}", b"waits")
        await self.province.subscribe("duban.token.v1.>", cb=lend)
        for nc, note in zip(self.spies, (self._see_province, self._see_sibling), strict=True):
            await nc.subscribe(">", cb=note)
            await through(nc)
        await self.drain()
        await self.verdict(quiet=0.1)

    async def _see_province(self, message: Msg) -> None:
        if not any(meant.fullmatch(message.subject) for meant in MEANT):
            self.foreign.append((message.subject, message.data[:60]))

    async def _see_sibling(self, message: Msg) -> None:
        if not message.subject.startswith("_INBOX"):
            self.foreign.append((message.subject, message.data[:60]))

    async def receive(self, message: Msg) -> None:
        """What the county itself is given."""
        self.mine.append((message.subject, message.data[:120]))

    async def drain(self) -> None:
        """The county reads all that waits for it."""
        reader = await self.county.nc.jetstream(prefix="up.API").pull_subscribe_bind(READER, "EVENTS")
        while (await self.api(f"CONSUMER.INFO.EVENTS.{READER}"))["num_pending"]:
            for message in await reader.fetch(1, timeout=2):
                await message.ack_sync(timeout=2)
        await reader.unsubscribe()

    async def api(self, verb: str, **body: Any) -> dict[str, Any]:
        return await chassis.ask(self.province, f"$JS.API.{verb}", json.dumps(body).encode() if body else b"")

    async def state(self) -> dict[str, Any]:
        """Both streams and all readers, without what the county may change: its reader, and its own commands."""
        result: dict[str, Any] = {}
        for stream in ("EVENTS", "COMMANDS"):
            try:
                info = await self.api(f"STREAM.INFO.{stream}", subjects_filter=">")
            except ApiError as error:
                result[stream] = str(error)
                continue
            subjects = info["state"].get("subjects") or {}
            result[f"{stream} is"] = (info["created"], info["config"])
            result[f"{stream} holds"] = {k: n for k, n in subjects.items() if not k.startswith(OWN_COMMANDS)}
            for one in (await self.api(f"CONSUMER.LIST.{stream}"))["consumers"] or ():
                place = (one["delivered"]["consumer_seq"], one["ack_floor"]["stream_seq"])
                place = () if one["name"] == READER else place
                result[f"{stream} {one['name']}"] = (one["created"], one["config"], place)
        return result

    async def verdict(self, quiet: float = 0.02, silent: bool = False) -> list[str]:
        """What changed or was heard since the last verdict, that should not; empty where all held.

        silent: an answer to the county that is no error counts as well.
        """
        await through(self.county.nc)
        await asyncio.sleep(quiet)
        after = await self.state()
        for spy in self.spies:
            await through(spy)
        wrong = [key for key in self.before.keys() | after if self.before.get(key) != after.get(key)]
        wrong += [f"heard {subject}" for subject, _ in self.foreign]
        wrong += [f"leaked {subject}" for subject, data in self.mine if SECRET in data]
        wrong += [f"answered {data!r}" for _, data in self.mine if silent and data and b'"error"' not in data]
        self.before = after
        self.foreign.clear()
        self.mine.clear()
        return wrong


async def lend(message: Msg) -> None:
    """Tokens, as the portal answers: to whoever asked, and to nobody else."""
    if message.reply:
        await message.respond(SECRET + message.subject.encode())


OWN_COMMANDS = tuple(f"duban.cmd.v1.{verb}.{COUNTY}" for verb in ("report", "acknowledge", "complete"))
