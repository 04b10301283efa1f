"""Keeps children running: starts them, waits for their health, restarts what ends or hangs, stops all in order.

It uses no thread and no event loop, so that it can fork at any time.
"""

import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from deploy.local import process
from deploy.local.process import Child
from deploy.local.settings import Trouble

STOPPING = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
STEADY = 30.0
SLOWEST = 2.0
"""Seconds between two tries of what does not start."""
ATTEMPTS = 4


class Stop(Exception):
    """Somebody asked the supervisor to stop."""


@dataclass
class Kept:
    """A child and its recent history: failures in a row, when it last started and answered, when it may start again."""

    child: Child
    failures: int = 0
    started: float = 0.0
    answered: float = 0.0
    retry: float | None = None


@dataclass
class Supervisor:
    """write: prints one line for people. Children are stopped in the opposite order of their groups' start.

    patience: seconds without any answer after which a running child is replaced.
    """

    write: Callable[[str], None]
    patience: float = 30.0
    groups: list[list[Kept]] = field(default_factory=list)

    def start(self, children: Sequence[Child]) -> None:
        """Start a group; it ends after every group started later."""
        group: list[Kept] = []
        self.groups.append(group)
        for child in children:
            child.start()
            group.append(Kept(child, started=time.monotonic()))

    def await_ready(self, children: Sequence[Child], seconds: float = 90) -> None:
        """Return when all are healthy, saying each; Trouble with the last log lines when one will not be."""
        end, waiting = time.monotonic() + seconds, list(children)
        while waiting:
            self._look()
            self._give_up(waiting, time.monotonic() > end)
            for child in [each for each in waiting if each.running()]:
                if child.unready() is None:
                    waiting.remove(child)
                    self.write(f"{child.name} 就绪")
            self._pause(0.05)

    def watch(self) -> None:
        """Restart whatever ends or hangs, until a signal raises Stop; one child is asked at a time."""
        while True:
            for kept in [each for group in self.groups for each in group]:
                self._ask(kept)
                self._look()
                self._pause(0.5)

    def finish(self, child: Child) -> int:
        """Run a child that ends by itself, keeping the others and saying what it logs; its exit code."""
        last = child.tail(1)
        child.start()
        try:
            while (code := child.exit_code()) is None:
                self._look()
                self._pause(1)
                if (line := child.tail(1)) != last:
                    self.write(last := line)
        except Stop:
            process.stop([child], patience=0.2)
            raise
        return code

    def stop(self) -> None:
        """End every group, the last started first: within 5 s even when some do not listen."""
        patience = 2.5
        for group in reversed(self.groups):
            process.stop([kept.child for kept in group], patience)
            patience = 1.0

    def _ask(self, kept: Kept) -> None:
        """End a child that runs and has not answered for too long; it is then restarted as any that ends."""
        now = time.monotonic()
        if not kept.child.running() or kept.child.answers():
            kept.answered = now
        elif (silent := now - max(kept.answered, kept.started)) > self.patience:
            self.write(f"{kept.child.name} 已 {silent:.0f} 秒没有应答，强行结束并重启")
            kept.child.send(signal.SIGKILL)

    def _look(self) -> None:
        now = time.monotonic()
        for kept in (each for group in self.groups for each in group):
            if kept.retry is not None:
                self._retry(kept, now)
            elif (code := kept.child.exit_code()) is not None:
                self._ended(kept, code, now)

    def _ended(self, kept: Kept, code: int, now: float) -> None:
        kept.failures = 1 if now - kept.started > STEADY else kept.failures + 1
        delay = min(SLOWEST, 0.1 * 2**kept.failures)
        kept.retry = now + delay
        self.write(f"{kept.child.name} 退出（代码 {code}），{delay:.1f} 秒后重启；日志 {kept.child.log}")
        if kept.failures == 1:
            self.write(kept.child.tail(5))

    def _retry(self, kept: Kept, now: float) -> None:
        if kept.retry is not None and now >= kept.retry:
            kept.child.start()
            kept.started, kept.retry = now, None

    def _give_up(self, waiting: Sequence[Child], late: bool) -> None:
        for kept in (each for group in self.groups for each in group if each.child in waiting):
            if late or kept.failures >= ATTEMPTS:
                why = kept.child.unready() or "刚刚就绪"
                raise Trouble(f"{kept.child.name} 没有就绪：{why}\n日志 {kept.child.log} 的末尾：\n{kept.child.tail()}")

    def _pause(self, seconds: float) -> None:
        """Sleep until a child ends, a signal comes or the time is over."""
        caught = signal.sigtimedwait(STOPPING | {signal.SIGCHLD}, seconds)
        if caught and caught.si_signo in STOPPING:
            raise Stop


def hold_signals() -> None:
    """From here on signals wait until the supervisor looks: none is lost between two children's starts."""
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING | {signal.SIGCHLD})
