"""Child processes that never outlive their parent, each with its own log file."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NoReturn, Protocol

import structlog

from services.chassis import log as logs

logger = structlog.get_logger(__name__)
LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15
LOG_BYTES = 10_000_000


class Handle(Protocol):
    """A started process, as subprocess.Popen and Forked are."""

    pid: int

    def poll(self) -> int | None: ...


class Forked:
    """A forked copy of this process; poll() gives its exit code (negative: the signal), None while it runs."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.returncode = os.waitstatus_to_exitcode(status) if pid else None
        return self.returncode


@dataclass
class Child:
    """One process to keep: how to launch it, why it is not ready yet (None: ready), how to ask it to stop.

    answers: whether it says anything at all, well or ill; asked now and then while it runs.
    """

    name: str
    launch: Callable[[], Handle]
    log: Path
    unready: Callable[[], str | None]
    answers: Callable[[], bool] = lambda: True
    stop_signal: signal.Signals = signal.SIGTERM
    kill_signal: signal.Signals = signal.SIGKILL
    handle: Handle | None = None

    @property
    def pid(self) -> int:
        """Process id of the running child; RuntimeError when it was never started."""
        if self.handle is None:
            raise RuntimeError(f"{self.name} was never started")
        return self.handle.pid

    def start(self) -> None:
        self.handle = self.launch()

    def exit_code(self) -> int | None:
        """None while it runs or was never started."""
        return self.handle.poll() if self.handle else None

    def running(self) -> bool:
        return self.handle is not None and self.handle.poll() is None

    def send(self, number: signal.Signals) -> None:
        """Deliver a signal to a running child; one that has ended is left alone."""
        if self.running():
            os.kill(self.pid, number)

    def tail(self, lines: int = 15) -> str:
        """The last lines it logged."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 16_384))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])


def stop(children: Sequence[Child], patience: float) -> None:
    """Ask all at once, wait up to `patience` seconds, then end whoever is left by its kill signal."""
    for child in children:
        child.send(child.stop_signal)
    if wait(children, patience):
        return
    for child in children:
        child.send(child.kill_signal)
    if not wait(children, 1):
        for child in children:
            child.send(signal.SIGKILL)
        wait(children, 1)


def wait(children: Sequence[Child], seconds: float) -> bool:
    """Whether all have ended before `seconds` passed."""
    end = time.monotonic() + seconds
    while any(child.running() for child in children):
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def program(argv: Sequence[str | Path], log: Path, on_death: signal.Signals, env: Mapping[str, str] = {}) -> Handle:
    """Run a program; `on_death` is what the kernel sends it if its parent dies; `env`: beside our own."""
    parent = os.getpid()
    with open_log(log) as out:
        return subprocess.Popen(
            [str(part) for part in argv],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, **env},
            preexec_fn=lambda: _settle(parent, on_death),
        )


def fork(name: str, log: Path, env: Mapping[str, str], run: Callable[[], int]) -> Handle:
    """Run `run` in a forked copy of this process, killed with it; its result is the exit code."""
    parent = os.getpid()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        _become(parent, name, log, env, run)
    return Forked(pid)


def _become(parent: int, name: str, log: Path, env: Mapping[str, str], run: Callable[[], int]) -> NoReturn:
    code = 1
    try:
        _settle(parent, signal.SIGKILL)
        LIBC.prctl(PR_SET_NAME, f"duban:{name}".encode())
        with open_log(log) as out, Path(os.devnull).open("rb") as nothing:
            os.dup2(nothing.fileno(), 0)
            os.dup2(out.fileno(), 1)
            os.dup2(out.fileno(), 2)
        os.environ.update(env)
        logs.setup(name, os.environ.get("DUBAN_LOG_LEVEL", "INFO"))
        code = run()
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else 1
        if isinstance(left.code, str):
            logger.critical(left.code)
    except BaseException:
        logger.critical("nobody caught this", exc_info=True)
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _settle(parent: int, on_death: signal.Signals) -> None:
    """In the child: out of the terminal's group, signals as new, tied to the parent's life."""
    os.setsid()
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    LIBC.prctl(PR_SET_PDEATHSIG, int(on_death))
    if os.getppid() != parent:
        os._exit(0)


def open_log(path: Path) -> BinaryIO:
    """Append to the log, turned over once past 10 MB."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(path.with_suffix(".log.1"))
    return path.open("ab")
