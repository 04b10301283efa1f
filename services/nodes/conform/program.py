"""The system under test: a process group that the kit starts, stops, pauses, kills and watches."""

import asyncio
import os
import re
import signal
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from deploy.local import process
from deploy.local.process import Child

GRACE = 3.0
ERROR = re.compile(r"^\s*(\w+\.)*\w*(Error|Exception|panic)\b")
"""A line that begins with the name of an error: `TypeError: …`, `java.io.IOException: …`, `panic: …`."""


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
        """What it wrote last, or the last error that it names near the end: a runtime's last words may say nothing."""
        lines = [line for line in self.child.tail(20).splitlines() if line.strip()]
        errors = [line for line in lines if ERROR.search(line)]
        return (errors[-1] if errors else lines[-1]).strip()[:200] if lines else ""

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
