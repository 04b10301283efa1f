"""Services in memory, on a seeded schedule with crashes anywhere.

The code under test is the real one (commands.transact, relay.publish_next, Inbox.deliver); what it stands on is
simulated. Whatever is written goes into either lane.
"""

import asyncio
import random
from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid5

from contracts.envelope import Done
from services.chassis import commands, inbox, relay
from services.chassis.backlog import Backlog
from services.chassis.bus import Message
from services.chassis.command_batcher import PendingCommand, run_batch
from services.chassis.handlers import gather
from services.chassis.lanes import Lane
from services.chassis.settings import Settings
from tests.chassis import echo, toy
from tests.chassis.conftest import CLERK
from tests.chassis.simulated import Connection, Crash, Disk, Sessions, Stream


class Cursor(Backlog):
    """A planted mistake: the low marks follow what was published."""

    async def done(self, rows: Sequence[Any], last: int = 0) -> None:
        await super().done(rows, last)
        for lane in Lane:
            self.low[lane] = max([self.low[lane], *(row["seq"] + 1 for row in rows if row["lane"] == lane)])


class World:
    """Two toy services over one disk and one stream; `variant` plants a known mistake."""

    def __init__(self, seed: int, variant: str = "") -> None:
        self.rng = random.Random(seed)
        self.variant, self.disk = variant, Disk(self.rng, crashes=0.03)
        self.stream = Stream(self.disk)
        self.settings = Settings(patience=(0,), batch=self.rng.choice((1, 3, 8)))
        self.writer = self.service("toy", toy)
        self.reader = self.service("echo", echo)
        self.backlog = self.opened()
        self.acked, self.position = {}, 0

    def opened(self) -> Backlog:
        """The backlog of a relay that has just begun to lead."""
        return (Cursor if self.variant == "relay cursor" else Backlog)(Connection(self.disk, "toy"))

    def service(self, name: str, module: Any) -> Any:
        pool, handlers = Sessions(self.disk, name), gather(module)
        return SimpleNamespace(name=name, settings=self.settings, handlers=handlers, nc=self.stream, pool=pool)

    async def alive(self, work: Any) -> None:
        """Run again whatever crashed, until it ends well."""
        while True:
            try:
                return await work()
            except (Crash, ConnectionError):
                self.backlog = self.opened()

    async def clients(self, numbers: list[int]) -> None:
        """Each sends one id until answered; they share a batch, and some go away and send again."""
        wanted = [toy.Add(id=uuid5(UUID(int=0), str(n)), actor=CLERK, thing="abc"[n % 3]) for n in numbers]

        async def ask() -> None:
            batch = [PendingCommand(command) for command in wanted]
            await run_batch(partial(commands.transact, self.writer, toy.Add), batch)
            for number, pending in zip(numbers, batch, strict=True):
                answer, events = pending.result.result()
                if self.variant == "no outbox":
                    for event in events:
                        await self.stream.request(event.subject(), event.model_dump_json().encode(), event.headers())
                assert isinstance(answer, Done)
                self.acked[number] = answer

        await self.alive(ask)

    async def relay(self) -> None:
        """Publishes some of what waits."""
        if self.variant != "no outbox":
            await relay.publish_next(self.writer, self.writer.nc, self.backlog, self.rng.choice((0, 1, 8)))

    async def read(self) -> None:
        """Takes a batch; a delivery may be lost on the way, an acknowledgement too."""
        batch = self.stream.kept[self.position : self.position + self.settings.batch]
        messages = [self.message(sent, step) for step, sent in enumerate(batch, 1)]
        if messages and self.rng.random() < 0.1:
            messages.pop(self.rng.randrange(len(messages)))
        if not messages:
            return
        last = messages[-1].step if self.variant == "no step check" else inbox.in_step(0, messages)
        if self.variant == "ack before commit":
            self.position += last
        if self.variant == "no inbox":
            self.disk.tables["echo.inbox"].clear()
        await inbox.Inbox(self.reader).deliver(Connection(self.disk, "echo"), messages)
        if self.variant != "ack before commit" and self.rng.random() > 0.1:
            self.position += last

    def message(self, sent: tuple[str, bytes, dict[str, str]], step: int) -> Message:
        subject, body, head = sent
        return Message(head["ce-id"], "thing.added", head["ce-subject"], subject, body, "", 0, step)

    async def run(self) -> None:
        """Everything at once, then quietly to the end."""
        numbers = list(range(12)) + self.rng.sample(range(12), 3)
        self.rng.shuffle(numbers)
        batches = [numbers[start : start + 3] for start in range(0, len(numbers), 3)]
        clients = asyncio.gather(*(self.clients(batch) for batch in batches))
        while not clients.done():
            await self.alive(self.relay)
            await self.alive(self.read)
            await asyncio.sleep(0)
        self.disk.crashes = 0
        for _ in range(60):
            await self.alive(self.relay)
            await self.alive(self.read)

    def wrong(self) -> list[str]:
        """What is lost, doubled or out of order."""
        handled = defaultdict(list)
        for thing, version in self.disk.tables["echo.handled"].values():
            handled[thing].append(version)
        outcome = {
            "doubled": sum(row["total"] for row in self.disk.tables["toy.thing"].values()) != 12,
            "unanswered": len(self.acked) != 12 or len(self.disk.tables["toy.audit"]) != 12,
            "handled": dict(handled) != {thing: [1, 2, 3, 4] for thing in "abc"},
            "parked": bool(self.disk.tables["echo.dead"]),
        }
        return [name for name, is_wrong in outcome.items() if is_wrong]
