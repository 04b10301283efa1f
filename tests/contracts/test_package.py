"""The contracts as a county gets them: a package of its own, in an environment that holds nothing of Duban."""

import ast
import json
import os
import shutil
import subprocess
import sys
import tomllib
import venv
import warnings
import zipfile
from dataclasses import dataclass
from email import message_from_bytes
from importlib.metadata import Distribution, distribution
from importlib.util import find_spec
from pathlib import Path
from subprocess import DEVNULL
from typing import Any, NoReturn

import pytest
from packaging.requirements import Requirement

from contracts.catalogue import event_classes
from tests.contracts import corpus

ROOT = Path(__file__).parents[2]
CONTRACTS = ROOT / "contracts"
SOURCES = sorted(CONTRACTS.rglob("*.py"))
CLIENT = {"duban_contracts.county", "duban_contracts.county_bus"}
CALL = "import json, sys; from pathlib import Path; "
IMPORTS = """
from importlib import import_module
from importlib.util import find_spec
from pkgutil import walk_packages
import duban_contracts

imported, refused = [], {}
for module in walk_packages(duban_contracts.__path__, "duban_contracts."):
    try:
        imported.append(import_module(module.name).__name__)
    except ModuleNotFoundError as error:
        refused[module.name] = error.name
others = [name for name in ("contracts", "services", "deploy", "tests") if find_spec(name)]
print(json.dumps([imported, refused, others]))
"""
READS = """
from duban_contracts.catalogue import event_classes

bodies = json.loads(Path(sys.argv[1]).read_text())
print(json.dumps([event_classes()[kind].model_validate_json(text).model_dump_json() for kind, text in bodies]))
"""


@dataclass
class Environment:
    """A virtual environment that holds nothing but what it is given."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def site(self) -> Path:
        return next(self.folder.glob("lib/python3*/site-packages"))

    def output_of(self, code: str, *words: str | Path) -> Any:
        """What a program prints there, as JSON."""
        return json.loads(run(self.python, "-c", CALL + code, *words, cwd=self.folder).stdout)

    def link(self, extra: str) -> None:
        """Give it what the package requires under that extra, at any depth, as the tests' own environment has it."""
        wanted = [(next(Distribution.discover(name="duban-contracts", path=[str(self.site)])), extra)]
        for package, under in wanted:
            for line in map(Requirement, package.requires or ()):
                if line.marker is None or line.marker.evaluate({"extra": under}):
                    existing = distribution(line.name)
                    assert line.specifier.contains(existing.version)
                    wanted.append((existing, ""))
                    self._link(existing)

    def _link(self, package: Distribution) -> None:
        tops = {file.parts[0] for file in package.files or ()} - {"..", "__pycache__"}
        for top in tops:
            if not (self.site / top).exists():
                (self.site / top).symlink_to(package.locate_file(top))


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """A program that knows nothing of this Python's paths."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(command, capture_output=True, text=True, env=clean, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def pip() -> tuple[str, ...]:
    """The pip of this Python, or of the one that its environment was made by."""
    pythons = (sys.executable, sys._base_executable)
    with_pip = (each for each in pythons if subprocess.run([each, "-c", "import pip"], stderr=DEVNULL).returncode == 0)
    python = next(with_pip, None) or untested("this Python has no pip")
    return python, "-m", "pip", "--no-input", "--retries", "1", "--python"


def untested(why: str) -> NoReturn:
    warnings.warn(f"NOT TESTED, {why}: duban-contracts as a package of its own", stacklevel=2)
    pytest.skip(why)


@pytest.fixture(scope="module")
def wheel(pip: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, with the setuptools of this environment, or of the package index where it has none."""
    folder = tmp_path_factory.mktemp("sources")
    tree = folder / "contracts"
    shutil.copytree(CONTRACTS, tree, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    before = files(tree)
    try:
        own = ["--no-build-isolation"] if find_spec("setuptools") else []
        run(*pip, sys.executable, "wheel", "--no-deps", *own, "-w", folder, tree, cwd=folder)
    except AssertionError:
        if own or subprocess.run([*pip, sys.executable, "download", "-qd", folder, "setuptools"]).returncode == 0:
            raise
        untested("neither setuptools nor a package index")
    assert {path for path in files(tree) - before if ".egg-info/" not in path} == set()
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(pip: tuple[str, ...], wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """The package with what it requires, and without the extra."""
    made = Environment(tmp_path_factory.mktemp("county"))
    venv.create(made.folder, with_pip=False)
    run(*pip, made.python, "install", "--no-deps", "--no-index", wheel, cwd=made.folder)
    made.link("")
    return made


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_the_package_speaks_of_the_project_s_own_version_and_requirements():
    project, package = (
        tomllib.loads((folder / "pyproject.toml").read_text())["project"] for folder in (ROOT, CONTRACTS)
    )
    for name in ("version", "license", "requires-python", "dependencies"):
        assert package[name] == project[name]
    assert package["optional-dependencies"]["county"] == project["optional-dependencies"]["county"]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(CONTRACTS)))
def test_the_contracts_import_themselves_relatively_alone(path: Path):
    nodes = list(ast.walk(ast.parse(path.read_text())))
    absolute = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    absolute += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and not node.level]
    tops = {name.partition(".")[0] for name in absolute}
    assert not tops & {"contracts", "duban_contracts", "services", "deploy", "tests"}
    assert tops <= {*sys.stdlib_module_names, "pydantic", "nats"}


def test_the_wheel_holds_every_module_its_types_the_schemas_their_examples_and_changes_and_nothing_else(wheel: Path):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        [metadata] = (message_from_bytes(archive.read(name)) for name in names if name.endswith("/METADATA"))
    own = {f"duban_contracts/{path.relative_to(CONTRACTS).as_posix()}" for path in SOURCES}
    described = {f"duban_contracts/{path.relative_to(CONTRACTS).as_posix()}" for path in CONTRACTS.rglob("*.json")}
    parts = {name for name in names if ".dist-info/" not in name}
    assert parts == own | described | {
        f"duban_contracts/{name}" for name in ("py.typed", "CHANGELOG.md", "glossary.toml")
    }
    assert any(name.endswith("/licenses/LICENSE") for name in names)
    assert "event.type" in metadata.get_payload(), "the readme of a county's developer"


def test_it_needs_pydantic_alone_and_the_client_its_extra(installed: Environment):
    modules = {f"duban_contracts.{'.'.join(path.relative_to(CONTRACTS).with_suffix('').parts)}" for path in SOURCES}
    modules = {name.removesuffix(".__init__") for name in modules} - {"duban_contracts"}
    imported, refused, others = installed.output_of(IMPORTS)
    assert (set(imported), refused, others) == (
        modules - CLIENT,
        dict.fromkeys(CLIENT, "nats"),
        [],
    )
    installed.link("county")
    imported, refused, others = installed.output_of(IMPORTS)
    assert (set(imported), refused, others) == (modules, {}, [])


def test_every_event_that_was_ever_published_reads_there_to_the_same_bytes(installed: Environment, tmp_path: Path):
    bodies = [dict(body) for body in corpus.stored() if body["$type"] in event_classes() and "id" in body]
    events = [(body.pop("$type"), json.dumps(body, ensure_ascii=False)) for body in bodies]
    (tmp_path / "events.json").write_text(json.dumps(events))
    here = [event_classes()[kind].model_validate_json(text).model_dump_json() for kind, text in events]
    assert {kind for kind, _ in events} == event_classes().keys()
    assert installed.output_of(READS, tmp_path / "events.json") == here
