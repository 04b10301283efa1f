"""`./dev` before anything is installed, and the runner behind `./dev test`."""

import importlib.machinery
import importlib.util
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import psutil
import pytest

from deploy.local import checks
from deploy.local.checks import Part
from deploy.local.settings import ROOT

HIDDEN = """
import importlib.util
import sys

class Hide:
    def find_spec(self, name, path=None, target=None):
        if name in ("pip", "ensurepip"):
            raise ModuleNotFoundError(name)

found = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name in ("pip", "ensurepip") else found(name, package)
sys.meta_path.insert(0, Hide())
"""


@pytest.fixture
def dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The bootstrap over a tree of its own, with an empty .venv."""
    loader = importlib.machinery.SourceFileLoader("dev", str(ROOT / "dev"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("dev", loader))
    loader.exec_module(module)
    for name in ("pyproject.toml", "requirements.lock"):
        (tmp_path / name).write_text((ROOT / name).read_text())
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "LOCK", tmp_path / "requirements.lock")
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    return module


def test_without_a_word_it_says_what_it_can_do_and_an_unknown_word_is_an_error():
    asked = subprocess.run([ROOT / "dev"], capture_output=True, text=True)
    assert (asked.returncode, "./dev up [--fresh] [--no-demo]" in asked.stdout) == (0, True)
    assert subprocess.run([ROOT / "dev", "sing"], capture_output=True).returncode == 2


def test_a_python_without_pip_is_told_which_package_to_install(tmp_path: Path):
    for name in ("dev", "pyproject.toml", "requirements.lock"):
        (tmp_path / name).write_text((ROOT / name).read_text())
    (tmp_path / "sitecustomize.py").write_text(HIDDEN)
    bare = {"PATH": str(tmp_path), "PYTHONPATH": str(tmp_path)}
    announced = subprocess.run([sys.executable, tmp_path / "dev", "lint"], capture_output=True, text=True, env=bare)
    assert announced.returncode == 1
    assert "apt-get install -y python3-venv" in announced.stderr


def test_dependencies_are_installed_again_only_when_the_lock_changes(dev: ModuleType, monkeypatch: pytest.MonkeyPatch):
    installed: list[str] = []
    monkeypatch.setattr(dev, "install", lambda: installed.append(dev.LOCK.read_text()[-9:]))
    dev.prepare()
    dev.prepare()
    assert len(installed) == 1
    with dev.LOCK.open("a") as lock:
        lock.write("# changed")
    dev.prepare()
    assert len(installed) == 2
    assert installed[1] == "# changed"


def test_a_tree_that_moved_gets_a_new_venv(dev: ModuleType, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(dev, "install", lambda: None)
    dev.prepare()
    stamp = dev.VENV / "duban.stamp"
    (dev.VENV / "leftover").touch()
    stamp.write_text("/elsewhere (3, 11)\n" + stamp.read_text().splitlines()[1])
    dev.prepare()
    assert not (dev.VENV / "leftover").exists()


def test_the_project_and_its_entry_points_are_found_in_the_venv(dev: ModuleType, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(dev, "install", lambda: None)
    (dev.ROOT / "services").mkdir()
    (dev.ROOT / "services" / "greeting.py").write_text("def main():\n    print('here')\n")
    project = dev.ROOT / "pyproject.toml"
    project.write_text('[project]\nversion = "0.1.0"\n[project.scripts]\nduban = "services.greeting:main"\n')
    dev.prepare()
    assert subprocess.run([dev.VENV / "bin" / "duban"], capture_output=True, text=True).stdout == "here\n"
    project.write_text(project.read_text().replace("0.1.0", "0.2.0") + '[project.entry-points.words]\na = "b:c"\n')
    dev.prepare()
    ask = "from importlib.metadata import entry_points, version; print(version('duban'), *entry_points(group='words'))"
    answer = subprocess.run([dev.PYTHON, "-c", ask], capture_output=True, text=True)
    assert answer.stdout.startswith("0.2.0 EntryPoint(name='a', value='b:c'")
    assert len(list(dev.VENV.glob("lib/python3*/site-packages/duban-*"))) == 1


@pytest.mark.full
def test_a_clean_checkout_gets_its_dependencies_and_checks_its_code(tmp_path: Path):
    tracked = subprocess.check_output(["git", "ls-files", "-coz", "--exclude-standard"], cwd=ROOT, text=True)
    for name in filter(None, tracked.split("\0")):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    (tmp_path / "dev").chmod(0o755)
    done = subprocess.run([tmp_path / "dev", "lint"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "全部通过" in done.stdout


def test_every_directory_with_tests_belongs_to_a_part(tmp_path: Path):
    for name in ("architecture", "contracts", "tasks", "brandnew", "faults", "data"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "test_it.py").touch()
    (tmp_path / "data" / "test_it.py").unlink()
    parts = {part.name: part for part in checks.parts(full=False, tests=tmp_path)}
    assert set(parts) == {*checks.LINT, "contracts", "tasks", "brandnew", "faults"}
    assert {tmp_path / "architecture", tmp_path / "contracts"} <= set(parts["contracts"].argv)
    assert parts["brandnew"].argv[-1] == "not full"
    assert "not full" not in checks.parts(full=True, tests=tmp_path)[-1].argv


def test_one_failing_part_fails_the_whole_and_shows_its_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    parts = [Part("good", ["true"]), Part("bad", ["sh", "-c", "echo it broke; exit 3"])]
    checks.run(parts, 2, tmp_path)
    assert [part.failed for part in parts] == [False, True]
    assert "it broke" in capsys.readouterr().out
    assert "失败：bad" in checks.table(parts, 1.0)


def test_a_part_that_collects_nothing_fails_unless_its_tests_are_long_ones(tmp_path: Path):
    empty = Part("empty", ["sh", "-c", "echo no tests ran; exit 5"])
    long = Part("long", ["sh", "-c", "echo 3 deselected in 0.1s; exit 5"])
    checks.run([empty, long], 2, tmp_path)
    assert (empty.failed, long.failed, long.note) == (True, False, "只有 --full 的测试")


def test_a_part_that_hangs_is_ended_with_what_it_started(tmp_path: Path):
    hanging = Part("hanging", ["sh", "-c", "sleep 4711 & wait"])
    began = time.monotonic()
    checks.run([hanging], 1, tmp_path, limit=0.3)
    assert time.monotonic() - began < 5
    assert hanging.failed
    assert "已中止" in hanging.note
    assert not [each for each in psutil.process_iter(["cmdline"]) if "4711" in (each.info["cmdline"] or ())]


def test_as_many_parts_run_at_once_as_are_allowed_in_their_order(tmp_path: Path):
    note = tmp_path / "note"

    def part(name: str) -> Part:
        return Part(name, ["sh", "-c", f"echo +{name} >> {note}; sleep 0.3; echo -{name} >> {note}"])

    checks.run([part("a"), part("b"), part("c")], 2, tmp_path)
    words = note.read_text().split()
    assert set(words[:2]) == {"+a", "+b"}
    assert words[2][0] == "-" and words[-1] == "-c"
