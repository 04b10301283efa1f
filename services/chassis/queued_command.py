"""A node's durable command as it waits: its node is read from the subject, which the server guarantees."""

import json
from functools import cached_property
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from pydantic import ValidationError

from contracts.envelope import UNIT_SIDE, Command
from contracts.refusals import Refused
from contracts.region import Node, RegionInvalid, node_at
from contracts.units import EVERYONE, AddressInvalid, UnitAddress, address_at, parse, within
from services.chassis import refusals, tracing
from services.chassis.bus import Message
from services.chassis.command_batcher import PendingCommand


def node_in(subject: str) -> Node | None:
    """The node at which a command's subject ends; None where none stands there."""
    node = subject.split(".", 4)[4:]
    try:
        return node[0] if node and node_at(node[0]) == node[0] else None
    except RegionInvalid:
        return None


class QueuedCommand:
    """A command in the queue, read when its turn comes. `kind`: None for a verb that no service takes."""

    def __init__(self, kind: type[Command] | None, node: Node, message: Message) -> None:
        self.kind, self.node, self.message = kind, node, message
        self.attempts = 0

    @property
    def type(self) -> str:
        """What it is counted as."""
        return self.kind.type if self.kind else "unknown"

    @cached_property
    def work(self) -> tracing.Work:
        """Its decision, below the span that its sender named."""
        return tracing.Work(self.type, self.message.trace)

    @property
    def trace(self) -> str:
        """What its events carry."""
        return self.work.span.traceparent

    @cached_property
    def content(self) -> dict[str, Any]:
        """The body; empty where it is no JSON object."""
        try:
            content = json.loads(self.message.body)
        except (ValueError, RecursionError):
            return {}
        return content if isinstance(content, dict) else {}

    @cached_property
    def id(self) -> UUID:
        """The id it gives itself, else one made of its place in the queue."""
        try:
            return UUID(self.content["id"])
        except (ValueError, KeyError, TypeError, AttributeError):
            return uuid5(NAMESPACE_OID, f"{self.message.sent_at.isoformat()} {self.message.sequence}")

    @property
    def key(self) -> tuple[Node, UUID]:
        """An id is its node's own."""
        return self.node, self.id

    @cached_property
    def actor(self) -> Any:
        """Who asks, as the node may vouch for them: unit-side roles, a person of that node."""
        actor = self.content.get("actor")
        if not isinstance(actor, dict):
            return actor
        person, roles = actor.get("person"), actor.get("roles")
        return (
            actor
            | ({"person": f"{self.node}/{person}"} if isinstance(person, str) else {})
            | ({"roles": [role for role in roles if role in tuple(UNIT_SIDE)]} if isinstance(roles, list) else {})
        )

    @cached_property
    def is_inside(self) -> bool:
        """The unit that asks lies inside the node."""
        try:
            unit = self.actor["unit"]
            return within(unit, self.node) and parse(unit).unit != EVERYONE
        except (AddressInvalid, KeyError, TypeError, AttributeError):
            return False

    @property
    def address(self) -> UnitAddress:
        """Where it is answered: the unit that asks, else the node's government, which every node has and hears.

        Not everyone of the node: a mistake of its system is nothing for all its units to read.
        """
        return self.actor["unit"] if self.is_inside else address_at(self.node)

    @cached_property
    def request(self) -> PendingCommand | Refused:
        """What its handler is asked; a refusal where it cannot be. Only what the node may vouch for is ever read."""
        if self.kind is None:
            return refusals.UNKNOWN_VERB
        if not self.content:
            return refusals.UNREADABLE
        try:
            command = self.kind.model_validate_json(json.dumps(self.content | {"actor": self.actor}))
        except ValidationError as error:
            return refusals.invalid(error)
        except (ValueError, RecursionError):
            return refusals.UNREADABLE
        if not self.is_inside:
            return refusals.UNIT_OUTSIDE
        return PendingCommand(command, sender=self.node, trace=self.trace)
