"""Who reads, and whose records that reader may see."""

from collections.abc import Iterable

from contracts import offices
from contracts.envelope import Actor, ActorRole
from contracts.region import nodes_above
from contracts.units import everyone, node_of


class Reader(offices.Reader):
    """A person or a county's system: for which unit, in which roles. person: an id of the register.

    issuers: the offices this reader acts for, the own unit and for a leader those that the unit leads.
    """

    person: str
    person_name: str
    unit: str
    unit_name: str
    roles: tuple[ActorRole, ...]
    issuers: frozenset[str]

    @property
    def actor(self) -> Actor:
        """As a command carries it."""
        return Actor(person=self.person, unit=self.unit, roles=self.roles)

    @property
    def eyes(self) -> offices.Reader:
        """As a question to another service carries it."""
        return offices.Reader(places=self.places)

    @property
    def operates(self) -> bool:
        """An operator keeps the platform running and reads no business data. §1b"""
        return self.may(ActorRole.OPERATOR)

    def may(self, *roles: ActorRole) -> bool:
        """Holds one of these roles."""
        return any(role in self.roles for role in roles)


def reader_of(
    person: str, person_name: str, unit: str, unit_name: str, roles: Iterable[ActorRole], led: Iterable[str]
) -> Reader:
    """The reader a person is; `led`: the units for which the leaders of `unit` act."""
    held = tuple(roles)
    own = frozenset((unit, *led)) if ActorRole.LEADER in held else frozenset((unit,))
    return Reader(
        person=person,
        person_name=person_name,
        unit=unit,
        unit_name=unit_name,
        roles=held,
        issuers=own,
        places=frozenset() if ActorRole.OPERATOR in held else own | _around(unit),
    )


def _around(unit: str) -> frozenset[str]:
    """`…all` of the unit's node and of every node above."""
    node = node_of(unit)
    return frozenset(everyone(each) for each in (node, *nodes_above(node)))
