"""What an office writes for a unit resolves to that unit, or is refused with a remedy."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from functools import cache
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from contracts.region import Level
from contracts.register import Unit
from contracts.units import UnitKind, address_at, node_of, within
from services.tasks.register import seed
from services.tasks.register.domain import Register, Unresolved
from tests.story.province import whole_register

SHANXI = whole_register()
SICHUAN = Register.of(seed.units("51"))
JINCHENG, YANGQUAN, PROVINCE = "14.05.00.000.gov", "14.03.00.000.gov", "14.00.00.000.fgw"
UNITS = list(SHANXI.units.values())


def shorts(text: str, lead: str | None = None, register: Register = SHANXI) -> list[str]:
    result = register.resolve(text, lead)
    assert result.problems == ()
    return [unit.short for unit in result.units]


def refusal(text: str, lead: str | None = None, register: Register = SHANXI):
    result = register.resolve(text, lead)
    assert result.units == ()
    assert len(result.problems) == 1
    return result.problems[0]


@pytest.mark.parametrize(
    ("written", "short"),
    [
        ("省发改委", "省发展改革委"),
        ("省发展改革委", "省发展改革委"),
        ("省发展和改革委员会", "省发展改革委"),
        ("山西省发展改革委员会", "省发展改革委"),
        ("省人社厅", "省人社厅"),
        ("省人力资源社会保障厅", "省人社厅"),
        ("省住房城乡建设厅", "省住建厅"),
        ("省市场监督管理局", "省市场监管局"),
        ("省委改革办", "省委改革办"),
        ("中共山西省委全面深化改革委员会办公室", "省委改革办"),
        ("省委编办", "省委编办"),
        ("省总工会", "省总工会"),
        ("省农科院", "省农科院"),
        ("省投促局", "省投资促进局"),
        ("省投资促进局", "省投资促进局"),
        ("省行政审批局", "省行政审批局"),
        ("省审批局", "省行政审批局"),
        ("省税务局", "省税务局"),
        ("国家税务总局山西省税务局", "省税务局"),
        ("团省委", "团省委"),
        ("人民银行山西省分行", "人民银行山西省分行"),
        ("省政府督查室", "省政府办公厅"),
        ("山西省人民政府", "省政府"),
        ("山西转型综合改革示范区", "山西转型综合改革示范区"),
        ("转型综改示范区管委会", "山西转型综合改革示范区"),
        ("经济体制改革专项小组", "经济体制改革专项小组"),
        ("太原市政府", "太原市政府"),
        ("山西省太原市人民政府", "太原市政府"),
        ("太原", "太原市政府"),
        ("高平市", "高平市政府"),
        ("上党区", "上党区政府"),
        ("晋城城区", "晋城市城区政府"),
        ("晋城市城区人民政府", "晋城市城区政府"),
        ("定襄县发改局", "定襄县发展改革局"),
        ("山西省晋城市泽州县教育局", "泽州县教育局"),
        ("共青团太原市委", "团太原市委"),
        ("高平市米山镇政府", "高平市米山镇"),
        (" 省 公 安 厅 ", "省公安厅"),
        ("省公安厅。", "省公安厅"),
    ],
)
def test_a_name_as_officials_write_it_resolves_without_any_context(written, short):
    assert shorts(written) == [short]


@pytest.mark.parametrize(
    "cell",
    [
        "省公安厅、省交通运输厅、忻州市政府",
        "省公安厅，省交通运输厅,忻州市政府",
        "省公安厅；省交通运输厅;忻州市",
        "省公安厅/省交通运输厅／忻州市政府",
        "省公安厅\n省交通运输厅\r\n忻州市政府",
        "省公安厅、省交通运输厅和忻州市政府",
        "省公安厅 省交通运输厅 忻州",
        "、省公安厅、、省交通运输厅以及忻州市人民政府；",
        "省公安厅、省交通厅、省公安厅、忻州市政府、省交通运输厅",
    ],
)
def test_separators_are_many_and_each_unit_stands_once_in_the_order_written(cell):
    assert shorts(cell) == ["省公安厅", "省交通运输厅", "忻州市政府"]


def test_an_and_inside_a_name_does_not_part_it():
    assert shorts("省发展和改革委员会和省人力资源和社会保障厅及和顺县政府") == [
        "省发展改革委",
        "省人社厅",
        "和顺县政府",
    ]


@pytest.mark.parametrize("cell", ["", "  ", "、；\n"])
def test_an_empty_cell_has_neither_units_nor_problems(cell):
    assert SHANXI.resolve(cell).units == SHANXI.resolve(cell).problems == ()


@pytest.mark.parametrize(
    "written", ["各市政府", "各市人民政府", "各市", "11个市", "十一个市政府", "全省各市", "各设区市人民政府", "全部市"]
)
def test_each_city_is_the_eleven_city_governments_in_address_order(written):
    result = SHANXI.resolve(written)
    assert [unit.address for unit in result.units] == [f"14.{city:02}.00.000.gov" for city in range(1, 12)]
    assert result.problems == ()


@pytest.mark.parametrize(
    "written",
    ["117个县", "各县（市、区）政府", "各县(区、市)", "各县区", "全省117个县（市、区）政府", "一百一十七个县"],
)
def test_each_county_is_the_117_county_governments_without_the_zones(written):
    result = SHANXI.resolve(written)
    assert Counter((unit.level, unit.kind) for unit in result.units) == {(Level.COUNTY, UnitKind.GOVERNMENT): 117}
    assert result.problems == ()


@pytest.mark.parametrize("written", ["各市县政府", "各市、县人民政府", "各市、县（市、区）人民政府", "128个市县"])
def test_cities_and_counties_are_128_governments(written):
    result = SHANXI.resolve(written)
    assert Counter(unit.level for unit in result.units) == {Level.CITY: 11, Level.COUNTY: 117}
    assert [unit.address for unit in result.units] == sorted(unit.address for unit in result.units)


@pytest.mark.parametrize(("written", "real"), [("116个县", "117个"), ("13个市政府", "11个"), ("晋城市7个县区", "6个")])
def test_a_wrong_count_is_refused_with_the_real_one(written, real):
    problem = refusal(written)
    assert problem.reason is Unresolved.WRONG_COUNT
    assert real in problem.message


def test_a_collective_may_name_a_department_of_each_place():
    assert [unit.address for unit in SHANXI.resolve("各市教育局").units] == [
        f"14.{city:02}.00.000.jyt" for city in range(1, 12)
    ]
    assert len(SHANXI.resolve("各县（市、区）水利局").units) == 117


def test_a_collective_is_refused_where_places_lack_the_unit():
    problem = refusal("各市县残联")
    assert problem.reason is Unresolved.INCOMPLETE
    assert "117个" in problem.message


def test_a_collective_stays_inside_the_region_it_or_the_lead_names():
    six = shorts("晋城市各县（市、区）政府")
    assert six == shorts("各县（市、区）政府", JINCHENG) == shorts("全市各县区", "14.05.25.000.gov")
    assert six == ["晋城市城区政府", "沁水县政府", "阳城县政府", "陵川县政府", "泽州县政府", "高平市政府"]
    assert len(shorts("各市政府", JINCHENG)) == 11
    assert len(shorts("全省各县", JINCHENG)) == 117


def test_the_departments_of_a_tier_are_those_of_the_leads_place():
    assert len(shorts("省直各部门")) == 75
    assert len(shorts("市直各部门", JINCHENG)) == 60
    assert refusal("市直各部门").reason is Unresolved.UNKNOWN


def test_a_bare_name_met_twice_resolves_inside_the_leads_region():
    assert shorts("城区、泽州县", JINCHENG) == ["晋城市城区政府", "泽州县政府"]
    assert shorts("城区", YANGQUAN) == ["阳泉市城区政府"]
    assert shorts("城区", "14.05.25.000.gov") == ["晋城市城区政府"]
    assert shorts("市中区", "51.11.00.000.gov", SICHUAN) == ["乐山市市中区政府"]
    assert shorts("市中区", "51.10.00.000.jyt", SICHUAN) == ["内江市市中区政府"]


@pytest.mark.parametrize("lead", [None, PROVINCE, "14.01.00.000.gov"])
def test_a_bare_name_met_twice_is_refused_naming_the_candidates_elsewhere(lead):
    problem = refusal("城区", lead)
    assert problem.reason is Unresolved.AMBIGUOUS
    assert problem.near == ("阳泉市城区政府", "晋城市城区政府")
    assert "请写明" in problem.message


def test_a_name_of_its_own_tier_is_the_leads_own():
    assert shorts("市教育局", JINCHENG) == ["晋城市教育局"]
    assert shorts("市教育局", "14.05.81.000.gov") == ["高平市教育局"]
    assert shorts("县教育局", "14.05.25.000.slt") == ["泽州县教育局"]
    assert shorts("统计局", PROVINCE) == ["省统计局"]
    assert shorts("团市委", JINCHENG) == ["团晋城市委"]
    assert refusal("市教育局").reason is Unresolved.AMBIGUOUS
    assert refusal("统计局").reason is Unresolved.AMBIGUOUS


@pytest.mark.parametrize(
    ("written", "near"),
    [("省教肓厅", "省教育厅"), ("省发展改委", "省发展改革委"), ("临汾市农业农村听", "临汾市农业农村局")],
)
def test_a_misspelt_name_is_refused_with_the_near_one_first(written, near):
    problem = refusal(written)
    assert problem.reason is Unresolved.UNKNOWN
    assert problem.near[0] == near
    assert near in problem.message


@pytest.mark.parametrize("written", ["省直有关部门", "相关市县", "各有关单位", "省教肓厅等"])
def test_a_name_that_leaves_open_who_is_meant_is_refused(written):
    assert refusal(written).reason is Unresolved.VAGUE


def test_good_names_beside_a_bad_one_still_resolve():
    result = SHANXI.resolve("省公安厅、某某公司、省财政厅")
    assert [unit.short for unit in result.units] == ["省公安厅", "省财政厅"]
    assert [problem.text for problem in result.problems] == ["某某公司"]


@pytest.mark.parametrize("text", ["公" * 5000, "省公安厅 " * 2000 + "某", "和" * 3000, "各" * 3000, "(" * 3000])
def test_a_cell_of_any_length_costs_a_few_indexes_at_most_and_its_refusal_stays_short(text):
    result = SHANXI.resolve(text)
    assert cost(lambda: SHANXI.resolve(text)) < 10 * indexing()
    assert all(len(problem.message) < 300 for problem in result.problems)


def with_merged() -> Register:
    """小店区 was merged into 迎泽区 at the end of 2025; 示范区 stands since 2026."""
    units = {unit.address: unit for unit in UNITS}
    ended = {"valid_to": date(2025, 12, 31), "successor": "14.01.06.000.gov"}
    old = units["14.01.05.000.gov"].model_copy(update=ended)
    new = Unit(
        address="14.01.99.000.gov",
        name="太原市汾东区人民政府",
        short="汾东区政府",
        level=Level.COUNTY,
        kind=UnitKind.GOVERNMENT,
        parent="14.01.00.000.gov",
        valid_from=date(2026, 1, 1),
    )
    return Register.of((units | {old.address: old, new.address: new}).values())


def test_a_unit_that_ended_is_refused_with_its_successor_from_the_next_day_on():
    register = with_merged()
    assert [unit.short for unit in register.resolve("小店区", on=date(2025, 12, 31)).units] == ["小店区政府"]
    for day in (date(2026, 1, 1), None):
        result = register.resolve("小店区", on=day)
        assert [problem.reason for problem in result.problems] == [Unresolved.ENDED]
        assert result.problems[0].near == ("迎泽区政府",)
        assert "2025-12-31" in result.problems[0].message


def test_a_unit_is_unknown_to_the_days_before_it_stood():
    register = with_merged()
    assert [unit.short for unit in register.resolve("汾东区", on=date(2026, 1, 1)).units] == ["汾东区政府"]
    assert [problem.reason for problem in register.resolve("汾东区", on=date(2025, 12, 31)).problems] == ["ended"]
    assert len(register.resolve("各县区", on=date(2025, 12, 31)).units) == 117
    assert "汾东区政府" in [unit.short for unit in register.resolve("117个县").units]


def test_find_gives_the_surest_first():
    assert SHANXI.find("省发改委")[0].address == "14.00.00.000.fgw"
    assert SHANXI.find("14.05.02.000.gov")[0].short == "晋城市城区政府"
    assert SHANXI.find("五台山")[0].kind is UnitKind.ZONE
    assert SHANXI.find("省教肓厅", limit=1)[0].short == "省教育厅"
    assert {unit.short for unit in SHANXI.find("城区")[:2]} <= {u.short for u in UNITS if "城区" in u.short}
    assert len(SHANXI.find("公安局", limit=7)) == 7
    assert SHANXI.find(" ") == []


def test_an_index_costs_little_more_than_reading_the_units_and_a_thousand_cells_less_than_an_index():
    listed = TypeAdapter(list[Unit])
    written = listed.dump_json(UNITS)
    index = indexing()
    assert index < 20 * cost(lambda: listed.validate_json(written))
    cell = "省发展和改革委员会、省住建厅；忻州市政府"
    assert cost(lambda: [SHANXI.resolve(cell) for _ in range(1000)]) < index


@cache
def indexing() -> float:
    """CPU seconds of the index over all units."""
    return cost(lambda: Register.of(UNITS))


def cost(work: Callable[[], object]) -> float:
    """CPU seconds of it, the least of three tries."""

    def once() -> float:
        started = process_time()
        work()
        return process_time() - started

    return min(once() for _ in range(3))


# Official forms, put together apart from the code under test.


def place_forms(unit: Unit) -> list[str]:
    """How the unit's place is written: 太原市小店区, 山西省太原市小店区; 山西省, 省."""
    government = SHANXI.units[address_at(node_of(unit.address))]
    place = government.name.removesuffix("人民政府").removesuffix("管理委员会").removesuffix("办事处")
    return (
        ["山西省", "省"] if unit.level is Level.PROVINCE else [place, f"山西省{place}".replace("山西省山西", "山西省")]
    )


def tail_forms(unit: Unit) -> list[str]:
    """What follows the place: 发展和改革委员会, 发展改革委员会, 发展改革委, 发改委; 人民政府, 政府, nothing."""
    place = place_forms(unit)[0]
    full = unit.name.removeprefix("中共").removeprefix(place)
    if unit.address.endswith(".gov"):
        tails = [full, full.replace("人民政府", "政府")] + [""] * (unit.level is not Level.PROVINCE)
    else:
        tails = [full, full.replace("委员会", "委"), full.replace("和", ""), full.replace("办公室", "办")]
    return list(dict.fromkeys(tails))


any_unit = st.sampled_from(UNITS)  # one for all: Hypothesis hashes what it chooses from


@st.composite
def written_units(draw) -> tuple[Unit, str]:
    unit = draw(any_unit)
    plain = unit.kind is not UnitKind.GROUP and "{" not in unit.name and place_forms(unit)[0] in unit.name[:20]
    begins = unit.name.removeprefix("中共").startswith(place_forms(unit)[0])
    forms = [unit.name, unit.short]
    if plain and begins:
        forms += [place + tail for place in place_forms(unit) for tail in tail_forms(unit)]
    form = draw(st.sampled_from(forms))
    return unit, draw(st.sampled_from([form, f" {form} ", form.replace("（", "(")]))


@given(written_units())
def test_any_official_form_of_any_unit_resolves_to_it(written):
    unit, form = written
    assert SHANXI.resolve(form).units == (unit,)


@given(any_unit, st.data())
def test_every_alias_of_a_unit_resolves_to_it_beside_its_own_government(unit, data):
    form = data.draw(st.sampled_from(unit.forms))
    assert SHANXI.resolve(form, address_at(node_of(unit.address))).units == (unit,)


DEPARTMENTS = [u for u in UNITS if u.kind is UnitKind.DEPARTMENT and u.name.startswith(place_forms(u)[0])]


@given(st.sampled_from(DEPARTMENTS))
def test_the_tier_sign_alone_means_the_leads_own_place(unit):
    place = place_forms(unit)[0]
    assert SHANXI.resolve(place[-1] + unit.name.removeprefix(place), address_at(node_of(unit.address))).units == (unit,)


@given(st.lists(written_units(), min_size=1, max_size=8), st.sampled_from("、，；/\n"))
def test_a_cell_of_many_units_keeps_their_order_each_once(written, separator):
    result = SHANXI.resolve(separator.join(form for _, form in written))
    assert result.units == tuple(dict.fromkeys(unit for unit, _ in written))
    assert result.problems == ()


words = st.text(alphabet="省市县区各个十1和、；(（ 政府教育局厅城中太原晋委办abc\n有关等", max_size=40)


@given(st.one_of(words, st.text(max_size=60)), st.sampled_from([None, JINCHENG, PROVINCE, "14.05.25.001.gov"]))
def test_any_text_yields_units_of_the_register_or_problems_and_never_an_error(text, lead):
    result = SHANXI.resolve(text, lead)
    assert all(SHANXI.units[unit.address] is unit for unit in result.units)
    assert len({unit.address for unit in result.units}) == len(result.units)
    assert all(problem.message for problem in result.problems)


@given(st.text(alphabet=st.characters(categories=["Lo", "Lu", "Ll"]), min_size=1, max_size=40))
def test_nothing_written_is_dropped_in_silence(text):
    result = SHANXI.resolve(text)
    assert result.units or result.problems


@given(
    st.sampled_from([u for u in UNITS if u.level is Level.COUNTY]),
    st.sampled_from(["城区", "市教育局", "统计局", "各县区"]),
)
def test_a_bare_name_beside_a_county_never_leaves_its_city(lead, text):
    city = node_of(lead.address)[:5]
    for unit in SHANXI.resolve(text, lead.address).units:
        assert within(unit.address, city)
