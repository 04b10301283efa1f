"""The house is what its drawing says: who imports whom, which way events walk, how large a part may be."""

import ast
import re
import subprocess
import sys
import tokenize
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from contracts.catalogue import DURABLE, event_classes
from contracts.envelope import Event
from contracts.events.assignment import AssignmentEvent
from services.chassis.handlers import Handlers, gather
from services.nodes.domain.rights import SERVICES as PARTS
from services.search.domain.changes import CHANGES

ROOT = Path(__file__).parents[2]
SERVICES = ("tasks", "alerts", "notices", "ranking", "search", "portal")
WALK = ("nodes", "tasks", "alerts", "notices", "ranking", "search", "portal")
LOOKS_BACK = {("ranking.published", "notices"), ("diagnosis.opened", "notices")}
SOURCES = [p for top in ("contracts", "services", "deploy") for p in (ROOT / top).rglob("*.py")]
CODE = [*SOURCES, *(p for top in ("tests", "bench", "examples") for p in (ROOT / top).rglob("*.py")), ROOT / "dev"]
OWNERS = {name: part.emits for name, part in PARTS.items()} | {"nodes": ("node",)}


def handlers(service: str) -> Handlers:
    return gather(import_module(f"services.{service}.handlers"))


def owner_of(entity: str) -> str:
    """The one service that emits events of this entity; empty where each may (policies)."""
    return next((service for service, entities in OWNERS.items() if entity in entities), "")


def test_imports_follow_the_drawing():
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]


def events_of(service: str) -> set[type[Event]]:
    """The events and families a service handles; search keeps a table of its own, for an index is no table."""
    return set(CHANGES) if service == "search" else set(handlers(service).events)


def test_the_durable_commands_of_the_services_are_those_of_the_contracts():
    taken = [kind for s in SERVICES for kind, handler in handlers(s).commands.items() if handler.durable]
    assert set(taken) == set(DURABLE), "else the sweeper would remove what a service reads"
    assert len({kind.verb() for kind in taken}) == len(taken), "two services would read one subject"


@pytest.mark.parametrize("service", SERVICES)
def test_events_walk_one_way(service):
    for event in events_of(service):
        emitter = owner_of(event.type.split(".")[0])
        if emitter and (event.type, service) not in LOOKS_BACK:
            assert WALK.index(emitter) < WALK.index(service), f"{service} handles {event.type}"


def test_the_portal_handles_every_event():
    taken = events_of("portal")
    assert all(any(base in taken for base in event.__mro__) for event in event_classes().values())


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_applies_only_what_it_owns_and_handles_nothing_of_its_own(service):
    registered = handlers(service)
    assert {owner_of(event.type.split(".")[0]) or service for event in registered.appliers} <= {service}
    assert not registered.appliers.keys() & registered.events.keys()


def test_concrete_assignment_events_are_named_only_where_what_happened_matters():
    """search indexes the text of a report, which no state holds; to notices an imported report is no answer."""
    members = {event.__name__ for event in AssignmentEvent.__subclasses__() if event.__module__.startswith("contracts")}
    naming = set()
    for service in SERVICES:
        for path in (ROOT / "services" / service).rglob("*.py"):
            names = {node.id for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Name)}
            if names & members:
                naming.add(service)
    assert naming == {"tasks", "search", "notices"}


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_the_same_shape(service):
    folder = ROOT / "services" / service
    for name in ("__init__.py", "app.py", "handlers.py", "migrations"):
        assert (folder / name).exists(), name
    text = ast.get_docstring(ast.parse((folder / "__init__.py").read_text())) or ""
    assert all(word in text for word in ("wns", "onsumes", "mits")), "owns, consumes, emits"


def test_every_service_is_an_entry_point():
    assert {entry.name for entry in entry_points(group="duban.services")} == set(SERVICES)


@pytest.mark.parametrize("service", SERVICES)
def test_a_composition_root_is_short(service):
    lines = (ROOT / "services" / service / "app.py").read_text().splitlines()
    assert len([line for line in lines if line.strip()]) <= 20


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
    assert len(path.read_text().splitlines()) <= 300


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_function_is_longer_than_a_screen(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            size = (node.end_lineno or node.lineno) - node.lineno + 1
            assert size <= 40, f"{node.name}: {size} lines"


def test_the_chassis_stays_small():
    assert sum(code_lines(path) for path in (ROOT / "services/chassis").rglob("*.py")) <= 3_330


@pytest.mark.parametrize("service", [service for service in SERVICES if service != "portal"])
def test_a_handler_is_short(service):
    registered = handlers(service)
    calls = [
        h.call
        for h in (
            *registered.events.values(),
            *registered.commands.values(),
            *registered.queries.values(),
            *registered.ticks,
        )
    ]
    for call in calls:
        tree = ast.parse(Path(call.__code__.co_filename).read_text())
        node = next(n for n in ast.walk(tree) if isinstance(n, ast.AsyncFunctionDef) and n.name == call.__name__)
        body = node.body[1:] if ast.get_docstring(node) else node.body
        assert (body[-1].end_lineno or 0) - body[0].lineno + 1 <= 15, call.__name__


DIALECT = re.compile(
    r"room|Room|Marked|marks|ears|desks?|hears?|heard|answers_|asks|Letter|mailbox|Mailbox|Wish|wish|wishes|settle"
    r"|says?|said|told|known|found|shown|Watch|Climbs?|climbs?|climbing|Ahead|Told|Shown|Colour|Stir|stirs?"
)
"""Words of the dialect that the first increment spoke; the standard terms stand in ARCHITECTURE.md, Words."""


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_identifiers_are_standard_terms(path):
    with path.open("rb") as file:
        names = {t.string for t in tokenize.tokenize(file.readline) if t.type == tokenize.NAME}
    names -= {"marks"} if path.is_relative_to(ROOT / "tests") else set()  # pytest's own word
    assert not {name for name in names if DIALECT.fullmatch(name)}
