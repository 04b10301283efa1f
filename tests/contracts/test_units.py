"""Division codes, nodes and unit addresses say the same thing in three notations."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from contracts.region import (
    DivisionCode,
    Level,
    Node,
    RegionInvalid,
    code_of,
    level_at,
    node_at,
    nodes_above,
    prefix_of,
    region_at,
    region_of,
)
from contracts.units import (
    AddressInvalid,
    UnitAddress,
    address_at,
    everyone,
    level,
    node_of,
    parse,
    superiors,
    within,
)

REGIONS = Path(__file__).parents[2] / "services/tasks/register/data/regions"


def divisions(province: str) -> list[dict[str, str]]:
    with (REGIONS / f"{province}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


two = st.integers(1, 99).map("{:02}".format)
places = st.one_of(
    st.tuples(two, st.just("00"), st.just("00"), st.just("000")),
    st.tuples(two, two, st.integers(0, 99).map("{:02}".format), st.integers(0, 999).map("{:03}".format)),
).map(".".join)
unit_codes = st.from_regex(r"[a-z][a-z0-9]{0,15}", fullmatch=True)


@pytest.mark.parametrize("province", ["14", "51"])
def test_every_division_of_the_province_keeps_its_code_and_level_in_tokens(province):
    for row in divisions(province):
        region = region_of(row["code"])
        assert code_of(region) == code_of(node_at(region)) == row["code"]
        assert level_at(region) == row["level"]
        above = nodes_above(region)
        assert [code_of(node) for node in above[:1]] == ([row["parent"]] if row["parent"] else [])


def test_the_notations_of_one_county():
    assert region_of("141002000") == "14.10.02.000"
    assert node_at("14.10.02.000") == "14.10.02"
    assert region_at("14.10.02") == "14.10.02.000"
    assert node_of("14.10.02.000.gov") == "14.10.02"
    assert node_of("14.00.00.000.bgt") == "14.00.00"
    assert node_of("14.10.02.001.gov") == "14.10.02.001"
    assert parse("14.10.02.000.fgw") == ("14.10.02.000", "fgw")
    assert address_at("14.10.02", "fgw") == "14.10.02.000.fgw"
    assert everyone("14.10.00") == "14.10.00.000.all"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("14.00.00.000.fgw", Level.PROVINCE),
        ("14.10.00.000.gov", Level.CITY),
        ("14.10.02.000.gov", Level.COUNTY),
        ("14.10.02.001.gov", Level.TOWNSHIP),
    ],
)
def test_the_level_of_a_unit_is_that_of_its_place(address, expected):
    assert level(address) is expected


def test_the_superiors_of_a_department_begin_with_its_own_government():
    assert superiors("14.10.02.000.fgw") == ("14.10.02.000.gov", "14.10.00.000.gov", "14.00.00.000.gov")
    assert superiors("14.10.02.001.gov") == ("14.10.02.000.gov", "14.10.00.000.gov", "14.00.00.000.gov")
    assert superiors("14.00.00.000.gov") == ()


def test_a_town_directly_under_a_city_has_no_county_above_it():
    assert level("44.19.00.003.gov") is Level.TOWNSHIP
    assert superiors("44.19.00.003.gov") == ("44.19.00.000.gov", "44.00.00.000.gov")


def test_within_is_the_subtree_or_the_very_unit():
    assert within("14.10.02.000.fgw", "14.10.02")
    assert within("14.10.02.001.gov", "14.10.00")
    assert within("14.10.02.001.gov", "14.10")
    assert within("14.10.02.000.fgw", "14")
    assert within("14.10.02.000.fgw", "14.10.00.000.all")
    assert within("14.10.02.000.fgw", "14.10.02.000.fgw")
    assert not within("14.10.02.000.fgw", "14.10.02.000.gov")
    assert not within("14.10.02.000.fgw", "14.01.00")
    assert not within("14.10.00.000.fgw", "14.10.02")
    assert not within("14.00.00.000.zx01", "14.00.00.000.zx02")


@given(places, unit_codes)
def test_taking_an_address_apart_and_putting_it_together_changes_nothing(place, unit):
    address = address_at(place, unit)
    assert address_at(node_of(address), parse(address).unit) == address
    assert region_of(code_of(place)) == place
    assert TypeAdapter(UnitAddress).validate_python(address) == address
    assert TypeAdapter(Node).validate_python(node_of(address)) == node_of(address)
    assert TypeAdapter(DivisionCode).validate_python(code_of(place)) == code_of(place)


@given(places, places, unit_codes)
def test_a_unit_lies_within_every_node_above_it_and_no_higher_unit_lies_below(place, other, unit):
    address = address_at(place, unit)
    assert all(within(address, node) for node in (node_of(address), *nodes_above(place)))
    assert within(address, other) == (node_at(other) in (node_of(address), *nodes_above(place)))
    assert address not in superiors(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "14.10.02.000",
        "14.10.02.000.GOV",
        "14.10.02.000.gov ",
        "14.10.02.000.gov\n",
        "14.00.02.000.gov",
        "14.00.00.001.gov",
        "00.00.00.000.gov",
        "14.10.2.000.gov",
        "14.10.02.000.1gov",
        "14.10.02.000.*",
        "14.10.02.>",
        "１4.10.02.000.gov",
        "14.10.02.000.governmentofficecode",
    ],
)
def test_an_impossible_address_is_refused_with_an_example(address):
    with pytest.raises(AddressInvalid, match=r"14\.10\.02\.000\.gov"):
        parse(address)
    with pytest.raises(ValidationError):
        TypeAdapter(UnitAddress).validate_python(address)


@pytest.mark.parametrize("code", ["", "14100200", "1410020000", "140002000", "000000000", "14100200x", "１41002000"])
def test_an_impossible_division_code_is_refused_with_an_example(code):
    with pytest.raises(RegionInvalid, match="141002000"):
        region_of(code)


@pytest.mark.parametrize("place", ["", "14.1", "14.10.02.00", "14..02", "14.10.02.000.gov", "*"])
def test_an_impossible_place_is_refused_with_an_example(place):
    with pytest.raises(RegionInvalid, match=r"14\.10"):
        prefix_of(place)
    with pytest.raises(RegionInvalid, match=r"14\.10\.02"):
        region_at(place)
