"""The catalogue is whole, every type has its place in a family, and filters meet exactly the subjects they should."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import contracts
from contracts.catalogue import command_classes, event_classes
from contracts.envelope import AuditAnchored, CommandAnswered, Event
from contracts.events.assignment import AssignmentEvent, AssignmentIssued
from contracts.events.light import ClockEvent, LightEvent
from contracts.events.register import CalendarRevised, PolicyPublished, UnitRegistered

HERE = Path(contracts.__file__).parent
WITHOUT_A_FAMILY = {CalendarRevised, PolicyPublished, CommandAnswered, AuditAnchored}
"""They carry no aggregate's state."""


def written(*paths: Path) -> list[str]:
    """The types that the classes of these files declare, dotted ones alone, read from the source."""
    bodies = [
        s for path in paths for c in ast.parse(path.read_text()).body if isinstance(c, ast.ClassDef) for s in c.body
    ]
    types = [s.value.value for s in bodies if isinstance(s, ast.Assign) and ast.unparse(s.targets[0]) == "type"]
    return sorted(each for each in types if "." in each)


def matches(pattern: str, subject: str) -> bool:
    """Whether a NATS filter meets a subject."""
    wanted, tokens = pattern.split("."), subject.split(".")
    if wanted[-1] == ">":
        wanted, tokens = wanted[:-1], tokens[: len(wanted) - 1] if len(tokens) >= len(wanted) else []
    return len(wanted) == len(tokens) and all(w in ("*", t) for w, t in zip(wanted, tokens, strict=True))


def subject(event: type[Event], address: str) -> str:
    return Event.subject(event.model_construct(address=address))


def test_every_event_in_the_source_is_in_the_catalogue_once():
    assert written(*HERE.glob("events/*.py"), HERE / "envelope.py") == sorted(event_classes())


def test_every_command_in_the_source_is_in_the_catalogue_once():
    assert written(*HERE.glob("commands/*.py")) == sorted(command_classes())


def test_the_catalogue_names_each_class_by_its_own_type():
    assert all(event.type == name for name, event in event_classes().items())
    assert all(command.type == name for name, command in command_classes().items())


@pytest.mark.parametrize("event", event_classes().values(), ids=lambda event: event.type)
def test_an_event_belongs_to_the_family_of_its_entity_or_to_none(event):
    (family, *_) = event.__bases__
    if event in WITHOUT_A_FAMILY:
        assert family is Event
    else:
        assert family.type == event.type.split(".")[0] and family.__bases__ == (Event,)


@pytest.mark.parametrize("event", event_classes().values(), ids=lambda event: event.type)
def test_an_event_carries_the_whole_state_of_its_family_as_a_required_field(event):
    (family, *_) = event.__bases__
    own = family.model_fields.keys() - Event.model_fields.keys()
    assert event in WITHOUT_A_FAMILY or any(family.model_fields[name].is_required() for name in own)


@pytest.mark.parametrize("event", event_classes().values(), ids=lambda event: event.type)
def test_an_event_is_frozen_and_a_command_refuses_unknown_fields(event):
    assert event.model_config["frozen"] and event.model_config.get("extra") in (None, "ignore")


def test_every_command_refuses_unknown_fields():
    assert {command.model_config.get("extra") for command in command_classes().values()} == {"forbid"}


def test_an_event_subject_has_ten_tokens():
    assert all(len(subject(e, "14.10.02.000.gov").split(".")) == 10 for e in event_classes().values())


FILTERS = {
    (AssignmentEvent, ""): "duban.evt.v1.assignment.>",
    (AssignmentEvent, "14.10.02"): "duban.evt.v1.assignment.*.14.10.02.>",
    (AssignmentIssued, ""): "duban.evt.v1.assignment.issued.>",
    (AssignmentIssued, "14.10.02"): "duban.evt.v1.assignment.issued.14.10.02.>",
    (UnitRegistered, "14.00.00.000"): "duban.evt.v1.unit.registered.14.00.00.000.>",
    (Event, ""): "duban.evt.v1.>",
    (Event, "14.10"): "duban.evt.v1.*.*.14.10.>",
}


@pytest.mark.parametrize(("event", "within"), FILTERS)
def test_a_filter_is_a_subject_of_nats(event: type[Event], within: str):
    assert event.filters(within) == FILTERS[event, within]


@pytest.mark.parametrize("family", [AssignmentEvent, LightEvent, ClockEvent, Event])
@pytest.mark.parametrize("within", ["", "14", "14.10", "14.10.02"])
def test_a_family_s_filter_meets_its_members_and_no_others(family: type[Event], within: str):
    met = {e for e in event_classes().values() if matches(family.filters(within), subject(e, "14.10.02.000.gov"))}
    assert met == {e for e in event_classes().values() if issubclass(e, family)}


@pytest.mark.parametrize("event", [AssignmentEvent, AssignmentIssued])
def test_a_filter_within_a_region_meets_nothing_outside_it(event: type[Event]):
    addresses = ("14.10.02.000.gov", "14.10.02.001.gov", "14.10.21.000.gov", "14.00.00.000.gov", "14.02.14.000.gov")
    met = [a for a in addresses if matches(event.filters("14.10.02"), subject(AssignmentIssued, a))]
    assert met == ["14.10.02.000.gov", "14.10.02.001.gov"]


def test_the_contracts_import_with_pydantic_alone():
    """Every module but the county's client, in a process that has no other library of ours."""
    probe = """
import importlib, pkgutil, sys
for name in ("faststream", "nats", "asyncpg", "prometheus_client", "typer", "fastapi", "services", "deploy"):
    sys.modules[name] = None
import contracts
for module in pkgutil.walk_packages(contracts.__path__, "contracts."):
    if module.name not in ("contracts.county", "contracts.county_bus"):
        importlib.import_module(module.name)
"""
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, cwd=HERE.parent)
    assert done.returncode == 0, done.stderr
