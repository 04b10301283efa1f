"""Who reads, and what may be seen: everything, or the places a unit or a region stands for. P14, S2."""

from dataclasses import dataclass

from contracts.envelope import Actor, ActorRole
from contracts.queries import Scope
from contracts.region import prefix_of
from contracts.units import node_of

OVERSEERS = frozenset({ActorRole.LEADER, ActorRole.SUPERVISOR, ActorRole.INSPECTOR, ActorRole.OPERATOR})
"""Roles that see their whole region, not their unit alone."""

Sight = tuple[bool, list[str], str, str]
"""What SQL needs to know: sees all; places seen exactly; a range of places, from (included) to (not included)."""


@dataclass(frozen=True)
class Reader:
    """A person or a county's system: for which unit, in which roles, of this node."""

    person: str
    unit: str
    unit_name: str
    roles: tuple[ActorRole, ...]
    node: str = "14.00.00"

    @property
    def actor(self) -> Actor:
        """As a command carries it."""
        return Actor(person=self.person, unit=self.unit, roles=self.roles)

    def may(self, *roles: ActorRole) -> bool:
        """Holds one of these roles."""
        return any(role in self.roles for role in roles)

    @property
    def region(self) -> str:
        """The prefix of the region overseen, such as `14.10`; empty for who sees their own unit's matters alone."""
        return prefix_of(node_of(self.unit)) if OVERSEERS & set(self.roles) else ""

    @property
    def sees_all(self) -> bool:
        """The region overseen is the whole node."""
        own = prefix_of(self.node)
        return bool(self.region) and (own == self.region or own.startswith(f"{self.region}."))

    @property
    def scope(self) -> Scope:
        """As a question to another service carries it."""
        if self.sees_all:
            return Scope(all=True)
        return Scope(units=(self.unit,), regions=(self.region,) if self.region else ())

    @property
    def sight(self) -> Sight:
        """As a statement of the ledger takes it."""
        low = self.region or "~"
        return self.sees_all, sorted(around(self.unit)), low, f"{low}/"


def around(unit: str) -> set[str]:
    """The places whose matters a unit sees: itself, every prefix of its address, `all` of every region around it.

    `14.10.02.000.gov` → `14.10.02.000.gov`, `14.10.02.000`, …, `14`, `14.10.02.000.all`, …, `14.00.00.000.all`.
    """
    parts, zeros = unit.split("."), ("00", "00", "00", "000")
    prefixes = {".".join(parts[:n]) for n in range(1, 6)}
    return prefixes | {".".join((*parts[:n], *zeros[n:], "all")) for n in range(1, 5)}


def can_see(reader: Reader, audience: tuple[str, ...]) -> bool:
    """The same answer as the ledger's SQL gives, for one audience in hand."""
    everything, places, low, high = reader.sight
    return everything or any(place in places or low <= place < high for place in audience)
