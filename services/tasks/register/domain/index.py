"""Which words name which unit: a name is a place and what follows it, looked up in dictionaries alone."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from contracts.region import Level, Region, nodes_above, region_at
from contracts.register import Unit
from contracts.units import GOVERNMENT, UnitAddress
from services.tasks.register.domain.spelling import canonical, clean, place_of

TIER_SIGNS = "省市州盟县区旗镇乡"
REGION_LENGTH = len("14.10.02.000")


@dataclass(frozen=True)
class Index:
    """The look-up tables.

    places: 晋城市城区 → its regions; a lone tier sign such as 市 stands for every place that ends with it.
    tails: region → what follows the place, canonical (教育局, 政府, or nothing) → addresses.
    whole: names that do not begin with their place (团省委). bare: a department's name without its place.
    """

    places: dict[str, list[Region]] = field(default_factory=lambda: defaultdict(list))
    tails: dict[Region, dict[str, list[UnitAddress]]] = field(default_factory=dict)
    whole: dict[str, list[UnitAddress]] = field(default_factory=lambda: defaultdict(list))
    bare: dict[str, list[UnitAddress]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, units: Iterable[Unit]) -> "Index":
        """Build the tables, places from the governments first."""
        index = cls()
        ordered = sorted(units, key=lambda unit: (unit.address[:REGION_LENGTH], not _is_seat(unit)))
        prefixes = index._take_places([unit for unit in ordered if _is_seat(unit)])
        for unit in ordered:
            index._take_tails(unit, prefixes.get(unit.address[:REGION_LENGTH], []))
        return index

    def named(self, text: str) -> list[UnitAddress]:
        """Return every unit that a clean text can name, wherever it may be; empty when none."""
        addresses = [*self.whole.get(canonical(text), ()), *self._placed(text)]
        return list(dict.fromkeys(addresses)) or list(self.bare.get(canonical(text), ()))

    def _placed(self, text: str) -> Iterator[UnitAddress]:
        for end in range(1, len(text) + 1):
            regions = self.places.get(text[:end])
            if regions and len(text) > 1:
                tail = canonical(text[end:])
                for region in regions:
                    yield from self.tails[region].get(tail, ())

    def _take_places(self, seats: Iterable[Unit]) -> dict[Region, list[str]]:
        """Fill `places`; return for each region all the prefixes its units may carry, longest first."""
        full: dict[Region, list[str]] = {}
        prefixes: dict[Region, list[str]] = {}
        for seat in seats:
            region = seat.address[:REGION_LENGTH]
            outer = [full[region_at(node)] for node in nodes_above(region) if region_at(node) in full]
            own = list(dict.fromkeys(_own_names(seat, outer)))
            full[region] = own
            signs = {name[-1] for name in own if name[-1] in TIER_SIGNS}
            written = dict.fromkeys([*own, *_stems(own, seat.level), *_qualified(own, outer), *signs])
            for name in written:
                self.places[name].append(region)
            prefixes[region] = sorted(written, key=len, reverse=True)
        return prefixes

    def _take_tails(self, unit: Unit, prefixes: list[str]) -> None:
        tails = {""} if _is_seat(unit) else set()
        for form in map(clean, unit.forms):
            prefix = next((prefix for prefix in prefixes if form.startswith(prefix)), None)
            if prefix is None:
                _add(self.whole, canonical(form), unit.address)
            else:
                tails.add(canonical(form[len(prefix) :]))
        region = self.tails.setdefault(unit.address[:REGION_LENGTH], {})
        for tail in tails:
            _add(region, tail, unit.address)
            if not _is_seat(unit):
                _add(self.bare, tail, unit.address)


def _add(table: dict[str, list[UnitAddress]], key: str, address: UnitAddress) -> None:
    addresses = table.setdefault(key, [])
    if address not in addresses:
        addresses.append(address)


def _is_seat(unit: Unit) -> bool:
    return unit.address.endswith(f".{GOVERNMENT}")


def _own_names(seat: Unit, outer: list[list[str]]) -> Iterator[str]:
    """Yield the place's own names: 太原市小店区人民政府 → 小店区. `outer`: those of the places above, nearest first."""
    for form in map(clean, seat.forms):
        place = place_of(form)
        before = next((name for names in outer for name in names if place.startswith(name)), "")
        inner = place.removeprefix(before)
        yield inner if len(inner) > 1 else place


def _stems(names: list[str], level: Level) -> Iterator[str]:
    """Yield what is left without the tier sign: 太原市 → 太原; too short ones and townships have no stem."""
    for name in names:
        if level is not Level.TOWNSHIP and name[-1] in TIER_SIGNS and len(name) > 2 and "自治" not in name:
            yield name[:-1]


def _qualified(own: list[str], outer: list[list[str]]) -> Iterator[str]:
    """Yield the own names after those of the places above: 晋城市城区, 晋城城区, 山西省晋城市城区, 山西省泽州县."""
    before = [""]
    for names in reversed(outer):
        before += [first + name for first in before for name in names]
    before += [name[:-1] for names in outer[:1] for name in names if len(name) > 2]
    return (first + name for first in before[1:] for name in own)
