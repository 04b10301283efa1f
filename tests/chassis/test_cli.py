"""`duban` as an operator meets it: in Chinese throughout, and with the remedy when nothing is running."""

import os
import re
import subprocess
import sys
import tomllib
from enum import StrEnum
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Annotated

import pytest
import typer

from deploy.local.settings import ROOT
from services.chassis import chinese, cli, dead_letters
from tests.chassis.conftest import add, handled, has_handled, parked, until, working

DUBAN = Path(sys.executable).with_name("duban")
NAMES = {
    "duban",
    "dead",
    "audit",
    "list",
    "show",
    "retry",
    "drop",
    "verify",
    "adopt",
    "replay",
    "republish",
    "UTC",
    "settings",
    "help",
}


@pytest.mark.parametrize("words", ["dead list tasks", "replay alerts", "units find 高平", "audit verify"])
def test_what_does_not_answer_is_named_in_one_line_with_the_remedy(words: str, tmp_path: Path):
    nowhere = {"DUBAN_PG_DSN": "postgresql://duban@127.0.0.1:1/duban", "DUBAN_NATS_URL": "nats://127.0.0.1:1"}
    env = {**os.environ, **nowhere, "DUBAN_VAR": str(tmp_path)}
    done = subprocess.run([DUBAN, *words.split()], env=env, capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    assert "./dev up" in done.stderr and "DUBAN_NATS_URL" in done.stderr


def entry_points_of(group: str) -> list[EntryPoint]:
    """As `./dev` installs them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return [EntryPoint(name, value, group) for name, value in project["entry-points"][group].items()]


def test_a_password_is_not_shown():
    assert cli.masked("postgresql://duban:ge:heim@127.0.0.1/duban") == "postgresql://duban:******@127.0.0.1/duban"
    assert cli.masked("nats://127.0.0.1:4222") == "nats://127.0.0.1:4222"


def test_every_setting_that_people_are_told_of_is_listed_once_with_its_use(duban, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cli, "entry_points", entry_points_of)
    code, page = duban("settings")
    lines = [line for line in page.splitlines() if not line.startswith("#")]
    names = [line.partition("=")[0] for line in lines]
    texts = [
        ROOT / "README.md",
        ROOT / "dev",
        *(p for top in ("deploy", "services") for p in (ROOT / top).rglob("*.py")),
    ]
    named = set(re.findall(r"DUBAN_[A-Z]+(?:_[A-Z]+)*", "".join(path.read_text() for path in texts))) - {"DUBAN_NATS"}
    apart = {"DUBAN_BUNDLE"}  # for a system under test
    assert not code and named - set(names) - apart == set()
    assert len(names) == len(set(names)) and all(re.search("# .+[。.]$", line) for line in lines)


class Palette(StrEnum):
    RED = "red"
    BLUE = "blue"


def toy(
    name: Annotated[str, typer.Argument(help="名称")],
    many: Annotated[int, typer.Option(help="件数", min=1, max=9)] = 3,
    colour: Annotated[Palette, typer.Option(help="颜色")] = Palette.RED,
    tags: Annotated[list[str], typer.Option(help="标签")] = [],  # noqa: B006
    file: Annotated[typer.FileText | None, typer.Option(help="文件")] = None,
) -> None:
    """做一件事。"""
    raise typer.Exit(7)


@pytest.fixture
def duban(monkeypatch, capsys):
    """Run words; the exit code and all that was written."""
    app = typer.Typer(no_args_is_help=True, help="试验。", add_completion=False)
    app.command("toy")(toy)
    app.registered_groups.extend(cli.app.registered_groups)
    app.registered_commands.extend(cli.app.registered_commands)

    def run(words: str) -> tuple[object, str]:
        monkeypatch.setattr(sys, "argv", ["duban", *words.split()])
        with pytest.raises(SystemExit) as ended:
            chinese.run(app, "duban")
        written = capsys.readouterr()
        return ended.value.code, written.out + written.err

    return run


@pytest.mark.parametrize("words", ["", "--help", "dead", "dead --help", "dead list --help", "replay --help"])
def test_a_help_page_has_no_english_word(duban, words: str):
    _, page = duban(words)
    assert set(re.findall("[A-Za-z]+", page)) <= NAMES | {"toy", "alerts"}, page
    assert page.startswith("用法：duban") and "显示本说明。" in page


def test_a_help_page_names_types_and_defaults(duban):
    lines = duban("toy --help")[1].splitlines()
    assert lines[0] == "用法：duban toy [选项] {name}"
    assert "  --many <整数>        件数  [缺省 3; 1<=x<=9]" in lines
    assert "  name <文本> 名称  [必填]" in lines


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("nix", "没有命令 'nix'。"),
        ("dead nix", "没有命令 'nix'。"),
        ("dead list", "缺少参数 '服务'。"),
        ("dead list nix", "没有服务 nix；有："),
        ("dead list a b c", "多出了参数：b c。"),
        ("dead list --bad", "没有选项 --bad。"),
        ("toy a --man 3", "没有选项 --man。是不是 --many？"),
        ("toy a --many", "选项 '--many' 后面要有值。"),
        ("toy a --many 10", "'--many' 无效：不能大于 9"),
        ("toy a --many x", "'--many' 无效：应为整数"),
        ("toy a --colour green", "'--colour' 无效：“green”不在 'red', 'blue' 之中"),
        ("toy a --file /no/such", "'--file' 无效：没有文件“/no/such”"),
    ],
)
def test_an_error_is_told_in_chinese(duban, words: str, message: str):
    code, written = duban(words)
    assert code == 2 and f"错误：{message}" in written, written
    assert not re.search("Usage|Error|Try|Invalid|Missing|No such|Did you|Input", written), written


def test_the_exit_code_of_a_command_is_that_of_the_process(duban):
    assert duban("toy a")[0] == 7


async def test_a_dead_letter_given_up_lets_those_behind_it_pass(writer, reader):
    async with working(writer, reader):
        for _ in range(3):
            await add(writer, "poison")
        await until(lambda: parked(reader, 2))
        async with reader.pool.acquire() as db:
            first = await db.fetchval("select id from dead_letter order by sequence limit 1")
            assert await dead_letters.drop(db, first) and not await dead_letters.drop(db, first)
            assert await db.fetchval("select version from inbox where aggregate = 'thing/poison'") == 2
            await db.execute("update dead_letter set retry = true")
        await until(lambda: has_handled(reader, 2))
    assert await handled(reader) == [("poison", 1), ("poison", 3)]


async def test_a_dead_letter_that_cannot_be_read_can_be_given_up(reader):
    async with reader.pool.acquire() as db:
        for id, body in (
            ("a", b"{no json"),
            ("b", b"{}"),
            ("c", b"[]"),
            ("d", b'{"version": "x"}'),
            ("e", b"[" * 100_000),
            ("f", b"\xff\x00\x9f binary"),
            ("g", b'{"version": 99999999999999}'),
            ("h", b'{"version": null}'),
        ):
            await db.execute(dead_letters.PARK, id, "thing.added", "thing/a", 1, "s", body, "unreadable", "")
            assert await dead_letters.drop(db, id)
    assert await parked(reader, 0)
