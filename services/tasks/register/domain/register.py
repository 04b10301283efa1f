"""The register of units: from what an office writes to the units it means."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from contracts.offices import Supervises
from contracts.region import Level, nodes_above
from contracts.register import OfficesByRegion, Unit, offices_by_region, offices_over
from contracts.units import GOVERNMENT, UnitAddress, UnitKind, address_at, node_of
from services.tasks.register.domain.cell import LONGEST_NAME, Reading
from services.tasks.register.domain.collective import join_collectives
from services.tasks.register.domain.index import Index
from services.tasks.register.domain.resolution import Resolution, UnitProblem, resolution, unknown, vague
from services.tasks.register.domain.similar import Names
from services.tasks.register.domain.spelling import clean

_SEPARATOR = re.compile(r"[、,;/|\n\r]+")
_VAGUE = re.compile(r"有关|相关|其他|等$")
_SUGGESTED = 3


def parts_of(text: str) -> list[str]:
    """Split a cell at its separators (、，；/ and line breaks); 各市、县（市、区）政府 stays one part."""
    cell = join_collectives(unicodedata.normalize("NFKC", text))
    return [part for part in (part.strip(" \t。.") for part in _SEPARATOR.split(cell)) if part]


@dataclass(frozen=True)
class Register:
    """All units by address, with the tables that find them by name; `offices`: region → the offices that oversee it."""

    units: dict[UnitAddress, Unit]
    seats: dict[Level, list[Unit]]
    index: Index
    offices: OfficesByRegion = field(default_factory=dict)

    @classmethod
    def of(cls, units: Iterable[Unit]) -> "Register":
        """Build the register once; units in address order, whatever order they come in."""
        by_address = {unit.address: unit for unit in sorted(units, key=lambda unit: unit.address)}
        seats = defaultdict(list)
        for unit in by_address.values():
            if unit.address.endswith(f".{GOVERNMENT}") and unit.kind is not UnitKind.ZONE:
                seats[unit.level].append(unit)
        offices = offices_by_region(by_address.values())
        return cls(by_address, dict(seats), Index.of(by_address.values()), offices)

    def office_of(self, unit: Unit) -> Unit | None:
        """The office whose leadership this unit is: of a government its general office. §1b"""
        offices = [self.units[address] for address in self.offices.get(unit.place, ())]
        return next((office for office in offices if office.leadership == unit.address), None)

    def offices_over(self, address: UnitAddress) -> tuple[UnitAddress, ...]:
        """The offices of a unit's own tier and of all tiers above it, nearest first."""
        return offices_over(address, self.offices)

    def line_over(self, address: UnitAddress) -> tuple[UnitAddress, ...]:
        """The departments of the same code on the tiers above (条), nearest first."""
        code = address.rpartition(".")[2]
        above = (address_at(node, code) for node in nodes_above(node_of(address)))
        return tuple(a for a in above if a in self.units and self.units[a].supervises is Supervises.LINE)

    def resolve(self, text: str, lead: UnitAddress | None = None, on: date | None = None) -> Resolution:
        """Resolve one cell, in which several units and collectives may stand, to units in order.

        A name met several times is looked for in the region of `lead`, then in the regions above it, else refused
        with the candidates. Units must stand `on` that day; None is the present. 各市政府 expands in address order.
        """
        reading = Reading(self.units, self.seats, self.index, lead, on)
        return resolution(item for part in parts_of(text) for item in reading.read(part) or [self._refused(part)])

    def find(self, text: str, limit: int = 10) -> list[Unit]:
        """Return up to `limit` units that a text may mean, the surest first: named, beginning, containing, near."""
        wanted = clean(text)
        if not wanted:
            return []
        addresses = dict.fromkeys(self.index.named(wanted))
        tests: tuple[Callable[[str], bool], ...] = (lambda form: form.startswith(wanted), lambda form: wanted in form)
        for test in tests:
            if len(addresses) < limit:
                hits = (unit for unit in self.units.values() if any(map(test, (unit.address, *unit.forms))))
                addresses |= dict.fromkeys(unit.address for unit in hits)
        if len(addresses) < limit:
            addresses |= dict.fromkeys(self._names.near(wanted, limit))
        return [self.units[address] for address in list(addresses)[:limit]]

    def _refused(self, text: str) -> UnitProblem:
        name = clean(text)[:LONGEST_NAME]
        excerpt = text if len(text) <= LONGEST_NAME else f"{text[:LONGEST_NAME]}…"
        if _VAGUE.search(name):
            return vague(excerpt)
        return unknown(excerpt, tuple(self.units[address].short for address in self._names.near(name, _SUGGESTED)))

    @cached_property
    def _names(self) -> Names:
        by_tier = sorted(self.units.values(), key=lambda unit: list(Level).index(unit.level))
        return Names.of((form, unit.address) for unit in by_tier for form in (unit.short, unit.name))
