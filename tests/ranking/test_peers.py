"""Whom a unit is ranked with, by its address."""

import pytest

from contracts.terms import PeerGroup
from services.ranking.domain.peers import Peers, peers_of

COUNTY, CITY, DEPARTMENT = PeerGroup.COUNTY, PeerGroup.CITY, PeerGroup.DEPARTMENT


@pytest.mark.parametrize("unit", ["14.10.02.000.gov", "14.10.02.000.fgw", "14.10.02.001.gov"])
def test_everyone_in_a_county_counts_for_the_county(unit):
    assert peers_of(unit, "14.00.00") == Peers(COUNTY, "14.10.02.000.gov")


@pytest.mark.parametrize("unit", ["14.10.00.000.gov", "14.10.00.000.jyt"])
def test_a_citys_own_units_count_for_the_city(unit):
    assert peers_of(unit, "14.00.00") == Peers(CITY, "14.10.00.000.gov")


def test_a_provincial_department_counts_for_itself():
    assert peers_of("14.00.00.000.czt", "14.00.00") == Peers(DEPARTMENT, "14.00.00.000.czt")
    assert peers_of("14.00.00.000.bgt", "14.00.00") == Peers(DEPARTMENT, "14.00.00.000.bgt")


@pytest.mark.parametrize("unit", ["14.00.00.000.gov", "14.00.00.000.zx01", "14.00.00.000.all", "14.10.00.000.all"])
def test_the_government_special_groups_and_everyone_stand_on_no_board(unit):
    assert peers_of(unit, "14.00.00") is None


def test_a_city_ranks_its_counties_and_its_own_departments():
    assert peers_of("14.10.02.000.fgw", "14.10.00") == Peers(COUNTY, "14.10.02.000.gov")
    assert peers_of("14.10.00.000.fgw", "14.10.00") == Peers(DEPARTMENT, "14.10.00.000.fgw")
    assert peers_of("14.10.00.000.gov", "14.10.00") is None


def test_a_county_does_not_rank_itself():
    assert peers_of("14.10.02.001.gov", "14.10.02") is None
    assert peers_of("14.10.02.000.fgw", "14.10.02") == Peers(DEPARTMENT, "14.10.02.000.fgw")
