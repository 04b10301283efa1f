"""A unit as the register knows it, with the days it stands."""

from dataclasses import dataclass
from datetime import date

from contracts.region import Level
from contracts.units import UnitAddress, UnitKind


@dataclass(frozen=True, slots=True)
class Unit:
    """One entry of the register (单位).

    name: as on its seal, 山西省发展和改革委员会. short: as offices write it, 省发展改革委, unique on the register.
    aliases: further forms, each with its place (忻州市发改委) or standing for itself (团省委).
    valid_from, valid_to: first and last day it stands, None where open; successor: who answers for it after that.
    """

    address: UnitAddress
    name: str
    short: str
    level: Level
    kind: UnitKind
    parent: UnitAddress | None = None
    aliases: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    successor: UnitAddress | None = None

    @property
    def forms(self) -> tuple[str, ...]:
        """Every way of writing it that the register was given."""
        return (self.name, self.short, *self.aliases)

    @property
    def place(self) -> str:
        """The region it belongs to, as its address has it: `14.10.02.000`."""
        return self.address.rpartition(".")[0]

    def stands_on(self, day: date | None) -> bool:
        """Whether it stands on that day; None asks for the present, which knows no end yet."""
        if day is None:
            return self.valid_to is None
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)
