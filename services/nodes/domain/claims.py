"""The bodies of the JWTs by which nats-server knows operator, accounts and users."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contracts.envelope import COMMANDS, EVENT_STREAM
from contracts.node import API, TOKENS, VERBS, reader_of, token_subject

Claims = dict[str, object]

UNLIMITED = dict.fromkeys(("subs", "data", "payload", "imports", "exports", "conn", "leaf"), -1) | {"wildcards": True}
JETSTREAM = dict.fromkeys(("mem_storage", "disk_storage", "streams", "consumer"), -1)
NODE = UNLIMITED | {"conn": 8, "subs": 200, "payload": 262_144 + 4_096, "leaf": 0, "exports": 0}
NODE |= dict.fromkeys(JETSTREAM, 0)
"""A node's account keeps nothing: no stream, no consumer, no byte."""
ANSWERS = {"max": 1, "ttl": 600 * 1_000_000_000}
"""One answer to each request that came, ten minutes later at most: an import takes its time."""


@dataclass(frozen=True)
class Rights:
    """What a user may publish and subscribe to; nothing named is everything. `answers`: also whoever asked it."""

    publish: tuple[str, ...] = ()
    subscribe: tuple[str, ...] = ()
    answers: bool = False


def operator(system: str) -> Claims:
    """The operator, who signs accounts; `system`: the public key of the system account."""
    return {"type": "operator", "system_account": system}


def account(
    limits: Mapping[str, object],
    exports: Sequence[Claims] = (),
    imports: Sequence[Claims] = (),
    revocations: Mapping[str, int] | None = None,
) -> Claims:
    """An account; `revocations`: user or `*` → Unix time until which its credentials are refused."""
    claims: Claims = {"type": "account", "limits": dict(limits), "default_permissions": {"pub": {}, "sub": {}}}
    more = {"exports": list(exports), "imports": list(imports), "revocations": dict(revocations or {})}
    return claims | {name: value for name, value in more.items() if value}


def user(rights: Rights) -> Claims:
    """A user of the account that signs it; it comes by an ordinary connection, never as a leaf server."""
    claims: Claims = {"type": "user", "subs": -1, "data": -1, "payload": -1, "allowed_connection_types": ["STANDARD"]}
    claims |= {"pub": allow(rights.publish), "sub": allow(rights.subscribe)}
    return claims | ({"resp": ANSWERS} if rights.answers else {})


def allow(subjects: Sequence[str]) -> dict[str, list[str]]:
    """A list of permissions."""
    return {"allow": list(subjects)} if subjects else {}


def province_account() -> Claims:
    """The account of all services and streams. Its exports are the same however many nodes there are."""
    exports = [
        {**_service(f"$JS.API.CONSUMER.MSG.NEXT.{EVENT_STREAM}.*"), "response_type": "Stream"},
        _service(f"$JS.ACK.{EVENT_STREAM}.>"),
        *(_service(f"{COMMANDS}.{verb}.>") for verb in VERBS),
        _service(f"{TOKENS}.>"),
    ]
    return account(UNLIMITED | JETSTREAM, exports=exports)


def node_account(node: str, province: str, revocations: Mapping[str, int] | None = None) -> Claims:
    """The account of one node: it fetches from its own reader, acknowledges, commands and takes tokens in its own name.

    `province`: the public key of the province's account. A reader's INFO is not imported, for a node could starve the
    server's API with it; nor is any CREATE, for a consumer writes where its maker says.
    """
    reader = reader_of(node)
    subjects = {
        f"$JS.API.CONSUMER.MSG.NEXT.{EVENT_STREAM}.{reader}": f"{API}.CONSUMER.MSG.NEXT.{EVENT_STREAM}.{reader}",
        f"$JS.ACK.{EVENT_STREAM}.{reader}.>": f"$JS.ACK.{EVENT_STREAM}.{reader}.>",
        token_subject(node): token_subject(node),
    } | {f"{COMMANDS}.{verb}.{node}": f"{COMMANDS}.{verb}.{node}" for verb in VERBS}
    imports = [{**_service(theirs), "local_subject": own, "account": province} for theirs, own in subjects.items()]
    return account(NODE, imports=imports, revocations=revocations)


def node_rights(node: str) -> Rights:
    """What a node's user may publish; it may subscribe to all of its account, which holds nothing foreign.

    Every verb is named by `*`, so that a new one needs no new credentials: the account imports only those there are.
    """
    reader = reader_of(node)
    fetching = (f"{API}.CONSUMER.MSG.NEXT.{EVENT_STREAM}.{reader}", f"$JS.ACK.{EVENT_STREAM}.{reader}.>")
    return Rights(publish=(*fetching, f"{COMMANDS}.*.{node}", token_subject(node)))


def _service(subject: str) -> Claims:
    return {"name": subject, "subject": subject, "type": "service"}
