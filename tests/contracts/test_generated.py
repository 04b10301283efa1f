"""The committed schemas are those of the code; old events can still be read; nothing needs more than pydantic."""

import json
import subprocess
import sys

import pytest

from contracts import generate
from contracts.envelope import Command, Event
from tests.contracts import corpus


def test_every_generated_file_is_what_the_code_says():
    stale = [path.name for path, text in generate.files().items() if not path.exists() or path.read_text() != text]
    assert stale == [], "run: python -m contracts.generate"


def test_no_schema_is_left_of_a_word_that_is_gone():
    assert set((generate.HERE / "schemas").rglob("*.json")) <= set(generate.files())


@pytest.mark.parametrize("word", generate.spoken(), ids=lambda word: word.type)
def test_an_event_ignores_what_it_does_not_know_and_is_frozen(word):
    assert word.model_config.get("extra") in (None, "ignore") and word.model_config["frozen"]


def test_a_command_refuses_what_it_does_not_know():
    assert {word.model_config.get("extra") for word in generate.words(generate.commands, Command)} == {"forbid"}


def test_types_are_unique_and_say_entity_and_verb():
    kinds = [word.type for word in generate.spoken()]
    assert len(set(kinds)) == len(kinds) and all(kind.count(".") == 1 for kind in kinds)


def test_a_subject_has_ten_tokens():
    for word in generate.spoken():
        assert len(Event.subject(word.model_construct(address="14.10.02.000.gov")).split(".")) == 10


def test_the_contracts_need_pydantic_alone():
    probe = """
import sys
for name in ("faststream", "nats", "asyncpg", "prometheus_client", "typer", "services"):
    sys.modules[name] = None
import contracts.generate, contracts.queries, contracts.workdays, contracts.units, contracts.region
"""
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, cwd=generate.HERE.parent)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("body", corpus.kept(), ids=lambda body: body["$type"])
def test_what_was_once_said_can_be_read_and_nothing_of_it_is_lost(body):
    word = corpus.words()[body["$type"]]
    emitted = {name: value for name, value in body.items() if name != "$type"}
    again = word.model_validate_json(json.dumps(emitted)).model_dump(mode="json")
    assert lost(emitted, again) == []


def lost(old: object, new: object, path: str = "") -> list[str]:
    """Where `new` no longer holds what `old` did; fields that were added are no loss."""
    if isinstance(old, dict) and isinstance(new, dict):
        return [where for name, value in old.items() for where in lost(value, new.get(name), f"{path}/{name}")]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [where for n, pair in enumerate(zip(old, new, strict=True)) for where in lost(*pair, f"{path}/{n}")]
    return [] if old == new else [path]


def test_every_word_stands_in_the_corpus():
    missing = corpus.words().keys() - {body["$type"] for body in corpus.kept()}
    assert missing == set(), "run: python -m tests.contracts.corpus"
