"""Entries converge: any order, any repetition of their changes ends in the same knowledge. P10."""

from hypothesis import given
from hypothesis import strategies as st

from services.search.domain import Change, Entry, Fields, Known, delete, live, put, settle

START = Known(Entry("task/1"))


def after(*changes: Change) -> Known:
    known = START
    for change in changes:
        known = settle(known, change)
    return known


@st.composite
def changes(draw: st.DrawFn) -> list[Change]:
    """What one aggregate says, one change a version: a title, a text, a state, or that it is gone."""
    said = []
    for version in range(1, draw(st.integers(1, 6)) + 1):
        names = draw(st.sets(st.sampled_from(["title", "text", "status"]), min_size=1))
        fields: Fields = {name: f"{name} {version}" for name in names}  # type: ignore[assignment]
        said.append(draw(st.sampled_from([Change("task/1", version, fields), delete("task/1", version)])))
    return said


@given(changes(), st.data())
def test_any_order_and_any_repetition_end_in_the_same_knowledge(said: list[Change], data: st.DataObject):
    again = data.draw(st.lists(st.sampled_from(said)))
    assert after(*data.draw(st.permutations(said + again))) == after(*said)


def test_an_older_version_never_overwrites_a_newer():
    known = after(put("task/1", 2, title="新"))
    assert settle(known, put("task/1", 1, title="旧")) is known


def test_an_older_version_still_fills_what_the_newer_left_open():
    known = after(put("task/1", 2, status="closed"), put("task/1", 1, title="题", status="assigned"))
    assert (known.entry.title, known.entry.status) == ("题", "closed")


def test_the_light_has_versions_of_its_own():
    known = after(put("task/1", 9, title="题"), put("task/1", 1, light="overdue"), put("task/1", 10, title="新题"))
    assert (known.entry.title, known.entry.light) == ("新题", "overdue")


def test_what_was_deleted_comes_back_only_with_a_later_title():
    known = after(put("task/1", 1, title="题"), delete("task/1", 2), put("task/1", 3, status="closed"))
    assert not live(known)
    assert not live(settle(known, put("task/1", 1, title="题")))
    assert live(settle(known, put("task/1", 4, title="题")))
