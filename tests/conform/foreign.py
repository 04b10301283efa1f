"""A foreign system in plain nats-py, right or wrong in one way: `foreign.py right|early|… BUNDLE`."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg

TOLD = {
    "id", "time", "aggregate", "version", "owner", "address", "audience", "assignment", "actor", "lead_official",
    "target", "verification_form", "instruction",
}  # fmt: skip


class System:
    """Its memory is a file beside the bundle; the forgetful one has none."""

    def __init__(self, fault: str, bundle: Path) -> None:
        self.fault, self.bundle = fault, bundle
        self.settings = json.loads((bundle / "node.json").read_text())
        self.node = self.settings["node"]
        self.memory = bundle / "decisions.json"
        self.decisions = json.loads(self.memory.read_text()) if self.memory.exists() else {}

    async def run(self) -> None:
        """A connection after the other: whatever goes wrong, it begins anew."""
        credentials = str(self.bundle / self.settings["credentials"])
        while True:
            try:
                async with await nats.connect(
                    self.settings["servers"], user_credentials=credentials, allow_reconnect=False, error_cb=ignore
                ) as nc:
                    await self.read(nc)
            except (nats.errors.Error, OSError):
                await asyncio.sleep(0.3)

    async def read(self, nc: Client) -> None:
        js = nc.jetstream(prefix="up.API")
        reader = await js.pull_subscribe_bind(f"node-{self.node.replace('.', '-')}", "EVENTS")
        while True:
            try:
                (message,) = await reader.fetch(1, timeout=2)
            except TimeoutError:
                continue
            if self.fault == "early":
                await message.ack()
            await self.handle(nc, message)
            if self.fault != "early":
                await message.ack()

    async def handle(self, nc: Client, message: Msg) -> None:
        if self.fault == "stubborn" and message.subject.startswith("duban.evt.v1.command.answered."):
            await self.again(nc, json.loads(message.data))
        if message.subject.split(".")[3:5] != ["assignment", "issued"]:
            return
        try:
            event = json.loads(message.data)
            assignment, unit = event["assignment"]["assignment_id"], event["assignment"]["unit"]
        except (ValueError, KeyError, TypeError):
            return
        if self.fault == "strict" and (more := event.keys() - TOLD):
            raise SystemExit(f"unknown fields: {sorted(more)}")
        if assignment in self.decisions and self.fault != "forgetful":
            return
        await self.acknowledge(nc, assignment, unit)

    async def acknowledge(self, nc: Client, assignment: str, unit: str) -> None:
        body: dict[str, Any] = {"id": str(uuid4()), "assignment_id": assignment}
        own = f"{self.node}.000.gov" if self.fault == "one-unit" else unit
        body["actor"] = {"person": "li", "unit": own, "roles": ["unit_clerk"]}
        await self.send(nc, f"duban.cmd.v1.acknowledge.{self.node}", body)
        self.decisions[assignment] = body["id"]
        self.memory.write_text(json.dumps(self.decisions))

    async def again(self, nc: Client, event: dict[str, Any]) -> None:
        """Whatever was refused is sent once more, for ever."""
        for assignment, command in list(self.decisions.items()):
            if command == event["command"] and not event["answer"]["ok"]:
                await self.acknowledge(nc, assignment, event["address"])

    async def send(self, nc: Client, subject: str, body: dict[str, Any]) -> None:
        """Until the queue has it; the one that renumbers takes another id for each attempt."""
        while True:
            try:
                answer = json.loads((await nc.request(subject, json.dumps(body).encode(), timeout=2)).data)
                assert "error" not in answer, answer
                return
            except (nats.errors.TimeoutError, nats.errors.NoRespondersError):
                await asyncio.sleep(0.2)
                if self.fault == "renumbering":
                    body["id"] = str(uuid4())


async def ignore(_: Exception) -> None:
    """It shows at the next request."""


asyncio.run(System(sys.argv[1], Path(sys.argv[2])).run())
