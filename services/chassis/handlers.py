"""How a plain function becomes an ear, a desk or a clock: a mark, read once when the service is built."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from inspect import signature
from types import ModuleType
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict

from contracts.envelope import Command, Event

Handler = Callable[..., Awaitable[Any]]
F = TypeVar("F", bound=Handler)
T = TypeVar("T")


@dataclass(frozen=True)
class Marked:
    """A function and what it is for; with `together` it takes a run of its words as one list."""

    kind: str
    words: tuple[type[BaseModel], ...]
    call: Handler
    together: bool = False
    durable: bool = False
    roomy: bool = False

    def given(self, service: Any) -> dict[str, Any]:
        """`service`, for a function that has a parameter of that name: blobs, settings, the bus."""
        return {"service": service} if self.roomy else {}


def _mark(kind: str, words: tuple[type[BaseModel], ...], **flags: bool) -> Callable[[F], F]:
    def mark(function: F) -> F:
        roomy = "service" in signature(function).parameters
        function.marked = Marked(kind, words, function, roomy=roomy, **flags)  # type: ignore[attr-defined]
        return function

    return mark


def hears(*events: type[Event], together: bool = False) -> Callable[[F], F]:
    """`(event, db) -> events to say`: an ear for what others said."""
    return _mark("hears", events, together=together)


def applies(*events: type[Event], together: bool = False) -> Callable[[F], F]:
    """`(event, db)`: how this service's own event changes its own state, live and at a rebuild alike."""
    return _mark("applies", events, together=together)


def answers(command: type[Command], durable: bool = False, together: bool = False) -> Callable[[F], F]:
    """`(command, db, now) -> (answer, events to say)`: the desk for a command; `durable`, also from a node's queue.

    With `together` it takes all commands that wait, and returns as many pairs; their events are applied entity by
    entity.
    """
    return _mark("answers", (command,), durable=durable, together=together)


def asks(query: type[BaseModel]) -> Callable[[F], F]:
    """`(query, db) -> a model`: a question that changes nothing."""
    return _mark("asks", (query,))


def ticks(function: F) -> F:
    """`(db, now) -> events to say`: time itself acts; called again at once while it says something."""
    return _mark("ticks", ())(function)


@dataclass(frozen=True)
class Handlers:
    """All marked functions of a service."""

    ears: dict[type[Event], Marked] = field(default_factory=dict)
    appliers: dict[type[Event], Marked] = field(default_factory=dict)
    desks: dict[type[Command], Marked] = field(default_factory=dict)
    queries: dict[type[BaseModel], Marked] = field(default_factory=dict)
    clocks: tuple[Marked, ...] = ()

    def applier(self, event: Event) -> Marked | None:
        """What applies this event: registered for its class, or for its family."""
        return next((self.appliers[kind] for kind in type(event).__mro__ if kind in self.appliers), None)


def of(kind: str, table: Mapping[str, T]) -> T | None:
    """The entry of an event type, else of its family: `assignment` for `assignment.flagged`."""
    return table.get(kind) or table.get(kind.partition(".")[0])


@lru_cache
def member(family: type[Event], kind: str) -> type[Event]:
    """The class of a family for one event type; one never heard of keeps its type and its own fields."""
    for known in family.__subclasses__():
        if known.type == kind:
            return known
    return type("Unheard", (family,), {"type": kind, "model_config": ConfigDict(extra="allow")})


def gather(*modules: ModuleType) -> Handlers:
    """The marked functions of `modules`, by the word each is for."""
    found = {
        id(m): m for module in modules for f in vars(module).values() if (m := getattr(f, "marked", None))
    }.values()

    def table(kind: str) -> dict[Any, Marked]:
        return {word: marked for marked in found if marked.kind == kind for word in marked.words}

    clocks = tuple(marked for marked in found if marked.kind == "ticks")
    return Handlers(table("hears"), table("applies"), table("answers"), table("asks"), clocks)
