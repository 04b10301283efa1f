"""Whose work an office's ranking counts, whom a unit is ranked with, and for which unit its work counts (R5, §1b)."""

from typing import NamedTuple

from contracts.delivery import Delivery
from contracts.offices import Issued
from contracts.region import Level, Node, level_at, node_at, region_at
from contracts.terms import NoticeKind, PeerGroup
from contracts.units import EVERYONE, GOVERNMENT, OFFICE, UnitAddress, address_at, parse


class Peers(NamedTuple):
    """A peer group (考核组别), and the unit that is ranked in it."""

    group: PeerGroup
    ranked_unit: UnitAddress


def office_of(node: Node) -> UnitAddress:
    """The general office of a node, which issues its rankings."""
    return address_at(node, OFFICE)


def issued_by_office(issued: Issued, node: Node) -> bool:
    """It counts in the node's rankings: what others register and close for themselves changes nothing there. §1b."""
    return issued.issuer == office_of(node)


def peers_of(unit: UnitAddress, node: Node) -> Peers | None:
    """Where a unit's work counts in the rankings of a node; None where it counts in none.

    Of the node's own units, every department counts for itself; the government, whose rankings these are, counts
    nowhere. Below, a county's government, departments and townships count for the county, a city's own government and
    departments for the city. `14.10.02.001.gov` seen from `14.00.00` → county, `14.10.02.000.gov`.
    """
    region, code = parse(unit)
    if code == EVERYONE:
        return None
    if region == region_at(node):
        return None if code == GOVERNMENT else Peers(PeerGroup.DEPARTMENT, unit)
    if level_at(region) is Level.CITY:
        return Peers(PeerGroup.CITY, address_at(region))
    county = f"{region[:8]}.000"
    if level_at(region) is Level.PROVINCE or county == region_at(node):
        return None
    return Peers(PeerGroup.COUNTY, address_at(node_at(county)))


def urged(delivery: Delivery, node: Node) -> Peers | None:
    """Where an urging or an order counts: for the unit it is addressed to, not where a copy goes (R5)."""
    urging = delivery.kind in (NoticeKind.URGING, NoticeKind.ORDER) and not delivery.copy_only
    return peers_of(delivery.unit, node) if urging and issued_by_office(delivery, node) else None
