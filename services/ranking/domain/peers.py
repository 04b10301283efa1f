"""Whom a unit is ranked with, and for which place its work counts: by its address alone (R5)."""

import re
from typing import NamedTuple

from contracts.region import Level, Node, level_at, node_at, region_at
from contracts.terms import PeerGroup
from contracts.units import EVERYONE, GOVERNMENT, UnitAddress, address_at, parse

SPECIAL_GROUP = re.compile(r"zx\d+")


class Peers(NamedTuple):
    """A peer group (考核组别), and the address that stands on its board."""

    group: PeerGroup
    place: UnitAddress


def peers_of(unit: UnitAddress, node: Node) -> Peers | None:
    """Where a unit's work counts on the boards of a node; None where it stands on none.

    Of the node's own units, every department counts for itself; the government, whose boards these are, and special
    groups count nowhere. Below, a county's government, departments and townships count for the county, a city's own
    government and departments for the city. `14.10.02.001.gov` seen from `14.00.00` → county, `14.10.02.000.gov`.
    """
    region, code = parse(unit)
    if code == EVERYONE:
        return None
    if region == region_at(node):
        ranked = code != GOVERNMENT and not SPECIAL_GROUP.fullmatch(code)
        return Peers(PeerGroup.DEPARTMENT, unit) if ranked else None
    if level_at(region) is Level.CITY:
        return Peers(PeerGroup.CITY, address_at(region))
    county = f"{region[:8]}.000"
    if level_at(region) is Level.PROVINCE or county == region_at(node):
        return None
    return Peers(PeerGroup.COUNTY, address_at(node_at(county)))
