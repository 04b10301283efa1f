"""Words: what is asked is among what is indexed, whatever the script, the width or the punctuation."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search import words

han = st.text(
    st.sampled_from("督办销号放管服改革省市场监管局不动产登记危树清理城乡建设用地增减挂钩的了人民政府䶮㐀𠀀"),
    max_size=20,
)
mixed = st.lists(
    han | st.text(max_size=8) | st.sampled_from(["（2026）", "、", "GDP", "5G", " ", "\u200b"]), max_size=6
)


@pytest.mark.parametrize(
    ("written", "folded"),
    [("銷號督辦", "销号督办"), ("ＧＤＰ２０２６（五）", "gdp2026(五)"), ("減掛鉤", "减挂钩"), ("關於髮展", "关于发展")],
)
def test_scripts_and_widths_fold_to_one(written: str, folded: str):
    assert words.fold(written) == folded


@given(st.text(st.characters()))
def test_folding_keeps_every_place_and_is_done_in_one_step(text: str):
    folded = words.fold(text)
    assert len(folded) == len(text)
    assert words.fold(folded) == folded


@given(st.text(st.characters()))
def test_a_text_folds_as_its_parts_do(text: str):
    assert words.fold(text) == "".join(words.fold(letter) for letter in text)


@pytest.mark.parametrize("term", ["督办", "销号", "放管服", "减挂钩", "三单一书", "责令书", "发展改革委", "审批局"])
def test_official_terms_stay_whole(term: str):
    assert [word.text for word in words.cut(term)] == [term]


def test_quotes_and_brackets_are_passed_over_and_stops_are_not():
    assert [word.text for word in words.cut("“放管服”改革")] == ["放管服", "改革"]
    assert ("改革", 3) in words.scan("“放管服”改革")
    assert ("改革", 4) in words.scan("放管服、改革")


def test_a_han_character_younger_than_the_tables_of_python_counts():
    assert [word.at for word in words.cut("㐀\U0003134b㐀")] == [0, 1, 2]


@given(mixed.map("".join), st.data())
def test_any_part_of_han_text_is_found_where_it_stands(text: str, data: st.DataObject):
    run = "".join(letter for letter in text if words.is_han(letter))
    start = data.draw(st.integers(0, len(run)))
    indexed = set(words.scan(run))
    part = words.cut(run[start : data.draw(st.integers(start, len(run)))])
    assert all((word.text, start + word.at) in indexed for word in part)


@given(mixed.map("".join))
def test_what_is_asked_is_indexed_at_the_same_places(text: str):
    assert {tuple(word) for word in words.cut(text)} <= set(words.scan(text))


@given(mixed.map("".join))
def test_letters_know_their_place_in_the_original(text: str):
    read = words.letters(text)
    folded = words.fold(text)
    assert len(read.text) == len(read.places)
    assert all(folded[place] == letter for letter, place in zip(read.text, read.places, strict=True) if letter != "\n")


def test_another_term_makes_another_dictionary(tmp_path: Path):
    terms, same = tmp_path / "terms.txt", tmp_path / "same.txt"
    terms.write_text("# 测试\n新词一  # 说明\n\n", encoding="utf-8")
    same.write_text("新词一\n", encoding="utf-8")
    assert words.official_terms(terms) == ("新词一",)
    assert words.dictionary_version(terms) == words.dictionary_version(same) != words.dictionary_version()
