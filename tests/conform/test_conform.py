"""`duban conform`: our own package passes, and each wrong system is caught by the name of the case that it fails."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from deploy.local.settings import ROOT
from services.nodes.cli import app
from services.nodes.conform import report
from services.nodes.conform.cli import ALL
from services.nodes.conform.program import Program
from services.nodes.conform.run import Outcome

FOREIGN = (sys.executable, str(Path(__file__).with_name("foreign.py")))
Conform = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def conform(tmp_path: Path) -> Conform:
    """`duban conform` with some cases, or all; its exit code and each case by its name."""
    (tmp_path / "duban_contracts").symlink_to(ROOT / "contracts")

    def run(command: tuple[str, ...], *cases: str, patience: int = 60) -> tuple[int, dict[str, Any]]:
        chosen = [word for case in cases for word in ("--case", case)]
        words = ["conform", "--json", "--patience", str(patience), *chosen, "--", *command]
        done = CliRunner(env={"PYTHONPATH": str(tmp_path)}).invoke(app, words, catch_exceptions=False)
        return done.exit_code, {case["name"]: case for case in json.loads(done.stdout)["cases"]}

    return run


def failed(cases: dict[str, Any]) -> set[str]:
    return {name for name, case in cases.items() if not case["passed"]}


OURS = (sys.executable, str(ROOT / "examples/county_conform.py"))


@pytest.mark.parametrize(
    "cases",
    [("everyday", "killed"), pytest.param((), marks=pytest.mark.full, id="every case")],
)
def test_our_own_package_passes(conform: Conform, cases: tuple[str, ...]):
    code, outcomes = conform(OURS, *cases)
    assert (code, failed(outcomes)) == (0, set()), outcomes
    assert set(outcomes) == set(cases or ALL)


@pytest.mark.full
def test_a_right_system_in_plain_nats_py_passes_every_case(conform: Conform):
    code, outcomes = conform((*FOREIGN, "right"))
    assert (code, failed(outcomes)) == (0, set()), outcomes


WRONG = [
    ("early", "killed", "被杀之前已经确认了事件"),
    ("forgetful", "duplicate", "3 件任务被重复签收"),
    ("strict", "unknown-fields", "unknown fields: ['added_later', 'added_too']"),
    ("renumbering", "unconfirmed", "被重复签收（指令编号不同）"),
    ("one-unit", "everyday", "actor.unit 应取自事件中的 assignment.unit"),
    ("stubborn", "refused", "被拒绝的指令发了"),
]
"""What is wrong with a system, the case that catches it, and what its developer is shown."""


@pytest.mark.parametrize(("fault", "case", "shown_as"), WRONG[:5], ids=lambda value: str(value)[:9])
def test_a_wrong_system_is_caught_by_the_name_of_the_case(conform: Conform, fault: str, case: str, shown_as: str):
    code, outcomes = conform((*FOREIGN, fault), case, patience=15)
    assert (code, failed(outcomes)) == (1, {case})
    assert shown_as in "；".join(outcomes[case]["problems"])


@pytest.mark.full
@pytest.mark.parametrize(("fault", "case", "shown_as"), WRONG)
def test_a_wrong_system_passes_the_cases_that_its_fault_does_not_touch(
    conform: Conform, fault: str, case: str, shown_as: str
):
    _, outcomes = conform((*FOREIGN, fault), patience=30)
    touched = {"forgetful": {"duplicate", "cut", "killed", "anew"}, "renumbering": {"unconfirmed", "cut"}}.get(
        fault, {case}
    )
    assert case in failed(outcomes) <= touched, outcomes
    assert shown_as in "；".join(outcomes[case]["problems"])


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--case", "nosuch", "--", sys.executable], "nosuch；有：everyday"),
        ([], "请在 -- 之后写出启动被测系统的命令"),
        (["--", "no-such-program"], "没有这个命令：no-such-program"),
    ],
)
def test_what_cannot_be_tried_is_told_in_words(words: list[str], reason: str):
    done = CliRunner().invoke(app, ["conform", *words])
    assert done.exit_code == 2 and reason in done.output


def test_where_the_everyday_life_fails_nothing_else_is_tried(conform: Conform):
    code, outcomes = conform((*FOREIGN, "one-unit"), patience=15)
    assert code == 1 and list(outcomes) == ["everyday"]


def test_what_to_look_at_first_stands_below_what_failed_as_in_the_document():
    rows = (ROOT / "docs/conform.zh-CN.md").read_text().splitlines()
    remedies = {row.split("|")[1].strip("`"): row.split("|")[4].replace("`", "") for row in rows if row.count("|") == 5}
    failing = Outcome(ALL["killed"], problems=["1 件任务没有签收：2026-0001"])
    assert {name: remedies[name] for name in ALL} == {name: case.remedy for name, case in ALL.items()}
    assert f"2026-0001\n    → {ALL['killed'].remedy}\n" in report.table([failing])


@pytest.mark.parametrize(
    ("output", "words"),
    [
        (
            "TypeError: x is not a function\n    at main (a.mjs:3:1)\n\nNode.js v20.20.2\n",
            "TypeError: x is not a function",
        ),
        ("starts\npanic: no such file\n\ngoroutine 1 [running]:\nexit status 2\n", "panic: no such file"),
        ("starts\nends: no licence\n", "ends: no licence"),
        ("", ""),
    ],
)
def test_of_a_system_that_ended_the_error_is_shown_and_not_its_runtime_s_last_word(
    tmp_path: Path, output: str, words: str
):
    log = tmp_path / "log"
    log.write_text(output)
    assert Program(("true",), tmp_path, log).last_line() == words


def test_every_case_is_listed_with_what_it_proves():
    done = CliRunner().invoke(app, ["conform", "--list"])
    assert [line.split()[0] for line in done.output.splitlines()] == list(ALL)


def test_a_system_that_cannot_start_is_told_at_once_and_not_tried_twelve_times():
    done = CliRunner().invoke(app, ["conform", "--", sys.executable, "-c", "raise SystemExit('no licence')"])
    assert done.exit_code == 2 and "退出码 1；最后的输出：no licence" in done.output
    assert "[1/" not in done.output
