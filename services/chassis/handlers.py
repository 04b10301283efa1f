"""A decorator says what a plain function handles; `gather` collects the decorated functions of a service."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from inspect import isfunction, ismodule, signature
from types import ModuleType
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict

from contracts.envelope import Command, Event
from contracts.queries.query import Query

Call = Callable[..., Awaitable[Any]]
F = TypeVar("F", bound=Call)
REGISTERED: dict[Call, "Handler"] = {}


@dataclass(frozen=True)
class Handler:
    """A function, the classes it handles and its options; `extras`: which optional parameters it declares."""

    kind: str
    types: tuple[type[BaseModel], ...]
    call: Call
    batch: bool = False
    durable: bool = False
    latest: bool = False
    bulk: bool = False
    own_process: bool = False
    extras: frozenset[str] = frozenset()

    def arguments(self, service: Any, bodies: Sequence[bytes] = ()) -> dict[str, Any]:
        """What the function asks for by name: `service`; the raw JSON as `body`, or as `bodies` of a batch."""
        offered = {"service": service, "bodies": bodies, "body": bodies[0] if bodies else b""}
        return {name: offered[name] for name in self.extras}


def _register(kind: str, *types: type[BaseModel], **options: bool) -> Callable[[F], F]:
    def register(function: F) -> F:
        extras = {"service"} | ({"bodies" if options.get("batch") else "body"} if kind == "event" else set())
        wanted = frozenset(extras & signature(function).parameters.keys())
        REGISTERED[function] = Handler(kind, types, function, extras=wanted, **options)
        return function

    return register


def on_event(*events: type[Event], batch: bool = False) -> Callable[[F], F]:
    """`(event, db) -> events to emit`: handles events of other services.

    A family (`AssignmentEvent`) stands for all its members, also for one this version does not know; the most specific
    handler of an event is called. A handler of `Event` itself is called for every event and, batch by batch, before the
    others. A handler may also declare `service`, and `body` (with `batch`: `bodies`) for the raw JSON.
    """
    return _register("event", *events, batch=batch)


def applies(*events: type[Event], batch: bool = False, latest: bool = False) -> Callable[[F], F]:
    """`(event, db)`: how this service's own event changes its own state, live and at a rebuild alike.

    `latest`: it stores nothing but the state an event carries, so a rebuild calls it with the last event of each
    aggregate alone.
    """
    return _register("apply", *events, batch=batch, latest=latest)


def on_command(
    command: type[Command], durable: bool = False, batch: bool = False, bulk: bool = False, own_process: bool = False
) -> Callable[[F], F]:
    """`(command, db, now) -> (answer, events to emit)`; `durable`: also from the queue of the nodes' commands.

    `bulk`: its events, and what others emit because of them, give way to what people do meanwhile.
    `own_process`: it takes long, so whoever asks for it over the bus is answered by a process of its own.
    With `batch` it takes all commands that wait, and returns as many pairs; their events are applied entity by entity.
    """
    options = {"durable": durable, "batch": batch, "bulk": bulk, "own_process": own_process}
    return _register("command", command, **options)


def on_query(query: type[Query]) -> Callable[[F], F]:
    """`(query, db) -> a model`; the transaction is read-only."""
    return _register("query", query)


def on_tick(function: F) -> F:
    """`(db, now) -> events to emit`: called every `tick` seconds, and again at once while it emits something."""
    return _register("tick")(function)


@dataclass(frozen=True)
class Handlers:
    """All handlers of a service, by the class each handles."""

    events: Mapping[type[Event], Handler] = field(default_factory=dict)
    appliers: Mapping[type[Event], Handler] = field(default_factory=dict)
    commands: Mapping[type[Command], Handler] = field(default_factory=dict)
    queries: Mapping[type[Query], Handler] = field(default_factory=dict)
    ticks: tuple[Handler, ...] = ()

    def applier(self, event: Event) -> Handler | None:
        """What applies this event: the handler of its class, else of its family."""
        return nearest(self.appliers, type(event))


def nearest(table: Mapping[type[Event], Handler], event: type[Event]) -> Handler | None:
    """The handler of the class itself, else of its nearest base class."""
    return next((table[base] for base in event.__mro__ if base in table), None)


def class_of(table: Mapping[type[Event], Handler], kind: str) -> type[Event] | None:
    """The class that reads events of type `kind`; None where no handler takes them."""
    names = {event.type: event for event in table}
    base = names.get(kind) or names.get(kind.partition(".")[0]) or names.get("")
    return member(base, kind) if base else None


@lru_cache(maxsize=1024)
def member(family: type[Event], kind: str) -> type[Event]:
    """The member of a family with this type; one not known here keeps its type and all its fields."""
    unknown = {"type": kind, "model_config": ConfigDict(extra="allow"), "__module__": __name__}
    return _find(family, kind) or type("UnknownEvent", (family,), unknown)


def _find(family: type[Event], kind: str) -> type[Event] | None:
    if family.type == kind:
        return family
    return next(filter(None, (_find(child, kind) for child in family.__subclasses__())), None)


def gather(*modules: ModuleType) -> Handlers:
    """The handlers of these modules, and of the slices' `handlers` and `ticks` that they import.

    Raises ValueError where two handle the same class.
    """
    slices = [each for module in modules for each in vars(module).values() if ismodule(each)]
    named = [each for each in slices if each.__name__.rpartition(".")[2] in ("handlers", "ticks")]
    functions = {f for module in (*modules, *named) for f in vars(module).values() if isfunction(f) and f in REGISTERED}
    handlers = [handler for function, handler in REGISTERED.items() if function in functions]

    def table(kind: str) -> dict[Any, Handler]:
        by_type: dict[Any, Handler] = {}
        for handler in (handler for handler in handlers if handler.kind == kind):
            for type_ in handler.types:
                if type_ in by_type:
                    raise ValueError(f"{type_.__name__} has two handlers: {by_type[type_].call}, {handler.call}")
                by_type[type_] = handler
        return by_type

    ticks = tuple(handler for handler in handlers if handler.kind == "tick")
    return Handlers(table("event"), table("apply"), table("command"), table("query"), ticks)
