"""The words of Typer, the command-line library, in Chinese; few can be set, so its pages and errors are translated."""

import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

CATALOGUE = tomllib.loads((Path(__file__).parent / "chinese.toml").read_text())


def chinese(text: str) -> str:
    """A help page or an error as Typer writes it, in Chinese; what the catalogue does not know stays as it is."""
    for pattern, words in CATALOGUE["words"].items():
        text = re.sub(pattern, words, text, flags=re.MULTILINE)
    return re.sub(r"<([A-Za-z \[\]]+)>( *)", type_name, text)


def type_name(match: re.Match[str]) -> str:
    """A type in a column: what follows stays where it was, a Chinese character being two places wide."""
    name = CATALOGUE["types"].get(match[1], match[1])
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
