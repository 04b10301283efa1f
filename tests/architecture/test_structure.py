"""The house is what its drawing says: who imports whom, which way events walk, how large a service may be."""

import ast
import subprocess
import sys
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from services.chassis.handlers import Handlers, gather

ROOT = Path(__file__).parents[2]
SERVICES = ("tasks", "alerts", "notices", "ranking", "search", "portal")
WALK = ("nodes", "tasks", "alerts", "notices", "ranking", "search", "portal")
LOOKS_BACK = {("ranking.published", "notices"), ("diagnosis.opened", "notices")}
SOURCES = [p for top in ("contracts", "services", "deploy") for p in (ROOT / top).rglob("*.py")]


def handlers(service: str) -> Handlers:
    return gather(import_module(f"services.{service}.handlers"))


def test_imports_follow_the_drawing():
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]


def owner_of(entity: str) -> str:
    """Who says events of this entity: the one service that applies or lists them."""
    table = {
        "tasks": {"unit", "post", "calendar", "task", "assignment", "inspection", "finding", "appeal", "tolerance"},
        "alerts": {"light", "clock"},
        "notices": {"notice", "delivery"},
        "ranking": {"score", "ranking", "ranking_draft", "diagnosis"},
        "nodes": {"node"},
    }
    return next((service for service, entities in table.items() if entity in entities), "")


@pytest.mark.parametrize("service", SERVICES)
def test_events_walk_one_way(service):
    for event in handlers(service).ears:
        said_by = owner_of(event.type.split(".")[0])
        if said_by and (event.type, service) not in LOOKS_BACK:
            assert WALK.index(said_by) < WALK.index(service), f"{service} hears {event.type}"


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_applies_only_what_it_owns_and_hears_nothing_of_its_own(service):
    marked = handlers(service)
    assert {owner_of(event.type.split(".")[0]) or service for event in marked.appliers} <= {service}
    assert not marked.appliers.keys() & marked.ears.keys()


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_the_same_shape(service):
    service = ROOT / "services" / service
    for name in ("__init__.py", "app.py", "migrations"):
        assert (service / name).exists(), name
    said = ast.get_docstring(ast.parse((service / "__init__.py").read_text())) or ""
    assert all(word in said for word in ("wns", "ears", "ays")), "owns, hears, says"


def test_every_service_is_an_entry_point():
    assert {entry.name for entry in entry_points(group="duban.services")} == set(SERVICES)


def test_a_composition_root_is_short():
    for service in SERVICES[:5]:
        lines = (ROOT / "services" / service / "app.py").read_text().splitlines()
        assert len([line for line in lines if line.strip()]) <= 20, service


def code_lines(path: Path) -> int:
    """Lines that are neither blank, comment nor docstring."""
    source = path.read_text()
    documented: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        body = getattr(node, "body", None)
        first = body[0] if isinstance(body, list) and body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
            documented |= set(range(first.lineno, (first.end_lineno or 0) + 1))
    lines = enumerate(source.splitlines(), 1)
    return sum(1 for n, line in lines if line.strip() and not line.strip().startswith("#") and n not in documented)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_longer_than_a_person_reads_at_once(path):
    assert len(path.read_text().splitlines()) <= (360 if path == ROOT / "contracts/events.py" else 300)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_function_is_longer_than_a_screen(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            size = (node.end_lineno or node.lineno) - node.lineno + 1
            assert size <= 40, f"{node.name}: {size} lines"


def test_the_chassis_stays_small():
    assert sum(code_lines(path) for path in (ROOT / "services/chassis").glob("*.py")) <= 1_340


@pytest.mark.parametrize("service", SERVICES[:4])
def test_a_handler_is_short(service):
    marked = handlers(service)
    calls = [m.call for m in (*marked.ears.values(), *marked.desks.values(), *marked.queries.values(), *marked.clocks)]
    for call in calls:
        tree = ast.parse(Path(call.__code__.co_filename).read_text())
        node = next(n for n in ast.walk(tree) if isinstance(n, ast.AsyncFunctionDef) and n.name == call.__name__)
        body = node.body[1:] if ast.get_docstring(node) else node.body
        assert (body[-1].end_lineno or 0) - body[0].lineno + 1 <= 15, call.__name__
