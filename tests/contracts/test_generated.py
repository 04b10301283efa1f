"""The committed schemas are those of the code; old events can still be read; nothing needs more than pydantic."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from contracts import generate
from contracts.envelope import Command, Event

CORPUS = Path(__file__).parent / "corpus"


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
    subprocess.run([sys.executable, "-c", probe], check=True, cwd=generate.HERE.parent)


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.json")), ids=lambda path: path.stem)
def test_events_of_every_earlier_version_can_be_read(path):
    words = {word.type: word for word in generate.spoken()}
    for body in json.loads(path.read_text()):
        word = words[body.pop("$type")]
        assert word.model_validate(body).aggregate == body["aggregate"]
