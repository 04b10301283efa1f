"""Whoever reads only the schemas understands every field, every word of a closed set, and sees it used."""

import json
import re
from enum import StrEnum
from typing import Any

import jsonschema_rs
import pytest

from contracts import delivery, envelope, jsonschema, notice, offices, refusals, region, terms, units, workdays
from contracts.catalogue import DURABLE, command_classes, event_classes
from contracts.queries import register as register_queries
from contracts.queries import search as search_queries
from contracts.queries.query import Query
from contracts.values import Frozen
from services.portal.web.labels import TABLES
from tests.contracts import examples

SCHEMAS = jsonschema.documents()
HAN = re.compile("[\u4e00-\u9fff]")
MODULES = (delivery, envelope, notice, offices, refusals, region, terms, units, workdays)
SETS = {
    each for module in MODULES for each in vars(module).values() if isinstance(each, type) and StrEnum in each.__bases__
}
WORDS = {
    "assignment_state": terms.AssignmentState, "board": terms.Board, "cause": terms.NoticeCause,
    "clock": workdays.ClockKind, "due_change": terms.DueChangeCause, "grade": terms.Grade,
    "indicator": terms.Indicator, "light": terms.Light, "notice": terms.NoticeKind, "notice_state": terms.NoticeState,
    "peer_group": terms.PeerGroup, "reason": terms.LightReason, "report": terms.ReportKind, "role": terms.Role,
    "task_state": terms.TaskState, "weight": workdays.Weight, "actor": envelope.ActorRole,
}  # fmt: skip
"""The closed sets that pages show, by the table that names their values."""


def answers_and_queries() -> dict[str, dict[str, Any]]:
    classes = [
        each
        for module in (register_queries, search_queries)
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, (Query, Frozen)) and each.__module__ == module.__name__
    ]
    return {each.__name__: jsonschema.plain(each.model_json_schema()) for each in classes}


def unexplained(schema: dict[str, Any], name: str) -> list[str]:
    """The models, sets and fields of a schema that nobody explains in both languages."""
    definitions = schema.get("$defs", {})
    models = {name: schema, **definitions}
    bare = [title for title, model in models.items() if not HAN.search(model.get("description", ""))]
    return bare + [
        f"{title}.{field}"
        for title, model in models.items()
        for field, value in model.get("properties", {}).items()
        if not HAN.search(meaning(value, definitions))
    ]


def meaning(field: dict[str, Any], definitions: dict[str, Any]) -> str:
    """What a field says of itself, else what its model, its set or its kind of value says."""
    if "description" in field:
        return str(field["description"])
    if reference := field.get("$ref"):
        return str(definitions[reference.rpartition("/")[2]].get("description", ""))
    return next((text for each in field.get("anyOf", ()) if (text := meaning(each, definitions))), "")


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_field_is_explained_in_english_with_the_chinese_term(name):
    assert unexplained(SCHEMAS[name], name) == []


def test_every_query_and_its_answer_is_explained_too():
    assert [gap for name, schema in answers_and_queries().items() for gap in unexplained(schema, name)] == []


def test_a_field_that_nobody_explains_is_noticed():
    schema = {"description": "甲", "properties": {"a": {"type": "string"}, "b": {"description": "English alone"}}}
    assert unexplained(schema, "x") == ["x.a", "x.b"]


def test_no_description_cites_a_rule_that_a_stranger_cannot_look_up():
    text = json.dumps(SCHEMAS, ensure_ascii=False)
    assert re.findall(r"§\d|\bR\d+\b", text) == []


@pytest.mark.parametrize("values", sorted(SETS, key=lambda each: each.__name__), ids=lambda each: each.__name__)
def test_every_value_of_a_closed_set_is_explained(values):
    assert [value for value in values if not re.search(rf"(?<!\w){re.escape(value)}(?!\w)", values.__doc__)] == []


@pytest.mark.parametrize("table", WORDS)
def test_a_value_is_called_in_the_contracts_what_pages_call_it(table):
    text = " ".join(WORDS[table].__doc__.split())
    assert [value for value, label in TABLES[table].items() if f"{value} {label}" not in text] == []


def test_the_committed_examples_are_what_the_story_tells():
    stale = [path.name for path, text in examples.files().items() if not path.exists() or path.read_text() != text]
    assert stale == [], "run: python -m tests.contracts.examples"
    assert set(examples.HERE.rglob("*.json")) == set(examples.files())


@pytest.mark.parametrize("name", [*(f"events/{e}" for e in event_classes()), *(f"commands/{c.type}" for c in DURABLE)])
def test_every_event_and_durable_command_has_an_example_that_its_schema_and_its_class_accept(name):
    (example,) = SCHEMAS[name]["examples"]
    jsonschema_rs.Draft202012Validator(SCHEMAS[name], validate_formats=True).validate(example)
    model = (event_classes() | command_classes())[name.rpartition("/")[2]]
    assert model.model_validate_json(json.dumps(example)).model_dump(mode="json", exclude_unset=True) == example
