"""What tests run under node: the packages of `tests/js`, installed once into `var/js` at the versions of its lock."""

import fcntl
import os
import shutil
import subprocess
import warnings
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "tests/js"
TARGET = ROOT / "var/js"
NPM = (".npmrc", "package.json", "package-lock.json")


def installed() -> Path:
    """The folder that holds `node_modules`. Without node and npm the test is skipped; where CI is set it fails."""
    if not shutil.which("node") or not shutil.which("npm"):
        missing("没有 node 与 npm：JavaScript 的测试没有运行")
    TARGET.mkdir(parents=True, exist_ok=True)
    with (TARGET / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not complete():
            install()
    return TARGET


def run(name: str, input: str = "") -> str:
    """What a module of `tests/js` prints, given that input; it stands where the packages are. Raises AssertionError."""
    return node("--input-type=module", "--eval", (SOURCE / name).read_text(), input=input)


def node(*arguments: str | Path, cwd: Path | None = None, input: str = "") -> str:
    """What node prints, run beside `node_modules` unless said otherwise. Raises AssertionError with its errors."""
    done = subprocess.run(
        ["node", *map(str, arguments)], cwd=cwd or installed(), input=input, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def missing(reason: str) -> NoReturn:
    """A tool is not here: skip and say so, or fail where CI is set."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    warnings.warn(reason, stacklevel=2)
    pytest.skip(reason)


def complete() -> bool:
    """Whether `npm ci` ended well for the files as they are now; it empties `node_modules` before it begins."""
    done = TARGET / "node_modules/.package-lock.json"
    return done.exists() and all(same(SOURCE / name, TARGET / name) for name in NPM)


def same(one: Path, other: Path) -> bool:
    return other.exists() and one.read_bytes() == other.read_bytes()


def install() -> None:
    """`npm ci`: what the lock names, checked by hash; no package's scripts are run."""
    shutil.rmtree(TARGET / "node_modules", ignore_errors=True)
    for name in NPM:
        shutil.copy(SOURCE / name, TARGET / name)
    done = subprocess.run(["npm", "ci"], cwd=TARGET, capture_output=True, text=True, timeout=600)
    if done.returncode:
        missing(f"npm ci 没有成功：JavaScript 的测试没有运行\n{done.stdout}{done.stderr}")
