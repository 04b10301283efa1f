"""Unit addresses: five fixed tokens that name every office of the province and route every event to it."""

import re
from enum import StrEnum
from typing import Annotated, NamedTuple

from pydantic import Field, StringConstraints

from .region import REGION_PATTERN, Level, Node, Region, level_at, node_at, nodes_above, prefix_of, region_at

_ADDRESS = rf"{REGION_PATTERN}\.[a-z][a-z0-9]{{0,15}}"

UnitAddress = Annotated[
    str,
    StringConstraints(pattern=f"^{_ADDRESS}$"),
    Field(
        description="Address of a unit: province, city, county, township, unit, as in `14.10.02.000.gov` (单位地址)."
    ),
]
"""A unit (单位): province, city, county, township, unit code, as in `14.10.02.000.gov`; `all` is everyone below."""

GOVERNMENT = "gov"
"""The unit code of the government itself."""

OFFICE = "bgt"
"""The unit code of the government's office, where the Inspectorate sits."""

EVERYONE = "all"
"""The unit code reserved for what every unit below must know; no unit has it."""


class UnitKind(StrEnum):
    """What a unit is (单位类别): government 政府, department 部门, township 乡镇街道, zone 功能区, group 专项小组."""

    GOVERNMENT = "government"
    DEPARTMENT = "department"
    TOWNSHIP = "township"
    ZONE = "zone"
    GROUP = "group"


class AddressInvalid(ValueError):
    """A unit address that cannot be one; the message says in Chinese what one looks like."""


class Parts(NamedTuple):
    """An address taken apart."""

    region: Region
    unit: str


def parse(address: str) -> Parts:
    """Take an address apart: `14.10.02.000.gov` → (`14.10.02.000`, `gov`). Raises AddressInvalid."""
    if not re.fullmatch(_ADDRESS, address, re.ASCII):
        raise AddressInvalid(f"单位地址“{address}”无效：应为省.市.县.乡.单位代码五段，例如 14.10.02.000.gov")
    region, _, unit = address.rpartition(".")
    return Parts(region, unit)


def address_at(place: str, unit: str = GOVERNMENT) -> UnitAddress:
    """Put an address together from a node or a region and a unit code. Raises RegionInvalid or AddressInvalid."""
    address = f"{region_at(place)}.{unit}"
    parse(address)
    return address


def level(address: str) -> Level:
    """Tell the tier a unit belongs to. Raises AddressInvalid."""
    return level_at(parse(address).region)


def node_of(address: str) -> Node:
    """Name the node a unit belongs to: `14.10.02.000.gov` → `14.10.02`. Raises AddressInvalid."""
    return node_at(parse(address).region)


def superiors(address: str) -> tuple[UnitAddress, ...]:
    """Return the governments above a unit, nearest first; a department's first superior is its own government."""
    node = node_of(address)
    governments = [address_at(place) for place in (node, *nodes_above(node))]
    return tuple(government for government in governments if government != address)


def within(address: str, place: str) -> bool:
    """Tell whether a unit lies at a node, region or region prefix or below it, or is that very unit.

    `within("14.10.02.000.fgw", "14.10.00")` holds; so do `14.10` and `14.10.00.000.all`. Raises AddressInvalid,
    RegionInvalid.
    """
    if place.count(".") < address.count("."):
        return parse(address).region.startswith(prefix_of(place))
    region, unit = parse(place)
    return address == place or (unit == EVERYONE and within(address, region))


def everyone(node: str) -> UnitAddress:
    """Return the address of all units of a node and below: `14.10.00` → `14.10.00.000.all`."""
    return address_at(node, EVERYONE)
