"""A node of the bus: where it may stand, what its reader hears, and the life of its credentials."""

import re
from collections.abc import Mapping
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from contracts.envelope import EVENTS
from contracts.node import AGAIN_AFTER, reader_of
from contracts.region import Level, Node, RegionInvalid, level_at, node_at
from contracts.units import everyone

ADDRESS = re.compile(r"\d\d(\.\d\d){1,2}(\.\d{3})?", re.ASCII)
SECOND = 1_000_000_000
KEPT = 2
"""Credentials of a node that work at one time: the newest, and the one before it."""


class State(StrEnum):
    """How a node stands, by its credentials."""

    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"


class NodeInvalid(ValueError):
    """An address at which no node can be; the message says in Chinese what one looks like."""


class Credential(BaseModel):
    """One user of a node's account: its public key, and from when until when it works (Unix time)."""

    model_config = ConfigDict(frozen=True)
    user: str
    issued: int
    expires: int


class Enrolment(BaseModel):
    """What was issued to a node, oldest first, and what was revoked: a user, or `*` for all until that time."""

    model_config = ConfigDict(frozen=True)
    node: Node
    credentials: tuple[Credential, ...] = ()
    revocations: Mapping[str, int] = {}

    def valid(self, now: int) -> tuple[Credential, ...]:
        """The credentials that work."""
        return tuple(each for each in self.credentials if each.expires > now and not self._is_revoked(each))

    def state(self, now: int) -> State:
        """Whether it may come in, and if not, why."""
        if self.valid(now):
            return State.VALID
        return State.REVOKED if any(self._is_revoked(each) for each in self.credentials[-1:]) else State.EXPIRED

    def _is_revoked(self, credential: Credential) -> bool:
        times = (self.revocations.get(name, 0) for name in ("*", credential.user))
        return any(credential.issued <= time for time in times)

    def issue(self, user: str, now: int, days: int, keep: int = KEPT) -> "Enrolment":
        """One credential more; of those that worked, all but the last `keep` are revoked."""
        issued = max(now, self.revocations.get("*", 0) + 1)  # later than what was revoked in this very second
        old = self.valid(now)
        gone = {each.user: max(now, each.issued) for each in old[: max(0, len(old) + 1 - keep)]}
        credential = Credential(user=user, issued=issued, expires=issued + days * 86_400)
        return self.model_copy(
            update={"credentials": (*self.credentials, credential), "revocations": {**self.revocations, **gone}}
        )

    def revoke(self, now: int) -> "Enrolment":
        """Nothing issued so far works any more, for ever."""
        latest = max((each.issued for each in self.credentials), default=now)
        return self.model_copy(update={"revocations": {**self.revocations, "*": max(now, latest)}})


def parse(address: str) -> Node:
    """A county or a city: `14.10.02`, `14.10.00` or `14.10`. Raises NodeInvalid."""
    node = f"{address}.00" if address.count(".") == 1 else address
    try:
        if ADDRESS.fullmatch(address) and level_at(node) in (Level.CITY, Level.COUNTY):
            return node_at(node)
    except RegionInvalid:
        pass
    raise NodeInvalid(f"节点地址“{address}”无效：应为市或县，写作省.市.县各两位数字，例如 14.10.02；市写 14.10.00")


def filters(node: str) -> list[str]:
    """What a node may hear: its own addresses, and what is for everyone in its city and in the province."""
    province, city, _ = node.split(".")
    above = [f"{province}.{city}.00", f"{province}.00.00"]
    addresses = [f"{node}.>", *(everyone(place) for place in above if place != node)]  # a city hears its own `all`
    return [f"{EVENTS}.*.*.{address}" for address in addresses]


def reader(node: str) -> dict[str, object]:
    """The configuration of a node's durable: one event at a time, and again after five seconds.

    Whoever handles an event for longer, and asks for the next only then, is not given it twice: its acknowledgement
    comes before it asks. What was lost with a client, or was forgotten by a killed server, holds the next back no
    longer than that.
    """
    return {
        "durable_name": reader_of(node),
        "filter_subjects": filters(node),
        "ack_policy": "explicit",
        "ack_wait": AGAIN_AFTER * SECOND,
        "max_ack_pending": 1,
        "max_waiting": 8,
    }
