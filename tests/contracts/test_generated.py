"""The committed schemas are those of the code, each with its dialect and its name."""

import json
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from contracts import asyncapi_tokens as tokens
from contracts import generate
from contracts.catalogue import DURABLE, command_classes, event_classes
from contracts.headers import EVENT_HEADERS
from services.chassis import publishing
from tests import javascript

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
FILES = sorted((generate.HERE / "schemas").rglob("*.json"))


def test_every_generated_file_is_what_the_code_generates():
    stale = [path.name for path, text in generate.files().items() if not path.exists() or path.read_text() != text]
    assert stale == [], "run: python -m contracts.generate"


def test_no_schema_is_left_of_a_type_that_is_gone():
    assert set(FILES) <= set(generate.files())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_schema_names_its_dialect_and_itself(path):
    schema = json.loads(path.read_text())
    name = path.relative_to(generate.HERE / "schemas").with_suffix("").as_posix().replace("/", ":")
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:duban:contracts:v1:{name}"


def test_every_event_every_command_and_the_answer_has_a_schema():
    names = {path.relative_to(generate.HERE / "schemas").with_suffix("").as_posix() for path in FILES}
    assert names == {*(f"events/{e}" for e in event_classes()), *(f"commands/{c}" for c in command_classes()), "answer"}


def test_an_event_schema_holds_what_is_computed_too():
    schema = json.loads((generate.HERE / "schemas/events/assignment.issued.json").read_text())
    assert {"due", "original_due"} <= set(schema["$defs"]["Assignment"]["required"])


def test_asyncapi_offers_a_county_every_event_and_the_durable_commands_alone():
    document = json.loads((generate.HERE / "asyncapi.json").read_text())
    actions = {name: operation["action"] for name, operation in document["operations"].items()}
    received = {name.removeprefix("receive_") for name, action in actions.items() if action == "receive"}
    sent = {name.removeprefix("send_") for name, action in actions.items() if action == "send"}
    assert received == {kind.replace(".", "_") for kind in event_classes()}
    assert sent == {*(command.type.replace(".", "_") for command in DURABLE), "token_request"}


def test_every_reference_of_asyncapi_leads_somewhere():
    document = json.loads((generate.HERE / "asyncapi.json").read_text())
    for reference in _references(document):
        place = document
        for step in reference.removeprefix("#/").split("/"):
            assert step in place, reference
            place = place[step]


def _references(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [reference for each in value.values() for reference in _references(each)]
    return [reference for each in value for reference in _references(each)] if isinstance(value, list) else []


@pytest.fixture(scope="module")
def parsed() -> tuple[dict, dict]:
    """What AsyncAPI's own parser makes of our document, and of one that refers to a message that is not there."""
    good = (generate.HERE / "asyncapi.json").read_text()
    bad = json.loads(good)
    bad["operations"]["send_tasks_report"]["messages"] = [{"$ref": "#/channels/tasks_report/messages/gone"}]
    ours, broken = json.loads(javascript.run("asyncapi.mjs", json.dumps([good, json.dumps(bad)])))
    return ours, broken


def test_asyncapi_is_accepted_by_its_own_parser_with_nothing_to_complain_of(parsed):
    ours, _ = parsed
    assert {each["code"] for each in ours["diagnostics"]} <= {"asyncapi-latest-version"}, "3.0 is read by more tools"
    names = sorted([*event_classes(), *(command.type for command in DURABLE)])
    assert sorted(message["name"] for message in ours["messages"]) == sorted([*names, *tokens.MESSAGES])
    assert all(message["headers"] or message["name"] in tokens.MESSAGES for message in ours["messages"])
    assert all(message["examples"] == 1 for message in ours["messages"])
    assert len(ours["operations"]) == len(names) + 1, "a token is asked for"


def test_the_parser_complains_of_a_message_that_is_not_there(parsed):
    _, broken = parsed
    assert [each for each in broken["diagnostics"] if each["severity"] == 0]


def test_asyncapi_names_every_header_that_an_event_travels_with():
    row = {"seq": 1, "id": "x", "type": "unit.registered", "aggregate": "unit/x", "time": NOW, "trace": "", "lane": 1}
    service = SimpleNamespace(name="tasks", settings=SimpleNamespace(node="14.00.00"))
    assert publishing.headers(row, service).keys() == EVENT_HEADERS["properties"].keys()
    assert set(EVENT_HEADERS["required"]) < EVENT_HEADERS["properties"].keys()


def test_asyncapi_says_where_a_command_is_answered_and_by_what_right_but_no_host():
    document = json.loads((generate.HERE / "asyncapi.json").read_text())
    sent = [operation for operation in document["operations"].values() if operation["action"] == "send"]
    answers = {operation["reply"]["channel"]["$ref"] for operation in sent}
    assert answers == {"#/channels/command_answered", "#/channels/token_answer"}
    assert all(operation["security"] for operation in document["operations"].values())
    assert "default" not in document["servers"]["province"]["variables"]["host"], "nobody's host"
