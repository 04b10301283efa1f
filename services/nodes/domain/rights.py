"""What each service of our own may do on the bus: its own events, its own questions, its own readers."""

from contracts.envelope import EVENTS, RPC
from contracts.node import STREAM
from services.nodes.domain.claims import Rights

QUEUE = "COMMANDS"
EMITS: dict[str, tuple[str, ...]] = {
    "tasks": ("unit", "person", "post", "calendar", "task", "assignment"),
    "alerts": ("light", "clock"),
    "notices": ("notice", "delivery"),
    "ranking": ("ranking",),
    "search": (),
    "portal": (),
}
"""The entities whose events a service emits; every entity has one service."""
EVERYBODY = ("command", "audit", "policy")
"""Entities whose events each service emits."""
QUEUED = ("tasks", "notices")
"""Services with durable commands."""
ASKING = "portal"
"""The one service that asks others."""
READERS = {"search": "*"}
"""A service with a reader for each of its replicas, which name themselves: a subject has no wildcard for a beginning."""
SWEEPER = "tasks"
"""Who takes commands out of the queue that no service takes."""
OPERATOR = "operator"
"""Who uses the command line: everything inside the province's account."""


def users() -> dict[str, Rights]:
    """Every user of the province's account."""
    return {OPERATOR: Rights()} | {service: rights_of(service) for service in EMITS}


def rights_of(service: str) -> Rights:
    """What the user of a service may do."""
    events = [f"{EVENTS}.{entity}.>" for entity in (*EMITS[service], *EVERYBODY)]
    signals = f"duban.*.{service}"  # poke and handled, of itself alone
    questions = [f"{RPC}.>"] if service == ASKING else []
    readers = [(STREAM, READERS.get(service, service))]
    readers += [(QUEUE, service)] if service in QUEUED else []
    sweeping = [f"$JS.API.STREAM.{verb}.{QUEUE}" for verb in ("MSG.GET", "PURGE")] if service == SWEEPER else []
    api = [subject for stream, reader in readers for subject in reading(stream, reader)]
    return Rights(
        publish=(*events, signals, "duban.progress.*", *questions, *streams(), *sweeping, *api),
        subscribe=(f"_INBOX_{service}.>", f"{RPC}.{service}.>", signals, "duban.refill.*"),
        answers=True,
    )


def streams() -> list[str]:
    """Every service makes both streams where they are missing, and may look at EVENTS, which it reads anyway."""
    making = [f"$JS.API.STREAM.{verb}.{stream}" for verb in ("CREATE", "UPDATE", "INFO") for stream in (STREAM, QUEUE)]
    looking = [f"$JS.API.STREAM.MSG.GET.{STREAM}", f"$JS.API.CONSUMER.NAMES.{STREAM}"]
    return [*making, *looking, f"$JS.API.CONSUMER.LIST.{STREAM}", f"$JS.API.CONSUMER.INFO.{STREAM}.*"]


def reading(stream: str, reader: str) -> list[str]:
    """The API of one durable: make, look at, rewind, delete, fetch, acknowledge."""
    verbs = ("CREATE", "DURABLE.CREATE", "INFO", "RESET", "DELETE", "MSG.NEXT")
    own = [f"$JS.API.CONSUMER.{verb}.{stream}.{reader}" for verb in verbs]
    return [*own, f"$JS.API.CONSUMER.CREATE.{stream}.{reader}.>", f"$JS.ACK.{stream}.{reader}.>"]
