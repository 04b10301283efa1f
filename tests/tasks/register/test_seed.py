"""The first register holds exactly the units the province has."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter

from contracts.offices import Supervises
from contracts.region import Level
from contracts.register import Unit
from contracts.units import UnitAddress, UnitKind, level, node_of, superiors
from services.tasks.register import seed
from services.tasks.register.domain import Register
from services.tasks.register.ticks import seed_events


@pytest.fixture(scope="module")
def shanxi() -> dict[str, Unit]:
    return {unit.address: unit for unit in seed.units("14")}


def counted(units) -> Counter:
    return Counter((unit.level.value, unit.kind.value) for unit in units)


def test_shanxi_has_8907_units_with_four_zones_and_nine_groups_beside_them(shanxi):
    assert counted(shanxi.values()) == {
        ("province", "government"): 1,
        ("province", "department"): 75,
        ("city", "government"): 11,
        ("city", "department"): 660,
        ("county", "government"): 117,
        ("county", "department"): 6691,
        ("township", "township"): 1352,
        ("county", "zone"): 4,
        ("province", "group"): 9,
    }
    beside = {UnitKind.ZONE, UnitKind.GROUP}
    assert sum(unit.kind not in beside for unit in shanxi.values()) == 8907


def test_the_first_22_counties_by_code_have_58_departments_and_the_others_57(shanxi):
    departments = Counter(
        node_of(unit.address)
        for unit in shanxi.values()
        if unit.kind is UnitKind.DEPARTMENT and unit.level is Level.COUNTY
    )
    in_order = [departments[node] for node in sorted(departments)]
    assert in_order == [58] * 22 + [57] * 95
    with_kx = sorted(node for node in departments if f"{node}.000.kx" in shanxi)
    assert with_kx == sorted(departments)[:22]


def test_names_follow_the_tier(shanxi):
    named = {address: (unit.name, unit.short) for address, unit in shanxi.items()}
    assert named["14.00.00.000.gov"] == ("山西省人民政府", "省政府")
    assert named["14.00.00.000.fgw"] == ("山西省发展和改革委员会", "省发展改革委")
    assert named["14.00.00.000.jyt"] == ("山西省教育厅", "省教育厅")
    assert named["14.01.00.000.jyt"] == ("太原市教育局", "太原市教育局")
    assert named["14.01.05.000.jyt"] == ("太原市小店区教育局", "小店区教育局")
    assert named["14.09.21.000.fgw"] == ("定襄县发展和改革局", "定襄县发展改革局")
    assert named["14.00.00.000.zzb"] == ("中共山西省委组织部", "省委组织部")
    assert named["14.00.00.000.tw"] == ("共青团山西省委员会", "团省委")
    assert named["14.05.02.000.gov"] == ("晋城市城区人民政府", "晋城市城区政府")
    assert named["14.05.81.102.gov"][0].startswith("高平市")
    assert named["14.01.71.000.gov"] == ("山西转型综合改革示范区管理委员会", "山西转型综合改革示范区")
    assert shanxi["14.00.00.000.zx01"].short == "经济体制改革专项小组"
    assert "中共山西省委" in shanxi["14.00.00.000.zx01"].name


@pytest.mark.parametrize("province", ["14", "51"])
def test_every_unit_has_a_valid_address_a_standing_superior_and_names_of_its_own(province):
    units = seed.units(province)
    by_address = {unit.address: unit for unit in units}
    assert len(by_address) == len({unit.name for unit in units}) == len({unit.short for unit in units}) == len(units)
    ours, on_the_bus = TypeAdapter(UnitAddress), TypeAdapter(UnitAddress)
    for unit in units:
        assert ours.validate_python(unit.address) == on_the_bus.validate_python(unit.address) == unit.address
        assert level(unit.address) is unit.level
        assert unit.stands_on(None)
        if unit.kind is UnitKind.GROUP:
            assert unit.parent == f"{province}.00.00.000.ggb"
        else:
            assert unit.parent == next(iter(superiors(unit.address)), None)
        assert unit.parent is None or unit.parent in by_address


def test_the_seed_is_the_same_every_time_and_in_address_order(shanxi):
    again = seed.units("14")
    assert again == list(shanxi.values())
    assert again == sorted(again, key=lambda unit: unit.address)


def test_sichuan_has_21_cities_and_183_counties_with_their_short_names():
    units = {unit.address: unit for unit in seed.units("51")}
    tiers = counted(units.values())
    assert tiers["city", "government"] == 21
    assert tiers["county", "government"] == 183
    assert tiers["township", "township"] == 3111
    assert tiers["city", "department"] == 21 * 60
    assert tiers["county", "department"] == 183 * 57 + 22
    assert units["51.32.00.000.fgw"].name == "阿坝藏族羌族自治州发展和改革委员会"
    assert units["51.32.00.000.fgw"].short == "阿坝州发展改革委"
    assert sum(unit.kind is UnitKind.GROUP for unit in units.values()) == 9


def test_the_start_of_13710_is_the_provincial_units_and_the_cities():
    assert counted(seed.units("14", "start")) == {
        ("province", "government"): 1,
        ("province", "department"): 75,
        ("province", "group"): 9,
        ("city", "government"): 11,
    }


@pytest.mark.parametrize("province", ["99", "", "../14", "departments"])
def test_a_province_without_data_is_refused_naming_those_that_have(province):
    with pytest.raises(ValueError, match="14、51"):
        seed.units(province)


def test_the_offices_oversee_regions_the_departments_lines_and_the_groups_their_field(shanxi):
    kinds = Counter((unit.supervises, unit.kind) for unit in shanxi.values())
    governments = 1 + 11 + 117
    offices = 2 * governments
    assert kinds == {
        (Supervises.REGION, UnitKind.DEPARTMENT): offices,
        (Supervises.LINE, UnitKind.DEPARTMENT): 75 + 660 + 6691 - offices,
        (Supervises.GROUP, UnitKind.GROUP): 9,
        (Supervises.NONE, UnitKind.GOVERNMENT): governments,
        (Supervises.NONE, UnitKind.TOWNSHIP): 1352,
        (Supervises.NONE, UnitKind.ZONE): 4,
    }
    office, reform, department = (shanxi[f"14.10.02.000.{code}"] for code in ("bgt", "ggb", "jyt"))
    assert (office.leadership, department.leadership) == ("14.10.02.000.gov", "14.10.02.000.jyt")
    assert (
        reform.supervises is Supervises.REGION
        and Register.of(shanxi.values()).office_of(shanxi["14.10.02.000.gov"]) == office
    )


def test_the_seed_of_a_province_is_its_units_its_calendar_and_a_policy():
    events = list(seed_events("14.00.00", datetime(2026, 11, 1, tzinfo=UTC)))
    assert len(events) == 8920 + 25 + 1
