"""What each service of our own may do on the bus: its own events, its own questions, its own readers."""

from dataclasses import dataclass

from contracts.envelope import COMMAND_STREAM, EVENT_STREAM, EVENTS, RPC
from contracts.node import TOKENS
from services.nodes.domain.claims import Rights


@dataclass(frozen=True)
class Part:
    """What a service does on the bus. `emits`: the entities whose events are its own.

    queued: it takes durable commands. sweeps: it removes from the queue what no service takes. requests: it sends
    commands and questions to others. lends: it answers nodes that ask for tokens. replicas: so many of its processes
    read, each from a durable `<service>-<n>`; 0: one at a time, from the durable by its own name.
    """

    emits: tuple[str, ...] = ()
    queued: bool = False
    sweeps: bool = False
    requests: bool = False
    lends: bool = False
    replicas: int = 0

    def readers(self, service: str) -> tuple[str, ...]:
        """Its durables on the stream of events."""
        return tuple(f"{service}-{n}" for n in range(1, self.replicas + 1)) or (service,)


SERVICES = {
    "tasks": Part(emits=("unit", "person", "post", "calendar", "task", "assignment"), queued=True, sweeps=True),
    "alerts": Part(emits=("light", "clock")),
    "notices": Part(emits=("notice", "delivery"), queued=True),
    "ranking": Part(emits=("ranking",)),
    "search": Part(replicas=8),
    "portal": Part(requests=True, lends=True),
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
    tokens = [f"{TOKENS}.>"] if part.lends else []
    api = [*looking(), *(subject for reader in part.readers(service) for subject in reading(EVENT_STREAM, reader))]
    if part.queued:
        api += [*reading(COMMAND_STREAM, service), *looking_into(COMMAND_STREAM)]
    if part.sweeps:
        api.append(f"$JS.API.STREAM.PURGE.{COMMAND_STREAM}")
    return Rights(
        publish=(*events, signals, "duban.progress.*", *questions, *api),
        subscribe=(f"_INBOX_{service}.>", f"{RPC}.{service}.>", signals, "duban.refill.*", *tokens),
        answers=True,
    )


def looking() -> list[str]:
    """Every service reads EVENTS anyway, so it may look at it and its readers; none makes or changes a stream."""
    readers = [f"$JS.API.CONSUMER.LIST.{EVENT_STREAM}", f"$JS.API.CONSUMER.INFO.{EVENT_STREAM}.*"]
    return [*looking_into(EVENT_STREAM), *readers]


def looking_into(stream: str) -> list[str]:
    """What it holds."""
    return [f"$JS.API.STREAM.{verb}.{stream}" for verb in ("INFO", "MSG.GET")]


def reading(stream: str, reader: str) -> list[str]:
    """The API of one durable: make, rewind, fetch, acknowledge; to delete it is the operator's."""
    verbs = ("DURABLE.CREATE", "RESET", "MSG.NEXT")
    return [*(f"$JS.API.CONSUMER.{verb}.{stream}.{reader}" for verb in verbs), f"$JS.ACK.{stream}.{reader}.>"]
