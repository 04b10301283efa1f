"""The glossary has every word that travels, and calls each as the pages of the platform do."""

import importlib
import pkgutil
from enum import StrEnum

import contracts
from contracts import glossary
from contracts.catalogue import command_classes, event_classes
from services.portal.web.labels import TABLES

SAME = {
    "light": "Light", "reason": "LightReason", "board": "Board", "weight": "Weight", "task_state": "TaskState",
    "assignment_state": "AssignmentState", "role": "Role", "clock": "ClockKind", "report": "ReportKind",
    "grade": "Grade", "notice": "NoticeKind", "notice_state": "NoticeState", "cause": "NoticeCause",
    "due_change": "DueChangeCause", "peer_group": "PeerGroup", "indicator": "Indicator", "actor": "ActorRole",
    "level": "Level",
}  # fmt: skip
"""The tables of the pages, and the closed sets they put into words."""


def closed_sets() -> dict[str, list[str]]:
    """Every closed set of the contracts."""
    sets = {}
    for module in pkgutil.walk_packages(contracts.__path__, "contracts."):
        if module.name != "contracts.county":
            for kind in vars(importlib.import_module(module.name)).values():
                if (
                    isinstance(kind, type)
                    and issubclass(kind, StrEnum)
                    and kind.__module__ == module.name
                    and len(kind)
                ):
                    sets[kind.__name__] = [str(value) for value in kind]
    return {name: values for name, values in sets.items() if name != "Language"}


def published() -> set[str]:
    """Every state, and part of one, that an event carries."""
    schemas = [event.model_json_schema(mode="serialization").get("$defs", {}) for event in event_classes().values()]
    return {name for each in schemas for name, schema in each.items() if "properties" in schema}


def test_every_closed_set_has_words_for_all_of_its_values():
    words = {name: list(each.values) for name, each in glossary.glossary().closed.items()}
    assert words == closed_sets()


def test_every_published_state_has_words():
    assert set(glossary.glossary().published) == published()


def test_every_event_and_command_has_words():
    assert set(glossary.glossary().event) == set(event_classes())
    assert set(glossary.glossary().command) == set(command_classes())


def test_the_pages_of_the_platform_use_the_same_words():
    closed = glossary.glossary().closed
    for table, name in SAME.items():
        assert {value: term.chinese for value, term in closed[name].values.items()} == TABLES[table], table
    events = {kind: term.chinese for kind, term in glossary.glossary().event.items()}
    assert {kind: events[kind] for kind in TABLES["event"]} == TABLES["event"]


def test_the_pages_are_made_from_the_words():
    for path, text in glossary.files().items():
        assert path.read_text("utf-8") == text, f"{path.name}: python -m contracts.glossary"
