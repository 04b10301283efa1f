"""How much memory the running stack really takes: proportional set size, process by process."""

import sys
from dataclasses import dataclass
from pathlib import Path

import psutil

from deploy.local import settings
from deploy.local.settings import Trouble


@dataclass(frozen=True)
class Share:
    """One process's share of memory, pages used by several divided among them."""

    name: str
    pid: int
    pss: int


def shares(supervisor: int) -> list[Share]:
    """PSS in bytes of the supervisor and all below it, largest first; those that end meanwhile are left out."""
    top = psutil.Process(supervisor)
    shares = []
    for each in [top, *top.children(recursive=True)]:
        try:
            shares.append(Share(_name(each, supervisor), each.pid, each.memory_full_info().pss))
        except (psutil.NoSuchProcess, FileNotFoundError):
            continue
    return sorted(shares, key=lambda share: -share.pss)


def _name(each: psutil.Process, supervisor: int) -> str:
    if each.pid == supervisor:
        return "supervisor"
    comm = Path(f"/proc/{each.pid}/comm").read_text().strip()
    if comm != "postgres":
        return comm
    line = " ".join(each.cmdline()).strip()
    return line if line.startswith("postgres:") else "postgres: main"


def table(shares: list[Share]) -> str:
    """The shares in MiB and their sum, as text."""
    rows = [f"{share.pss / 2**20:8.1f}  {share.pid:>7}  {share.name}" for share in shares]
    total = f"{sum(share.pss for share in shares) / 2**20:8.1f}  {len(shares):>7}  合计"
    return "\n".join([f"{'PSS MiB':>8}  {'PID':>7}  进程", *rows, total])


def main() -> int:
    lock = settings.read().var / "run" / "up.pid"
    pid = lock.read_text() if lock.exists() else ""
    if not pid or not psutil.pid_exists(int(pid)):
        raise Trouble("没有正在运行的 ./dev up")
    print(table(shares(int(pid))))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Trouble as trouble:
        sys.exit(str(trouble))
