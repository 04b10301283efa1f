"""Commands that arrive together share one transaction; a lone one waits for nobody."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from contracts.envelope import Command, Done, Event
from contracts.refusals import Refused
from services.chassis import tracing
from services.chassis.db import Unavailable

WORKERS = 2
LARGEST = 100
"""Commands in one transaction."""

Result = tuple[Done | Refused, Sequence[Event]]


@dataclass(slots=True, eq=False)
class PendingCommand:
    """A command waiting for its handler. `claimed_time`: header honoured only in a demo database.

    `sender`: the node whose durable command it is; empty for the portal, whose ids nobody else chooses.
    """

    command: Command
    claimed_time: str | None = None
    sender: str = ""
    trace: str = field(default_factory=lambda: tracing.now().span.traceparent)
    result: asyncio.Future[Result] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    @property
    def key(self) -> tuple[str, UUID]:
        """Under which its answer is stored: an id is its sender's own, so no other can block or read it."""
        return self.sender, self.command.id


Run = Callable[[Sequence[PendingCommand]], Awaitable[Sequence[Result]]]
"""Answers commands in one transaction, in their order."""


@dataclass(slots=True)
class CommandBatcher:
    """The commands that wait for one handler; a free worker takes all of them."""

    run: Run
    waiting: deque[PendingCommand] = field(default_factory=deque)
    workers: set[asyncio.Task[None]] = field(default_factory=set)

    async def submit(self, pending: PendingCommand) -> Result:
        """Wait for the result; a caller who gives up does not undo what the others share."""
        self.waiting.append(pending)
        if len(self.workers) < WORKERS:
            self.workers.add(asyncio.ensure_future(self.work()))
        return await pending.result

    async def work(self) -> None:
        """Until nothing waits; no `await` between the last look and the removal, so no command is left behind."""
        while self.waiting:
            batch = [self.waiting.popleft() for _ in range(min(len(self.waiting), LARGEST))]
            await run_batch(self.run, batch)
        if task := asyncio.current_task():
            self.workers.discard(task)


async def run_batch(run: Run, batch: Sequence[PendingCommand]) -> None:
    """Answer all in one transaction; if that fails, each in its own, so that one bad command takes no other with it."""
    try:
        results = await run(batch)
    except Exception as error:
        if len(batch) > 1 and not isinstance(error, Unavailable):
            for pending in batch:
                await run_batch(run, [pending])
            return
        for pending in batch:
            if not pending.result.done():
                pending.result.set_exception(error)
    else:
        for pending, result in zip(batch, results, strict=True):
            if not pending.result.done():  # its caller may have gone
                pending.result.set_result(result)
