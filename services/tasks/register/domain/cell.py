"""One reading of unit names: beside which lead unit they stand, and on which day."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from contracts.region import Level, Region, level_at, nodes_above, prefix_of, region_at
from contracts.register import Unit
from contracts.units import GOVERNMENT, UnitAddress, UnitKind
from services.tasks.register.domain.collective import Collective, read_collective
from services.tasks.register.domain.index import REGION_LENGTH, Index
from services.tasks.register.domain.resolution import Item, ambiguous, ended, incomplete, wrong_count
from services.tasks.register.domain.spelling import canonical, clean

LONGEST_NAME = 60
_NAMED = 5
_JOINT = re.compile(r"以及|[和及与\s]")
_TIERS = list(Level)


@dataclass(frozen=True)
class Reading:
    """Reads names against the register's tables.

    lead: the unit in whose region a name met several times is looked for, then in the regions above it.
    on: the day the units must stand; None is the present.
    """

    units: dict[UnitAddress, Unit]
    seats: dict[Level, list[Unit]]
    index: Index
    lead: UnitAddress | None
    on: date | None

    def read(self, text: str) -> list[Item] | None:
        """Read a name, a collective, or several of them joined by 和; None when any part is none of these."""
        items: list[Item] = []
        rest = text
        while (last := self._one(rest)) is None:
            before, rest = self._first_of(rest)
            if before is None:
                return None
            items += before
        return items + last

    def _first_of(self, text: str) -> tuple[list[Item] | None, str]:
        """Split after the first joint that has something readable before it (发展和改革委员会 is one name)."""
        for joint in _JOINT.finditer(text, 0, 2 * LONGEST_NAME):
            if before := self._one(text[: joint.start()]):
                return before, text[joint.end() :]
        return None, text

    def _one(self, text: str) -> list[Item] | None:
        name = clean(text)
        if len(name) > LONGEST_NAME:
            return None
        if addresses := self.index.named(name):
            return [self._choose(text, addresses)]
        collective = read_collective(name)
        return self._expand(text, collective) if collective else None

    def _choose(self, text: str, addresses: list[UnitAddress]) -> Item:
        standing = [address for address in addresses if self.units[address].stands_on(self.on)]
        if not standing:
            unit = self.units[addresses[0]]
            return ended(text, unit, self.units.get(unit.successor or ""))
        meant = _nearest(standing, self.lead)
        if len(meant) == 1:
            return self.units[meant[0]]
        return ambiguous(text, tuple(self.units[address].short for address in meant[:_NAMED]), len(meant))

    def _expand(self, text: str, collective: Collective) -> list[Item] | None:
        """Return the units of a collective in address order, or why not; None when no place has such a unit."""
        region = self._scope(collective)
        if region is None:
            return None
        if not collective.levels:
            return [unit for unit in self._departments(region) if unit.stands_on(self.on)] or None
        places = [unit for unit in self._places(collective.levels, region) if unit.stands_on(self.on)]
        tail = canonical(collective.tail)
        members = [member for place in places for member in self._at(place, tail)]
        if not members and tail not in self.index.bare:
            return None
        if collective.count not in (None, len(places)):
            return [wrong_count(text, collective.count or 0, len(places))]
        if len(members) < len(places):
            return [incomplete(text, len(places) - len(members))]
        return [*sorted(members, key=lambda unit: unit.address)]

    def _scope(self, collective: Collective) -> Region | None:
        """Return the region whose units are meant; None when nothing decides it."""
        if collective.where:
            meant = _nearest(self.index.named(collective.where), self.lead)
            return meant[0][:REGION_LENGTH] if len(meant) == 1 and meant[0].endswith(f".{GOVERNMENT}") else None
        widest = _TIERS.index(collective.scope or collective.levels[0])
        for region in _upwards(self.lead) if self.lead else self._tops():
            tier = _TIERS.index(level_at(region))
            if tier == widest if collective.scope else tier < widest:
                return region
        return None

    def _tops(self) -> list[Region]:
        provinces = [unit.address[:REGION_LENGTH] for unit in self.seats.get(Level.PROVINCE, ())]
        return provinces if len(provinces) == 1 else []

    def _places(self, levels: tuple[Level, ...], region: Region) -> Iterator[Unit]:
        prefix = prefix_of(region)
        return (unit for level in levels for unit in self.seats.get(level, ()) if unit.address.startswith(prefix))

    def _at(self, place: Unit, tail: str) -> Iterator[Unit]:
        addresses = self.index.tails[place.address[:REGION_LENGTH]].get(tail, ())
        return (self.units[address] for address in addresses if self.units[address].stands_on(self.on))

    def _departments(self, region: Region) -> Iterator[Unit]:
        units = {address for same in self.index.tails.get(region, {}).values() for address in same}
        return (self.units[key] for key in sorted(units) if self.units[key].kind is UnitKind.DEPARTMENT)


def _nearest(addresses: list[UnitAddress], lead: UnitAddress | None) -> list[UnitAddress]:
    """Return those in the lead's own region, else inside it, else in the regions above it; all when there is no lead.

    Of a place's name met on several tiers (城区, a county and a township), the highest is meant.
    """
    if len(addresses) == 1 or lead is None:
        return _highest(addresses)
    for region in _upwards(lead):
        here = [address for address in addresses if address.startswith(region)]
        inside = [address for address in addresses if address.startswith(prefix_of(region))]
        if len(here) == 1 or inside:
            return here if len(here) == 1 else _highest(inside)
    return _highest(addresses)


def _highest(addresses: list[UnitAddress]) -> list[UnitAddress]:
    if not all(address.endswith(f".{GOVERNMENT}") for address in addresses):
        return addresses
    tiers = [_TIERS.index(level_at(address[:REGION_LENGTH])) for address in addresses]
    return [address for address, tier in zip(addresses, tiers, strict=True) if tier == min(tiers)]


@lru_cache(maxsize=8192)
def _upwards(address: UnitAddress) -> tuple[Region, ...]:
    region = address[:REGION_LENGTH]
    return (region, *(region_at(node) for node in nodes_above(region)))
