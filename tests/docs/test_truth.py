"""What the pages say is so: settings, commands, words of health, metrics, limits."""

import re
import shlex
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
import typer.main
from pydantic import TypeAdapter

from contracts.catalogue import DURABLE
from contracts.envelope import QUEUED, Answer
from contracts.refusals import Kind
from services.chassis import cli
from services.portal.site.api import contract
from services.portal.web.problems import STATUSES
from tests.docs.pages import ROOT, codes, commands, rows, written

OPERATORS = [ROOT / "docs/operators.md", ROOT / "docs/operators.zh-CN.md"]
SOURCES = "".join(path.read_text("utf-8") for path in (ROOT / "services").rglob("*.py"))
BOTH = pytest.mark.parametrize("path", OPERATORS, ids=lambda path: path.name)


def settings() -> dict[str, tuple[str, str]]:
    """Every setting as `duban settings` lists it: its default and what it does."""
    listed: dict[str, tuple[str, str]] = {}
    for entry in sorted(entry_points(group="duban.settings"), key=lambda entry: entry.name):
        for name, field in type(entry.load()()).model_fields.items():
            listed.setdefault(f"`DUBAN_{name.upper()}`", (default(field.default), field.description or ""))
    return listed


def default(value: Any) -> str:
    if isinstance(value, tuple):
        return (
            f"`[{', '.join(f'{each:g}' if isinstance(each, float) else str(each) for each in value)}]`"
            if value
            else "–"
        )
    if isinstance(value, float):
        return f"`{value:g}`"
    return "–" if value in (None, "") else f"`{value}`"


@BOTH
def test_the_tables_of_settings_are_those_of_the_program(path: Path):
    written = {row[0]: row[1] for row in rows(path) if row[0].startswith("`DUBAN_")}
    assert written == {name: value for name, (value, _) in settings().items()}


def test_the_chinese_tables_say_what_the_program_says():
    written = {row[0]: row[2] for row in rows(OPERATORS[1]) if row[0].startswith("`DUBAN_")}
    assert written == {name: text for name, (_, text) in settings().items()}


@BOTH
def test_the_words_of_health_are_those_of_the_program(path: Path):
    every = rows(path)
    start = next(at for at, row in enumerate(every) if row[0] in ("Words", "原因"))
    words = []
    for row in every[start + 2 :]:
        if row[0] in ("Metric", "指标"):
            break
        words.append(row[0])
    assert len(words) > 10
    assert [word for word in words if word not in SOURCES] == []


@BOTH
def test_the_metrics_are_those_of_the_program(path: Path):
    named = [row[0].strip("`") for row in rows(path) if row[0].startswith("`duban_")]
    assert named and all(f'"{name}"' in SOURCES for name in named)


def program() -> Any:
    """`duban` with everything that services add: a command, or a group with `commands`."""
    app = typer.Typer()
    for each in (cli.app, *(entry.load() for entry in entry_points(group="duban.cli"))):
        app.registered_commands += each.registered_commands
        app.registered_groups += each.registered_groups
    return typer.main.get_command(app)


@pytest.mark.parametrize("path", written(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_exists_with_its_options(path: Path):
    group = program()
    for line in commands(path):
        at, words = group, shlex.split(line.partition(" -- ")[0])
        while words and (offered := getattr(at, "commands", None)):
            assert set(words[0].split("|")) <= set(offered), line
            at = offered[words.pop(0).split("|")[0]]
        options = {option for each in at.params for option in each.opts}
        assert {word for word in words if word.startswith("--")} <= options | {"--help"}, line


@pytest.mark.parametrize("name", ["http.md", "http.zh-CN.md"])
def test_every_status_and_kind_is_explained(name: str):
    explained = {(int(row[0]), row[1].strip("`")) for row in rows(ROOT / "docs" / name) if row[0].isdigit()}
    assert {(status, str(kind)) for kind, status in STATUSES.items()} <= explained
    assert {kind for _, kind in explained} == set(map(str, Kind))


@pytest.mark.parametrize("name", ["http.md", "http.zh-CN.md"])
def test_every_request_is_an_operation_of_the_interface(name: str):
    paths = {re.sub(r"\{\w+\}", "{id}", path): set(each) for path, each in contract()["paths"].items()}
    named = [re.fullmatch(r"(GET|POST) (/v1/[^?]+).*", code) for code in codes(ROOT / "docs" / name)]
    requests = [(match[1].lower(), match[2]) for match in named if match]
    assert len(requests) > 8 and [each for each in requests if each[0] not in paths.get(each[1], ())] == []


@pytest.mark.parametrize("name", ["contracts.md", "contracts.zh-CN.md"])
def test_the_commands_of_a_node_and_its_answers_are_as_written(name: str):
    path = ROOT / "docs" / name
    named = [row[0].split("`")[1] for row in rows(path) if row[0].startswith("[`") and "/commands/" in row[0]]
    assert named == [command.type for command in DURABLE]
    text = path.read_text("utf-8")
    assert QUEUED == 100 and ("A hundred" in text or "一百条" in text)
    answers = [line for line in text.splitlines() if line.startswith('{"ok"')]
    assert [TypeAdapter(Answer).validate_json(line).ok for line in answers] == [True, False]
