"""The generator of Python clients, in a folder of its own: `var/clients`, at the versions and hashes of clients.txt."""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.javascript import missing

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "tests/clients.txt"
TARGET = ROOT / "var/clients"


def installed() -> Path:
    """The folder with the generator and what its clients need, to be put on a path of their own."""
    uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.prefix) / "uv/bin"))
    if uv is None:
        missing("没有 uv：生成的 Python 客户端没有测试")
    TARGET.mkdir(parents=True, exist_ok=True)
    stamp = TARGET / "installed.txt"
    with TARGET.with_suffix(".lock").open("w") as file:  # uv itself locks a file inside
        fcntl.flock(file, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_bytes() != LOCK.read_bytes():
            command = [uv, "pip", "install", "--quiet", "--require-hashes", "--target", str(TARGET), "-r", str(LOCK)]
            done = subprocess.run([*command, "--python", sys.executable], capture_output=True, text=True, timeout=600)
            if done.returncode:
                missing(f"生成 Python 客户端的工具没有装上：它的测试没有运行\n{done.stderr}")
            shutil.copy(LOCK, stamp)
    return TARGET


def generated(contract: Path, folder: Path) -> Path:
    """The package `duban_client` for an OpenAPI document, in that folder. Fails where the generator complains."""
    config = folder / "config.yml"
    config.write_text("post_hooks: []\n")
    target = folder / "duban_client"
    words = ["generate", "--path", contract, "--config", config, "--meta", "none", "--output-path", target]
    output = run("-m", "openapi_python_client", *words, path=installed())
    assert "warning" not in output.lower(), output
    return target


def run(*words: str | Path, path: str | Path) -> str:
    """What this Python prints, with nothing on its path but that."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(path), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-S", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
