"""What was issued to each node and what was revoked, as files beside the keys: they outlive bus and database."""

import asyncio
import fcntl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TextIO

from services.nodes import keys
from services.nodes.domain.node import Enrolment


class Enrolments:
    """One file a node, which is never deleted: a revocation holds for ever."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @asynccontextmanager
    async def changing(self) -> AsyncIterator[None]:
        """One process at a time reads, writes and tells the bus: what was read before a revocation would undo it."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.folder / "lock").open("w") as lock:
            while not _taken(lock):
                await asyncio.sleep(0.02)
            yield

    def all(self) -> list[Enrolment]:
        """Every node that was ever enrolled, by address."""
        return [self._read(path) for path in sorted(self.folder.glob("*.json"))]

    def find(self, node: str) -> Enrolment | None:
        """The node's, if it was ever enrolled."""
        path = self.folder / f"{node}.json"
        return self._read(path) if path.exists() else None

    def save(self, enrolment: Enrolment) -> None:
        """Written before the bus is told: what the bus knows is always in a file."""
        keys.write(self.folder / f"{enrolment.node}.json", enrolment.model_dump_json(indent=1) + "\n")

    def _read(self, path: Path) -> Enrolment:
        return Enrolment.model_validate_json(path.read_text())


def _taken(lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
