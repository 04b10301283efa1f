"""What each service of our own may do on the bus: its own events, its own questions, its own readers."""

from dataclasses import dataclass

from contracts.envelope import EVENTS, RPC
from contracts.node import STREAM
from services.nodes.domain.claims import Rights

QUEUE = "COMMANDS"


@dataclass(frozen=True)
class Part:
    """What a service does on the bus. `emits`: the entities whose events are its own.

    queued: it takes durable commands. sweeps: it removes from the queue what no service takes. requests: it sends
    commands and questions to others. reader: its durable, where it is not just the one by its own name.
    """

    emits: tuple[str, ...] = ()
    queued: bool = False
    sweeps: bool = False
    requests: bool = False
    reader: str = ""


SERVICES = {
    "tasks": Part(emits=("unit", "person", "post", "calendar", "task", "assignment"), queued=True, sweeps=True),
    "alerts": Part(emits=("light", "clock")),
    "notices": Part(emits=("notice", "delivery"), queued=True),
    "ranking": Part(emits=("ranking",)),
    "search": Part(reader="*"),  # every replica has one of its own
    "portal": Part(requests=True),
}
"""An entity is emitted by one service, those of `EVERYBODY` by each."""
EVERYBODY = ("command", "audit", "policy")
OPERATOR = "operator"
"""Who uses the command line: everything inside the province's account."""


def users() -> dict[str, Rights]:
    """Every user of the province's account."""
    return {OPERATOR: Rights()} | {name: rights_of(name, part) for name, part in SERVICES.items()}


def rights_of(service: str, part: Part) -> Rights:
    """What the user of a service may do."""
    events = [f"{EVENTS}.{entity}.>" for entity in (*part.emits, *EVERYBODY)]
    signals = f"duban.*.{service}"  # poke, handled and their like, of itself alone
    questions = [f"{RPC}.>"] if part.requests else []
    api = [*streams(), *reading(STREAM, part.reader or service)]
    api += reading(QUEUE, service) if part.queued else []
    api += [f"$JS.API.STREAM.{verb}.{QUEUE}" for verb in ("MSG.GET", "PURGE")] if part.sweeps else []
    return Rights(
        publish=(*events, signals, "duban.progress.*", *questions, *api),
        subscribe=(f"_INBOX_{service}.>", f"{RPC}.{service}.>", signals, "duban.refill.*"),
        answers=True,
    )


def streams() -> list[str]:
    """Every service makes both streams where they are missing, and may look at EVENTS, which it reads anyway."""
    making = [f"$JS.API.STREAM.{verb}.{stream}" for verb in ("CREATE", "UPDATE", "INFO") for stream in (STREAM, QUEUE)]
    looking = [f"$JS.API.STREAM.MSG.GET.{STREAM}", f"$JS.API.CONSUMER.NAMES.{STREAM}"]
    return [*making, *looking, f"$JS.API.CONSUMER.LIST.{STREAM}", f"$JS.API.CONSUMER.INFO.{STREAM}.*"]


def reading(stream: str, reader: str) -> list[str]:
    """The API of one durable: make, look at, rewind, fetch, acknowledge; to delete it is the operator's."""
    verbs = ("CREATE", "DURABLE.CREATE", "INFO", "RESET", "MSG.NEXT")
    own = [f"$JS.API.CONSUMER.{verb}.{stream}.{reader}" for verb in verbs]
    return [*own, f"$JS.API.CONSUMER.CREATE.{stream}.{reader}.>", f"$JS.ACK.{stream}.{reader}.>"]
