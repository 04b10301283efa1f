"""The system under test: a process group that the kit starts, stops, pauses, kills and watches."""

import asyncio
import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from deploy.local import process
from deploy.local.process import Child

GRACE = 3.0


class Program:
    """`command` with the bundle's folder as its last argument and in DUBAN_BUNDLE; its output goes to `log`."""

    def __init__(self, command: Sequence[str], bundle: Path, log: Path) -> None:
        argv: list[str | Path] = ["env", f"DUBAN_BUNDLE={bundle}", *command, bundle]
        self.child = Child(
            name="program",
            launch=lambda: process.program(argv, log, on_death=signal.SIGKILL),
            log=log,
            unready=lambda: None,
        )

    def start(self) -> None:
        self.child.start()

    def exit_code(self) -> int | None:
        """None while it runs; negative: the signal that ended it."""
        return self.child.exit_code()

    def last_line(self) -> str:
        """What it wrote last."""
        lines = [line for line in self.child.tail().splitlines() if line.strip()]
        return lines[-1][:200] if lines else ""

    def send(self, number: signal.Signals) -> None:
        """To the whole group: a command may be a script that starts the real program."""
        with suppress(ProcessLookupError):
            os.killpg(self.child.pid, number)

    def pause(self) -> None:
        self.send(signal.SIGSTOP)

    def resume(self) -> None:
        self.send(signal.SIGCONT)

    async def kill(self) -> None:
        """Ended at once, without a word to it."""
        self.send(signal.SIGKILL)
        await self._ended(GRACE)

    async def stop(self) -> None:
        """Asked to end, and killed where it does not."""
        self.send(signal.SIGTERM)
        await self._ended(GRACE)
        await self.kill()

    async def _ended(self, seconds: float) -> None:
        await asyncio.to_thread(process.wait, [self.child], seconds)
