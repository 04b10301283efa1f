"""Whom a unit is ranked with, and whose work counts."""

import pytest

from contracts.terms import NoticeKind, PeerGroup
from services.ranking.facts.domain.peers import Peers, issued_by_office, peers_of, urged
from tests.ranking.others import Others
from tests.story import Story
from tests.story.province import NODE, OFFICE, REFORM, YAODU, YAODU_OFFICE, YAODU_REFORM, supervisor

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


@pytest.mark.parametrize("unit", ["14.00.00.000.gov", "14.00.00.000.all", "14.10.00.000.all"])
def test_the_government_and_everyone_stand_in_no_ranking(unit):
    assert peers_of(unit, "14.00.00") is None


def test_a_city_ranks_its_counties_and_its_own_departments():
    assert peers_of("14.10.02.000.fgw", "14.10.00") == Peers(COUNTY, "14.10.02.000.gov")
    assert peers_of("14.10.00.000.fgw", "14.10.00") == Peers(DEPARTMENT, "14.10.00.000.fgw")
    assert peers_of("14.10.00.000.gov", "14.10.00") is None


def test_a_county_does_not_rank_itself():
    assert peers_of("14.10.02.001.gov", "14.10.02") is None
    assert peers_of("14.10.02.000.fgw", "14.10.02") == Peers(DEPARTMENT, "14.10.02.000.fgw")


@pytest.mark.parametrize(("issuer", "counts"), [(OFFICE, True), (YAODU_OFFICE, False), (REFORM, False)])
def test_only_what_the_nodes_own_office_issued_counts(issuer, counts):
    matter = Story().register(lead=YAODU_REFORM, by=supervisor(issuer))
    assert issued_by_office(matter.part(), NODE) is counts


@pytest.mark.parametrize(
    ("kind", "copy", "issuer", "counts"),
    [
        (NoticeKind.URGING, False, OFFICE, True),
        (NoticeKind.ORDER, False, OFFICE, True),
        (NoticeKind.PROMPT, False, OFFICE, False),
        (NoticeKind.ORDER, True, OFFICE, False),
        (NoticeKind.URGING, False, YAODU_OFFICE, False),
    ],
)
def test_urgings_and_orders_of_the_office_count_but_copies_do_not(kind, copy, issuer, counts):
    delivery = Others(Story()).deliver(YAODU, kind, copy, issuer)
    assert (urged(delivery, NODE) is not None) is counts
