"""The words of Typer, the command-line library, in Chinese; few can be set, so its pages and errors are translated."""

import re
import sys
from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

TYPES = {
    "str": "文本",
    "int": "整数",
    "int range": "整数",
    "float": "数",
    "Path": "路径",
    "FileText": "文件",
    "UUID": "编号",
    "list[str]": "文本，可多次",
}
WORDS: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"^Usage: ", "用法："),
    (r"\[OPTIONS\]", "[选项]"),
    (r"COMMAND \[ARGS\]\.\.\.", "命令 [参数]..."),
    (r"^Arguments:$", "参数："),
    (r"^Options:$", "选项："),
    (r"^Commands:$", "命令："),
    (r"Show this message and exit\.", "显示本说明。"),
    (r"\[default: ", "[缺省 "),
    (r"; required\]|\[required\]", "[必填]"),
    (r"<([A-Za-z \[\]]+)>( *)", lambda match: named(match)),
    (r"^Missing command\.", "缺少命令。"),
    (r"^Missing argument (.+?)\.", r"缺少参数 \1。"),
    (r"^Missing option (.+?)\.", r"缺少选项 \1。"),
    (r"^No such command (.+?)\.", r"没有命令 \1。"),
    (r"^No such option: (\S+?)\.?(?= |$)", r"没有选项 \1。"),
    (r" ?\(Possible options: (.+)\)| ?Did you mean (.+)\?", lambda match: f"是不是 {match[1] or match[2]}？"),
    (r"^Got unexpected extra arguments?(?:\(s\))? \((.+)\)", r"多出了参数：\1。"),
    (r"^Option (.+?) requires an argument\.", r"选项 \1 后面要有值。"),
    (r"^Option (.+?) does not take a value\.", r"选项 \1 后面不能有值。"),
    (r"^Invalid value for (.+?): ", r"\1 无效："),
    (r"^Invalid value: ", ""),
    (r"(?:Value error, )?'([^']*)' is not one of (.+)\.", r"“\1”不在 \2 之中"),
    (r"Input should be less than or equal to ", "不能大于 "),
    (r"Input should be greater than or equal to ", "不能小于 "),
    (r"Input should be a valid integer.*", "应为整数"),
    (r"Input should be a valid (?:number|decimal).*", "应为数"),
    (r"Input should be a valid (?:date|datetime).*", "应为日期，如 2026-11-23"),
    (r"Input should be a valid (?:UUID).*", "应为编号（UUID）"),
    (r"'([^']*)': No such file or directory", r"没有文件“\1”"),
)


def chinese(text: str) -> str:
    """A help page or an error as Typer writes it, in Chinese; what the table does not know stays as it is."""
    for pattern, words in WORDS:
        text = re.sub(pattern, words, text, flags=re.MULTILINE)
    return text


def named(match: re.Match[str]) -> str:
    """A type in a column: what follows stays where it was, a Chinese character being two places wide."""
    name = TYPES.get(match[1], match[1])
    return f"<{name}>".ljust(len(match[0]) - sum(not character.isascii() for character in name))


class Command(TyperCommand):
    """A command whose help page and usage are Chinese."""

    def get_help(self, ctx: Any) -> str:
        return chinese(super().get_help(ctx))

    def get_usage(self, ctx: Any) -> str:
        return chinese(super().get_usage(ctx))


class Group(TyperGroup):
    """A group whose help page and usage are Chinese."""

    def get_help(self, ctx: Any) -> str:
        return chinese(super().get_help(ctx))

    def get_usage(self, ctx: Any) -> str:
        return chinese(super().get_usage(ctx))


def speak(app: typer.Typer) -> None:
    """Every command and group of `app`, at any depth."""
    app.info.cls, app.rich_markup_mode = Group, None
    for command in app.registered_commands:
        command.cls = Command
    for group in app.registered_groups:
        group.cls = Group
        if group.typer_instance:
            speak(group.typer_instance)


def run(app: typer.Typer, name: str) -> None:
    """Run `app` as the process does, and exit; an error is one line on stderr, after the usage."""
    speak(app)
    try:
        sys.exit(app(standalone_mode=False, prog_name=name))
    except typer.Abort:
        typer.echo("已中止。", err=True)
        sys.exit(1)
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        message = chinese(error.format_message())
        if context and message == context.get_help():  # a group without a command
            typer.echo(message, err=True)
        else:
            usage = f"{context.get_usage()}\n试试：{context.command_path} --help\n\n" if context else ""
            typer.echo(f"{usage}错误：{message}", err=True)
        sys.exit(error.exit_code)
