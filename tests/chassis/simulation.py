"""Services in memory: a database with transactions and row locks, a stream, a seeded schedule, crashes anywhere.

The code under test is the real one (commands.transact, outbox.publish, Inbox.deliver); what it stands on is simulated.
"""

import asyncio
import json
import random
from collections import defaultdict
from datetime import UTC, datetime
from functools import partial
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid5

from asyncpg import UniqueViolationError

from contracts.envelope import Done
from services.chassis import commands, inbox, outbox
from services.chassis.bus import Message
from services.chassis.command_batcher import PendingCommand, run_batch
from services.chassis.handlers import gather
from services.chassis.settings import Settings
from tests.chassis import echo, toy
from tests.chassis.conftest import CLERK

NOW = datetime(2026, 11, 23, tzinfo=UTC)


class Crash(BaseException):
    """kill -9: not an Exception, so nothing may catch it."""


class Disk:
    """What survives a crash: the committed tables, and the row locks of those who live."""

    def __init__(self, rng: random.Random, crashes: float) -> None:
        self.rng, self.crashes = rng, crashes
        self.tables: dict[str, dict[Any, Any]] = defaultdict(dict)
        self.locks: dict[Any, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.seq = 0

    async def pause(self) -> None:
        """Let others run, and now and then let this process die."""
        for _ in range(self.rng.randrange(3)):
            await asyncio.sleep(0)
        if self.rng.random() < self.crashes:
            raise Crash


class Connection:
    """One session: its writes are its own until it commits."""

    def __init__(self, disk: Disk, service: str) -> None:
        self.disk, self.service, self.writes, self.held = disk, service, defaultdict(dict), []

    def is_closed(self) -> bool:
        return False

    def transaction(self) -> "Connection":
        return self

    async def __aenter__(self) -> "Connection":
        await self.disk.pause()
        return self

    async def __aexit__(self, kind: Any, *_: Any) -> None:
        try:
            if kind is None:
                await self.disk.pause()
                for table, rows in self.writes.items():
                    self.kept(table).update(rows)
        finally:
            self.writes = defaultdict(dict)
            for lock in self.held:
                lock.release()
            self.held = []
        await self.disk.pause()

    def kept(self, table: str) -> dict[Any, Any]:
        return self.disk.tables[f"{self.service}.{table}"]

    def row(self, table: str, key: Any) -> Any:
        return self.writes[table].get(key, self.kept(table).get(key))

    def all(self, table: str) -> dict[Any, Any]:
        return self.kept(table) | self.writes[table]

    async def lock(self, key: Any) -> None:
        if (lock := self.disk.locks[key]) not in self.held:
            await lock.acquire()
            self.held.append(lock)

    async def fetchrow(self, sql: str, *args: Any) -> Any:
        await self.disk.pause()
        await self.lock(("thing", args[0]))
        return self.row("thing", args[0])

    async def fetch(self, sql: str, *args: Any) -> list[dict[str, Any]]:
        await self.disk.pause()
        if sql == commands.STORED:
            none = {"now": NOW, "answer": None, "digest": None}
            keys = zip(*args, strict=True)
            return [none | {"sender": key[0], "id": key[1]} | (self.row("command", key) or {}) for key in keys]
        if sql == inbox.MARKS:
            signs = [{"aggregate": a, "version": v, "blocked": False} for a, v in self.all("inbox").items()]
            return signs + [{"aggregate": a, "version": 0, "blocked": True} for a in self.all("dead").values()]
        assert sql == outbox.WAITING
        return [row for _, row in sorted(self.all("outbox").items()) if not row["published"]][: args[0]]

    async def execute(self, sql: str, *args: Any) -> None:
        await self.disk.pause()
        if sql == commands.STORE:
            await self.keep_answers(*args[8:])
        if sql in (outbox.PUT, commands.STORE):
            for id, kind, aggregate, _, subject, body, time, _ in zip(*args[:8], strict=True):
                self.disk.seq += 1  # a sequence never waits for a commit
                row = {"seq": self.disk.seq, "id": str(id), "type": kind, "aggregate": aggregate, "subject": subject}
                row |= {"body": body, "time": time, "trace": "", "published": False}
                self.writes["outbox"][self.disk.seq] = row
        elif sql == outbox.MARK:
            for seq in args[0]:
                self.kept("outbox")[seq] = self.kept("outbox")[seq] | {"published": True}
        elif sql == inbox.ADVANCE:
            self.writes["inbox"].update(zip(*args, strict=True))
        elif sql == inbox.PARK:
            self.writes["dead"][args[0]] = args[2]
        elif "into thing" in sql:
            self.writes["thing"][args[0]] = {"total": args[1], "version": args[2]}
        elif "into handled" in sql:
            self.writes["handled"][len(self.all("handled"))] = args
        else:
            assert "into echo" in sql, sql

    async def keep_answers(
        self,
        _: list[str],
        entries: list[str],
        senders: list[str],
        ids: list[UUID],
        __: list[str],
        digests: list[bytes],
        answers: list[str],
    ) -> None:
        """One answer an id: who comes second waits for the first to commit, then fails."""
        for *key, digest, answer in zip(senders, ids, digests, answers, strict=True):
            await self.lock(("command", *key))
            if self.row("command", tuple(key)):
                raise UniqueViolationError
            self.writes["command"][tuple(key)] = {"digest": digest, "answer": answer}
        for entry in entries:
            self.writes["audit"][json.loads(entry)["command"]["id"]] = entry


class Sessions:
    """The pool: each time a session of its own."""

    def __init__(self, disk: Disk, service: str) -> None:
        self.disk, self.service = disk, service

    async def acquire(self) -> Connection:
        return Connection(self.disk, self.service)

    async def release(self, _: Connection) -> None:
        pass


class Stream:
    """A JetStream that forgets ids after a while, takes batches whole, and may lose what it hands out."""

    is_closed = False

    def __init__(self, disk: Disk) -> None:
        self.disk, self.kept, self.batches = disk, [], defaultdict(list)

    async def publish(self, subject: str, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        await self.disk.pause()
        if headers:
            self.batches[headers["Nats-Batch-Id"]].append((subject, body, headers))

    async def request(self, subject: str, body: bytes, headers: dict[str, str], **_: Any) -> SimpleNamespace:
        await self.disk.pause()
        batch = [*self.batches.pop(headers.get("Nats-Batch-Id", ""), ()), (subject, body, headers)]
        window = {head["Nats-Msg-Id"] for _, _, head in self.kept[-6:]}
        if any(head["Nats-Msg-Id"] in window for _, _, head in batch):
            refused = len(batch) > 1
            reply = {"error": {"err_code": outbox.REPEATED}} if refused else {"stream": "EVENTS", "duplicate": True}
        else:
            self.kept += batch
            reply = {"stream": "EVENTS"}
        await self.disk.pause()
        return SimpleNamespace(data=json.dumps(reply).encode())


class World:
    """Two toy services over one disk and one stream; `variant` plants a known mistake."""

    def __init__(self, seed: int, variant: str = "") -> None:
        self.rng = random.Random(seed)
        self.variant, self.disk = variant, Disk(self.rng, crashes=0.03)
        self.stream = Stream(self.disk)
        self.settings = Settings(patience=(0,), batch=self.rng.choice((1, 3, 8)))
        self.writer = self.service("toy", toy)
        self.reader = self.service("echo", echo)
        self.acked, self.position, self.cursor = {}, 0, 0

    def service(self, name: str, module: Any) -> Any:
        pool, handlers = Sessions(self.disk, name), gather(module)
        return SimpleNamespace(name=name, settings=self.settings, handlers=handlers, nc=self.stream, pool=pool)

    async def alive(self, work: Any) -> None:
        """Run again whatever crashed, until it ends well."""
        while True:
            try:
                return await work()
            except (Crash, ConnectionError):
                continue

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
        """Publishes what waits."""
        db = Connection(self.disk, "toy")
        rows = await db.fetch(outbox.WAITING, self.settings.batch)
        if self.variant == "relay cursor":
            rows = [row for row in rows if row["seq"] > self.cursor]
        if rows and self.variant != "no outbox":
            await outbox.publish(self.writer, rows)
            self.cursor = rows[-1]["seq"]
            await db.execute(outbox.MARK, [row["seq"] for row in rows])

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
