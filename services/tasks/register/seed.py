"""The first register: the units of a province as its divisions and their departments give them."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from contracts.offices import Supervises
from contracts.region import Level, region_of
from contracts.register import Unit
from contracts.units import OFFICE, UnitAddress, UnitKind, address_at

DATA = Path(__file__).parent / "data"
SCIENCE_ASSOCIATION = "kx"
WITH_SCIENCE_ASSOCIATION = 22
"""How many counties, the first by code, have a science association (科协): it makes the province 8,907 units."""

Extent = Literal["full", "start"]
Row = dict[str, str]
REFORM_OFFICE = "ggb"
"""It oversees its region beside the general office, at each tier (§1b)."""


@dataclass(frozen=True, slots=True)
class Place:
    """A division with the words its units are named by.

    name: as in official names, districts with their city, 太原市小店区. label: as in short names and unique in the
    province, 小店区, 阿坝州, and 省 for the province itself.
    """

    code: str
    level: Level
    name: str
    label: str
    parent: UnitAddress | None

    @property
    def address(self) -> UnitAddress:
        """The address of its government."""
        return address_at(region_of(self.code))


def units(province: str = "14", nodes: Extent = "full") -> list[Unit]:
    """Return the units of a province (`14` 山西, `51` 四川) in address order, always the same.

    full: every government, department, township, functional zone and special group; for 山西 8,907 units, 4 zones and
    9 groups. start: the provincial units, the groups and the city governments; for 山西 87 units and 9 groups.
    Raises ValueError for a province without data.
    """
    if province not in provinces():
        raise ValueError(f"province：没有“{province}”的区划数据；可用：{'、'.join(provinces())}")
    zones = {row["code"]: row for row in _rows("zones.csv")}
    places = [place for place in _places(province) if nodes == "full" or place.level in (Level.PROVINCE, Level.CITY)]
    holders = [place for place in places if place.level is not Level.TOWNSHIP and place.code not in zones]
    entries = [_seat(place, zones.get(place.code)) for place in places]
    entries += _departments(place for place in holders if nodes == "full" or place.level is Level.PROVINCE)
    entries += _groups(places[0])
    return sorted(entries, key=lambda unit: unit.address)


def provinces() -> list[str]:
    """Return the two-digit codes of the provinces that have data."""
    return sorted(path.stem for path in (DATA / "regions").glob("*.csv"))


def _places(province: str) -> Iterator[Place]:
    shorts = {row["code"]: row["short"] for row in _rows("region_shorts.csv")}
    rows = _rows(f"regions/{province}.csv")
    counties = Counter(row["name"] for row in rows if row["level"] == Level.COUNTY)
    places: dict[str, Place] = {}
    for row in rows:
        code, name, level, outer = row["code"], row["name"], Level(row["level"]), places.get(row["parent"])
        label = shorts.get(code, name)
        if outer is None:
            label = name[-1]
        elif level is Level.COUNTY and name.endswith("区"):
            name = outer.name + name
            label = name if counties[label] > 1 else label
        elif level is Level.TOWNSHIP:
            name = label = _in_county(
                name, outer, (places[row["code"][:4] + "00000"], places[row["code"][:2] + "0000000"])
            )
        places[code] = Place(code, level, name, label, outer.address if outer else None)
        yield places[code]


def _in_county(township: str, county: Place, above: Iterable[Place]) -> str:
    """Put the county before the township, unless its name says where it is (长治市老顶山旅游开发管理中心)."""
    qualified = any(place.name in township for place in above) or county.label in township
    return township if qualified else county.label + township


def _seat(place: Place, zone: Row | None) -> Unit:
    """Return the government of a place, of a township, or of a functional zone."""
    address, level, parent = place.address, place.level, place.parent
    if zone:
        aliases = tuple(zone["aliases"].split("|"))
        name, short, kind = zone["name"], zone["short"], UnitKind.ZONE
        return Unit(address=address, name=name, short=short, level=level, kind=kind, parent=parent, aliases=aliases)
    if level is not Level.TOWNSHIP:
        name, short, kind = f"{place.name}人民政府", f"{place.label}政府", UnitKind.GOVERNMENT
        return Unit(address=address, name=name, short=short, level=level, kind=kind, parent=parent)
    seat = {"街道": "办事处"}.get(place.name[-2:], "人民政府" if place.name[-1] in "乡镇" else "")
    name, short, kind = place.name + seat, place.label, UnitKind.TOWNSHIP
    return Unit(address=address, name=name, short=short, level=level, kind=kind, parent=parent)


def _departments(places: Iterable[Place]) -> Iterator[Unit]:
    forms = {row["code"]: row for row in _rows("department_forms.csv")}
    departments = _rows("departments.csv")
    counties = 0
    for place in places:
        counties += place.level is Level.COUNTY
        for row in departments:
            extra = row["code"] == SCIENCE_ASSOCIATION and 1 <= counties <= WITH_SCIENCE_ASSOCIATION
            if row[place.level] == "1" or (extra and place.level is Level.COUNTY):
                yield _department(place, row, forms.get(row["code"], {}))


def _department(place: Place, row: Row, forms: Row) -> Unit:
    tail = row[f"name_{place.level}"]
    official = forms.get("official") or ("中共{region}" if _of_the_party(tail) else "{region}") + tail
    short = _with_place(forms.get(place.level) or tail)
    others = [form for form in f"{row['aliases']}|{forms.get('aliases', '')}".split("|") if form]
    others = [form for form in others if _fits(form, tail)]
    others += [f"委{form}" for form in others if _of_the_party(tail) and not _of_the_party(form)]
    aliases = dict.fromkeys(_filled(_with_place(form), place) for form in others)
    name, short = _filled(official, place), _filled(short, place)
    address = address_at(region_of(place.code), row["code"])
    other_names = tuple(alias for alias in aliases if alias not in (name, short))
    return Unit(
        address=address,
        name=name,
        short=short,
        level=place.level,
        kind=UnitKind.DEPARTMENT,
        supervises=Supervises.REGION if row["code"] in (OFFICE, REFORM_OFFICE) else Supervises.LINE,
        parent=place.address,
        aliases=other_names,
    )


def _groups(province: Place) -> Iterator[Unit]:
    """Yield the special groups of the province, under its reform office."""
    office = address_at(region_of(province.code), REFORM_OFFICE)
    for row in _rows("special_groups.csv"):
        name = f"中共{province.name}委全面深化改革委员会{row['short']}"
        address = address_at(region_of(province.code), row["code"])
        aliases = (*row["aliases"].split("|"), f"省{row['short']}")
        yield Unit(
            address=address,
            name=name,
            short=row["short"],
            level=province.level,
            kind=UnitKind.GROUP,
            supervises=Supervises.GROUP,
            parent=office,
            aliases=aliases,
        )


def _of_the_party(tail: str) -> bool:
    return tail.startswith("委")


def _fits(form: str, tail: str) -> bool:
    """A 厅 is provincial; where there is a 厅, a 局 of the same name is not."""
    return not (form.endswith("厅") and tail.endswith("局")) and not (form.endswith("局") and tail.endswith("厅"))


def _with_place(form: str) -> str:
    return form if "{" in form else "{label}" + form


def _filled(form: str, place: Place) -> str:
    return form.format(region=place.name, label=place.label, tier=place.label[-1])


def _rows(name: str) -> list[Row]:
    with (DATA / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
