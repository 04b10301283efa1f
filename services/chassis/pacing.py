"""How far the bulk lane may run ahead of the readers: the stream is one line, and what people do stands in it too."""

import asyncio
import json
from contextlib import suppress

from nats.errors import Error

from contracts.envelope import EVENT_STREAM
from services.chassis import bus
from services.chassis.service import Service

AHEAD = 500
"""Events that may wait in the stream before the slowest reader."""
FAR_BEHIND = 10 * AHEAD
"""More than the bulk lane can have left to a reader: one that catches up, say a new replica, is not waited for."""
PAUSE = 0.05
"""Seconds between two batches of the bulk lane: the server acknowledges an event before its consumers count it."""
STALLED = 10.0
"""Seconds after which a reader that has not moved is left out: it must not stop an import for ever."""


class Pace:
    """The readers of this node's services, and where each was last seen; a county's durable counts for nothing."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.readers: set[str] = set()
        self.listed_at = self.granted_at = float("-inf")
        self.seen: dict[str, tuple[int, float]] = {}

    async def allowance(self) -> int:
        """Events of the bulk lane that may go out now; none before half of `AHEAD` is free: batches stay large."""
        now = asyncio.get_running_loop().time()
        if now - self.granted_at < PAUSE:
            return 0
        if now - self.listed_at >= STALLED:
            self.listed_at = now
            with suppress(Error, TimeoutError):  # then those of before
                self.readers = await self.listed()
        free = AHEAD - max(await asyncio.gather(*(self.waiting(reader, now) for reader in self.readers)), default=0)
        if free < AHEAD // 2:
            return 0
        self.granted_at = now
        return free

    async def listed(self) -> set[str]:
        """The durables that say of themselves that they are readers, a page at a time."""
        names, offset, total = set[str](), 0, 1
        while offset < total:
            body = json.dumps({"offset": offset}).encode()
            subject = f"$JS.API.CONSUMER.LIST.{EVENT_STREAM}"
            page = await bus.ask(self.service.nc, subject, body, timeout=2)
            names |= {c["name"] for c in page["consumers"] if bus.READER in (c["config"].get("metadata") or {})}
            offset, total = offset + page["limit"], page["total"]
        return names

    async def waiting(self, reader: str, now: float) -> int:
        """Events a reader has not acknowledged; 0 where it is far behind, stands still, or is gone."""
        try:
            subject = f"$JS.API.CONSUMER.INFO.{EVENT_STREAM}.{reader}"
            info = await bus.ask(self.service.nc, subject, timeout=1)
        except (Error, TimeoutError):
            self.readers.discard(reader)
            return 0
        waiting, floor = info["num_pending"] + info["num_ack_pending"], info["ack_floor"]["stream_seq"]
        if waiting > FAR_BEHIND:
            return 0
        if not waiting:
            self.seen.pop(reader, None)
        elif reader not in self.seen or self.seen[reader][0] != floor:
            self.seen[reader] = floor, now
        elif now - self.seen[reader][1] >= STALLED:
            return 0
        return waiting
