"""Where a place stands in the province, and how its division code and its region tokens say the same."""

import re
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

_CODE = r"(?:0[1-9]|[1-9]\d)(?:0000000|(?:0[1-9]|[1-9]\d)\d{5})"
REGION_PATTERN = r"(?:0[1-9]|[1-9]\d)\.(?:00\.00\.000|(?:0[1-9]|[1-9]\d)\.\d\d\.\d{3})"
_NODE = r"(?:0[1-9]|[1-9]\d)\.(?:00\.00|(?:0[1-9]|[1-9]\d)\.\d\d(?:\.(?:00[1-9]|0[1-9]\d|[1-9]\d\d))?)"

DivisionCode = Annotated[
    str, StringConstraints(pattern=f"^{_CODE}$"), Field(description="Division code, nine digits (行政区划代码).")
]
"""A place by its division code (行政区划代码): GB/T 2260 and three township digits, as in `141002000`."""

Region = Annotated[
    str,
    StringConstraints(pattern=f"^{REGION_PATTERN}$"),
    Field(description="Province, city, county and township, such as `14.10.02.000` (地区)."),
]
"""The same place as four tokens: province, city, county, township, as in `14.10.02.000`; absent levels are zeros."""

Node = Annotated[
    str, StringConstraints(pattern=f"^{_NODE}$"), Field(description="Node, such as `14.10.02` for a county (节点).")
]
"""A node (节点): the region without an absent township, as in `14.10.02`, `14.00.00` or `14.10.02.001`."""


Owner = Annotated[Node, Field(description="The one node that emits events of the aggregate (所属节点).")]


class Level(StrEnum):
    """The tiers of government, highest first (层级): province 省, city 市, county 县, township 乡."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"


class RegionInvalid(ValueError):
    """A place that cannot be one; the message says in Chinese what one looks like."""


def region_of(code: str) -> Region:
    """Turn a nine-digit division code into region tokens: `141002000` → `14.10.02.000`. Raises RegionInvalid."""
    if not re.fullmatch(_CODE, code, re.ASCII):
        raise RegionInvalid(f"行政区划代码“{code}”无效：应为九位数字，例如 141002000")
    return f"{code[:2]}.{code[2:4]}.{code[4:6]}.{code[6:]}"


def code_of(place: str) -> DivisionCode:
    """Turn a region or a node into its nine-digit division code: `14.10.02` → `141002000`. Raises RegionInvalid."""
    return region_at(place).replace(".", "")


def region_at(place: str) -> Region:
    """Write a node out as a region, a region as itself: `14.10.02` → `14.10.02.000`. Raises RegionInvalid."""
    region = f"{place}.000" if len(place) == len("14.10.02") else place
    if not re.fullmatch(REGION_PATTERN, region, re.ASCII):
        raise RegionInvalid(f"地区“{place}”无效：应为省.市.县[.乡]，没有的一级写 00，例如 14.10.02")
    return region


def node_at(place: str) -> Node:
    """Write a region as a node, a node as itself: `14.10.02.000` → `14.10.02`. Raises RegionInvalid."""
    return region_at(place).removesuffix(".000")


def level_at(place: str) -> Level:
    """Tell the tier of a region or a node. Raises RegionInvalid."""
    _, city, county, township = region_at(place).split(".")
    if township != "000":
        return Level.TOWNSHIP
    if county != "00":
        return Level.COUNTY
    return Level.CITY if city != "00" else Level.PROVINCE


def nodes_above(node: str) -> tuple[Node, ...]:
    """Return the nodes above a node, nearest first; a town directly under its city has no county between."""
    province, city, county, township = region_at(node).split(".")
    chain = [f"{province}.{city}.{county}.{township}", f"{province}.{city}.{county}"]
    chain += [f"{province}.{city}.00", f"{province}.00.00"]
    own = node_at(node)
    above = dict.fromkeys(node_at(place) for place in chain)
    return tuple(place for place in above if place != own)


def prefix_of(place: str) -> str:
    """Return what the regions of a place and all below it begin with: `14.10`, `14.10.00` or its region → `14.10`.

    Raises RegionInvalid.
    """
    if not re.fullmatch(r"\d\d(\.\d\d){0,2}|\d\d\.\d\d\.\d\d\.\d{3}", place, re.ASCII):
        raise RegionInvalid(f"地区“{place}”无效：应为省.市.县[.乡]，没有的一级可省去或写 00，例如 14.10")
    return re.sub(r"(\.0+)+$", "", place)
