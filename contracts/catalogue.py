"""Every event and every command there is, found by walking the files of `events/` and `commands/`."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TypeVar

from . import commands, events
from .commands.assignment import (
    Acknowledge,
    Complete,
    CorrectReport,
    ProposePlan,
    Report,
    RequestExtension,
    RequestReclassification,
    RequestReturn,
    Rework,
    Verify,
    WithdrawRequest,
)
from .commands.notice import ReceiveNotice
from .envelope import AuditAnchored, Command, CommandAnswered, Event

DURABLE: tuple[type[Command], ...] = (
    Acknowledge,
    Report,
    CorrectReport,
    Complete,
    Verify,
    Rework,
    RequestReturn,
    RequestExtension,
    ProposePlan,
    RequestReclassification,
    WithdrawRequest,
    ReceiveNotice,
)
"""The commands a node may put into the queue."""

M = TypeVar("M", Event, Command)


def _members(package: object, parent: type[M]) -> list[type[M]]:
    """The classes with a dotted type, by file and in the order in which they are written."""
    path, name = package.__path__, package.__name__  # type: ignore[attr-defined]
    modules = [import_module(f"{name}.{module.name}") for module in iter_modules(path)]
    classes = [c for module in modules for c in vars(module).values() if isinstance(c, type)]
    own = {module.__name__ for module in modules}
    return [c for c in classes if c.__module__ in own and issubclass(c, parent) and "." in c.type]


@cache
def event_classes() -> dict[str, type[Event]]:
    """Every event by its type, such as `assignment.issued`."""
    classes: list[type[Event]] = [*_members(events, Event), CommandAnswered, AuditAnchored]
    return {event.type: event for event in classes}


@cache
def command_classes() -> dict[str, type[Command]]:
    """Every command by its type, such as `tasks.acknowledge`."""
    return {command.type: command for command in _members(commands, Command)}
