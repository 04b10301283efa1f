"""What hangs is replaced; what ends is started again soon."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from deploy.local import process
from deploy.local.nats import http_answers, http_unready
from deploy.local.process import Child
from deploy.local.settings import free_ports
from deploy.local.supervisor import Stop, Supervisor, hold_signals


def test_a_process_that_hangs_is_replaced(place: Path):
    words: list[str] = []
    [port] = free_ports(1)
    argv = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", place]
    child = Child(
        "server",
        lambda: process.program(argv, place / "log", signal.SIGTERM),
        place / "log",
        unready=lambda: None if http_answers(port) else http_unready(port),
        answers=lambda: http_answers(port),
    )
    supervisor = Supervisor(words.append, patience=1)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    hold_signals()
    try:
        supervisor.start([child])
        supervisor.await_ready([child])
        first = child.pid
        os.kill(first, signal.SIGSTOP)
        stop_when(lambda: child.pid != first and http_answers(port), supervisor)
    finally:
        supervisor.stop()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    assert any("没有应答，强行结束并重启" in line for line in words)


def stop_when(question, supervisor: Supervisor) -> None:
    """Let the supervisor watch until the answer is yes; a minute at most."""
    pause, end = supervisor._pause, time.monotonic() + 60

    def paused(seconds: float) -> None:
        if question() or time.monotonic() > end:
            raise Stop
        pause(seconds)

    supervisor._pause = paused  # type: ignore[method-assign]
    with pytest.raises(Stop):
        supervisor.watch()
    assert time.monotonic() < end
