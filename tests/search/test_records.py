"""Records converge: any order, any repetition of their changes ends in the same record. P10."""

from hypothesis import given
from hypothesis import strategies as st

from services.search.domain.record import Change, Facts, Record, UnitName, evolve, merged
from tests.search.builders import put

START = Record("task/1")
SOURCES = {"task": "title", "registration": "text", "light": "light"}


def after(*changes: Change) -> Record:
    record = START
    for change in changes:
        record = evolve(record, change)
    return record


@st.composite
def histories(draw: st.DrawFn) -> list[Change]:
    """What several sources tell of one thing, each in versions of its own."""
    return [
        put("task/1", version, source, **{fact: f"{fact} {version}"})
        for source, fact in SOURCES.items()
        for version in range(1, draw(st.integers(0, 4)) + 1)
    ]


@given(histories(), st.data())
def test_any_order_and_any_repetition_end_in_the_same_facts(history: list[Change], data: st.DataObject):
    again = data.draw(st.lists(st.sampled_from(history))) if history else []
    assert merged(after(*data.draw(st.permutations(history + again)))) == merged(after(*history))


def test_an_older_version_never_overwrites_a_newer():
    record = after(put("task/1", 2, title="新"))
    assert evolve(record, put("task/1", 1, title="旧")) is record


def test_each_source_has_versions_of_its_own():
    record = after(
        put("task/1", 9, title="题"), put("task/1", 1, "light", light="overdue"), put("task/1", 10, title="新")
    )
    assert (merged(record).title, merged(record).light) == ("新", "overdue")


def test_a_fact_that_a_later_state_no_longer_has_is_gone():
    record = after(put("task/1", 1, title="题", status="working"), put("task/1", 2, title="题"))
    assert merged(record).status == ""


def test_the_units_of_all_sources_stand_together_once_each_the_lead_first():
    parts = [Change("task/1", f"assignment/{n}", 1, Facts(units=(UnitName(n, n),))) for n in ("乙", "甲", "丙")]
    record = after(*parts, put("task/1", 1, title="题", units=["甲"]))
    assert [unit.name for unit in merged(record).units] == ["甲", "丙", "乙"]


def test_a_record_is_for_those_whom_every_source_is_for():
    both = after(put("notice/1", 1, title="题", audience=("a", "b")), put("notice/1", 1, "draft", audience=("b", "c")))
    assert merged(both).audience == ("b",)
    assert merged(after(put("notice/1", 1, title="题", audience=()))).audience == ()
    assert merged(after(put("task/1", 1, title="题"))).audience == ()
