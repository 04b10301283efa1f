"""What an old node once sent can still be read, whole; what a newer node adds is passed over."""

import json

import pytest

from contracts.catalogue import event_classes
from tests.contracts import corpus

STORED = corpus.stored()
EVENTS = [body for body in STORED if body["$type"] in event_classes()]


def lost(old: object, new: object, path: str = "") -> list[str]:
    """Where `new` no longer holds what `old` did; fields that were added are no loss."""
    if isinstance(old, dict) and isinstance(new, dict):
        return [where for name, value in old.items() for where in lost(value, new.get(name), f"{path}/{name}")]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [where for n, pair in enumerate(zip(old, new, strict=True)) for where in lost(*pair, f"{path}/{n}")]
    return [] if old == new else [path]


FREE_FORM = {"values", "detail"}
"""Mappings without a schema: what stands in them is content."""


def with_an_unknown_field(value: object) -> object:
    """The same JSON, with one more field in every object that has a schema."""
    if isinstance(value, dict):
        fields = {k: v if k in FREE_FORM else with_an_unknown_field(v) for k, v in value.items()}
        return fields | {"added_in_a_later_release": 1}
    return [with_an_unknown_field(each) for each in value] if isinstance(value, list) else value


def stored(body: dict) -> tuple[type, dict]:
    return corpus.classes()[body["$type"]], {name: value for name, value in body.items() if name != "$type"}


@pytest.mark.parametrize("body", STORED, ids=lambda body: body["$type"])
def test_a_stored_body_is_read_back_whole(body):
    model, content = stored(body)
    assert lost(content, model.model_validate_json(json.dumps(content)).model_dump(mode="json")) == []


@pytest.mark.parametrize("body", EVENTS, ids=lambda body: body["$type"])
def test_fields_of_a_later_release_are_passed_over_at_every_depth(body):
    model, content = stored(body)
    read = model.model_validate_json(json.dumps(with_an_unknown_field(content)))
    assert "added_in_a_later_release" not in read.model_dump_json()
    assert lost(content, read.model_dump(mode="json")) == []


def test_a_changed_value_and_a_shorter_list_are_noticed():
    old = {"a": {"b": [1, 2]}, "c": 3}
    assert lost(old, {"a": {"b": [1]}, "c": 4}) == ["/a/b", "/c"]
    assert lost(old, {"a": {"b": [1, 2], "more": 1}, "c": 3}) == []


def test_every_event_and_durable_command_stands_in_the_corpus_full_and_lean():
    for kind, model in corpus.classes().items():
        full, lean = (body for body in STORED if body["$type"] == kind)
        assert full.keys() - {"$type"} >= model.model_fields.keys(), "run: python -m tests.contracts.corpus"
        assert lean.keys() <= full.keys()
