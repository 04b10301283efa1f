"""`./dev test` and `./dev lint`: every part of the suite, three at a time, with its minutes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local.settings import ROOT

BIN = Path(sys.executable).parent
LINT: dict[str, Sequence[str | Path]] = {
    "ruff": [BIN / "ruff", "check", ".", "dev"],
    "format": [BIN / "ruff", "format", "--check", ".", "dev"],
    "mypy": [BIN / "mypy"],
    "imports": [BIN / "lint-imports"],
}
TOGETHER = {
    "contracts": ("architecture", "contracts", "docs"),
    "nodes": ("nodes", "conform"),
    "ranking": ("ranking", "alerts"),
}
"""Parts that share one process and its servers, which take seconds to start."""
LONGEST_FIRST = ("portal", "house", "chassis", "nodes", "notices", "ranking", "faults", "browser", "search", "tasks")
LIMIT, LIMIT_FULL = 900.0, 6 * 3600.0
NOTHING_COLLECTED = 5


@dataclass
class Part:
    """One command of the suite: its time and exit code once it has run."""

    name: str
    argv: Sequence[str | Path]
    seconds: float = 0.0
    code: int = 0
    note: str = ""

    @property
    def failed(self) -> bool:
        return self.code != 0


@dataclass
class Running:
    """A part under way, its output in a file."""

    part: Part
    process: subprocess.Popen[bytes]
    started: float
    output: Path


def parts(full: bool, tests: Path = ROOT / "tests") -> list[Part]:
    """Lint, then every directory of `tests` that holds tests: none is left out by being forgotten here."""
    joined = {name for names in TOGETHER.values() for name in names}
    folders = sorted({path.relative_to(tests).parts[0] for path in tests.glob("*/**/test_*.py")})
    groups: dict[str, tuple[str, ...]] = {name: (name,) for name in folders if name not in joined}
    groups |= {name: tuple(each for each in names if each in folders) for name, names in TOGETHER.items()}
    order = [*LONGEST_FIRST, *sorted(set(groups) - set(LONGEST_FIRST))]
    chosen = [] if full else ["-m", "not full"]
    pytest = (sys.executable, "-m", "pytest")
    return [Part(name, argv) for name, argv in LINT.items()] + [
        Part(name, [*pytest, *(tests / each for each in groups[name]), *chosen]) for name in order if groups.get(name)
    ]


def run(todo: Sequence[Part], jobs: int, outputs: Path, limit: float = LIMIT) -> None:
    """Run all, `jobs` at a time in their order, saying each as it ends and showing the output of what fails."""
    outputs.mkdir(parents=True, exist_ok=True)
    waiting, running = list(todo), list[Running]()
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                running.append(begin(waiting.pop(0), outputs))
            for each in [one for one in running if ended(one, limit)]:
                running.remove(each)
                report(each)
            time.sleep(0.05)
    finally:
        for each in running:
            end(each)


def begin(part: Part, outputs: Path) -> Running:
    output = outputs / f"{part.name}.txt"
    with output.open("wb") as file:
        process = subprocess.Popen(
            [str(word) for word in part.argv],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Running(part, process, time.monotonic(), output)


def ended(each: Running, limit: float) -> bool:
    """Whether it has; one that takes longer than `limit` seconds is ended."""
    part = each.part
    part.seconds = time.monotonic() - each.started
    code = each.process.poll()
    if code is None and part.seconds > limit:
        end(each)
        part.note = f"超过 {limit / 60:.0f} 分钟，已中止"
        code = each.process.returncode
    if code is None:
        return False
    part.code = code
    return True


def end(each: Running) -> None:
    """End the part and what it started: politely, so that its own servers stop, then by force."""
    if each.process.poll() is None:
        os.killpg(each.process.pid, signal.SIGTERM)
        try:
            each.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(each.process.pid, signal.SIGKILL)
            each.process.wait()


def report(each: Running) -> None:
    part = each.part
    text = each.output.read_text(errors="replace").strip()
    if part.code == NOTHING_COLLECTED and "deselected" in text:
        part.code, part.note = 0, "只有 --full 的测试"
    part.note = part.note or (text.splitlines()[-1].strip("= ") if text else "")
    if part.failed:
        print(f"\n──── {part.name} ────\n{text}\n", flush=True)
    print(f"{'✗' if part.failed else '✓'} {part.name:<14}{part.seconds:7.1f} s  {part.note}", flush=True)


def table(done: Sequence[Part], wall: float) -> str:
    """Minutes by part, as text."""
    rows = [f"{part.seconds / 60:8.2f}  {'失败' if part.failed else '通过'}  {part.name}" for part in done]
    failed = [part.name for part in done if part.failed]
    verdict = f"失败：{'、'.join(failed)}" if failed else "全部通过"
    return "\n".join(["", "各部分用时（分钟）：", *rows, f"{wall / 60:8.2f}  合计  {verdict}"])


def main(arguments: Sequence[str]) -> int:
    command, options = arguments[0], arguments[1:]
    if unknown := set(options) - {"--full"}:
        print(f"不认识的参数 {'、'.join(sorted(unknown))}；用法：./dev test [--full]", file=sys.stderr)
        return 2
    full = "--full" in options
    todo = parts(full)
    if command == "lint":
        todo = todo[: len(LINT)]
    started = time.monotonic()
    run(
        todo,
        jobs=min(3, (os.cpu_count() or 1) + 1),
        outputs=ROOT / "var" / "log" / "checks",
        limit=LIMIT_FULL if full else LIMIT,
    )
    print(table(todo, time.monotonic() - started))
    return int(any(part.failed for part in todo))


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
