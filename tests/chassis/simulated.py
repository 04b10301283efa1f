"""What the simulation stands on: a database with transactions and row locks, a stream, and a seeded schedule."""

import asyncio
import json
import random
from collections import defaultdict
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from asyncpg import UniqueViolationError

from services.chassis import backlog, commands, dead_letters, inbox, outbox, publishing

NOW = datetime(2026, 11, 23, tzinfo=UTC)


class Crash(BaseException):
    """kill -9: not an Exception, so nothing may catch it."""


class Disk:
    """What survives a crash: the committed tables, and the row locks of those who live."""

    def __init__(self, rng: random.Random, crashes: float) -> None:
        self.rng, self.crashes = rng, crashes
        self.tables: dict[str, dict[Any, Any]] = defaultdict(dict)
        self.locks: dict[Any, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.writers: set[Any] = set()
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
        self.writer = object()

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
            self.disk.writers.discard(self.writer)
            self.writer = object()
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

    async def fetchval(self, sql: str) -> Any:
        await self.disk.pause()
        if sql == backlog.LAST:
            return self.disk.seq
        assert sql == backlog.WRITERS
        return list(self.disk.writers)

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
        assert sql == backlog.NEXT
        return self.next(*args)

    def next(self, batch: int, low_urgent: int, low_bulk: int, allowance: int) -> list[dict[str, Any]]:
        """As `backlog.NEXT` has it."""
        waiting = [self.kept("outbox")[seq] for seq in sorted(self.kept("pending"))]
        urgent = [row for row in waiting if not row["lane"] and row["seq"] >= low_urgent][:batch]
        rest = [row for row in waiting if row["lane"]]
        bulk = [row for row in rest if row["seq"] >= low_bulk][: min(allowance, batch - len(urgent))]
        last = {row["aggregate"]: row["seq"] for row in urgent}
        pulled = [row for row in rest if row["seq"] < last.get(row["aggregate"], 0)]
        counts = {"bulk_count": len(bulk), "bulk_to": bulk[-1]["seq"] if bulk else None}
        chosen = {row["seq"]: row for row in (*urgent, *pulled, *bulk)}
        return [chosen[seq] | counts for seq in sorted(chosen)]

    async def execute(self, sql: str, *args: Any) -> None:
        await self.disk.pause()
        if sql == commands.STORE:
            await self.keep_answers(*args[10:])
        if sql in (outbox.PUT, commands.STORE):
            self.disk.writers.add(self.writer)
            lane = self.disk.rng.randrange(2)
            for id, kind, aggregate, _, _, subject, body, time, _ in zip(*args[:9], strict=True):
                self.disk.seq += 1  # a sequence never waits for a commit
                row = {"seq": self.disk.seq, "id": str(id), "type": kind, "aggregate": aggregate, "subject": subject}
                self.writes["outbox"][self.disk.seq] = row | {"body": body, "time": time, "trace": "", "lane": lane}
                self.writes["pending"][self.disk.seq] = lane
        elif sql == backlog.DONE:
            for seq in args[-1]:
                del self.kept("pending")[seq]
        elif sql == inbox.ADVANCE:
            self.writes["inbox"].update(zip(*args, strict=True))
        elif sql == dead_letters.PARK:
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
            reply = (
                {"error": {"err_code": publishing.REPEATED}}
                if refused
                else {"stream": "EVENTS", "seq": len(self.kept), "duplicate": True}
            )
        else:
            self.kept += batch
            reply = {"stream": "EVENTS", "seq": len(self.kept)}
        await self.disk.pause()
        return SimpleNamespace(data=json.dumps(reply).encode())
