"""Questions, and the marks they leave in a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.queries.search import Segment
from services.search.domain.highlight import highlight, snippet
from services.search.domain.question import number_key, parse, plans


def marked(segments: tuple[Segment, ...]) -> list[str]:
    return [segment.text for segment in segments if segment.hit]


@pytest.mark.parametrize(
    "written",
    [
        "示督〔2026〕3号",
        "示督[2026]3号",
        "示督(2026)第3号",
        "示督（２０２６）３號",
        " 示督 【2026】 03 号 ",
        "文号：示督〔2026〕3号",
    ],
)
def test_a_document_number_has_one_spelling(written: str):
    assert number_key(written) == "示督〔2026〕3号"


def test_another_number_is_another_key():
    assert number_key("示督〔2026〕33号") != number_key("示督〔2026〕3号")
    assert number_key("督查通知第3号") == "督查通知第3号"


def test_words_apart_are_phrases_of_their_own_and_words_together_are_one():
    together, apart = parse("高铁沿线整治").phrases, parse("高铁 沿线，整治").phrases
    assert [[word.text for word in phrase] for phrase in together] == [["高铁", "沿线", "整治"]]
    assert [[word.text for word in phrase] for phrase in apart] == [["高铁"], ["沿线"], ["整治"]]


def test_a_question_relaxes_from_phrases_to_all_words_to_any_word():
    asked = [(len(plan.phrases), plan.every) for plan in plans(parse("高铁沿线整治 用地"))]
    assert asked == [(2, True), (4, True), (4, False)]


def test_one_word_cannot_relax():
    assert len(list(plans(parse("督办")))) == 1


def test_any_word_forgets_lone_characters_where_there_are_words():
    *_, loosest = plans(parse("危树拆除"))
    assert [word.text for (word,) in loosest.phrases] == ["拆除"]


@pytest.mark.parametrize("text", ["", "  ", "……", '"“”"', "*?~^(){}[]", "\x00\x07\n", "\ud800"])
def test_no_words_are_an_empty_question(text: str):
    assert parse(text).phrases == ()


@given(st.text(st.characters()))
def test_any_text_is_a_question(text: str):
    assert len(list(plans(parse(text)))) >= 1


def test_marks_stand_on_the_words_asked_for_in_the_spelling_of_the_text():
    title = "“放管服”改革：不動產登記半日辦結"
    assert marked(highlight(title, parse("放管服改革").phrases)) == ["放管服”改革"]
    assert marked(highlight(title, parse("不动产 办结").phrases)) == ["不動產", "辦結"]


def test_marks_that_touch_are_one():
    assert marked(highlight("危树清理1306株", parse("危树 清理").phrases)) == ["危树清理"]


def test_a_number_is_marked_only_whole():
    text = "封闭水井412眼，5G网络4120个"
    assert marked(highlight(text, parse("412").phrases)) == ["412"]
    assert marked(highlight(text, parse("5").phrases)) == []
    assert marked(highlight(text, parse("5g网络").phrases)) == ["5G网络"]


def test_a_snippet_opens_where_the_marks_are_densest():
    text = "前" * 300 + "危树清理" + "中" * 300 + "危树清理1306株，危树清理完成" + "后" * 300 + "危树清理"
    pieces = snippet(text, parse("危树清理").phrases)
    assert marked(pieces) == ["危树清理", "危树清理"]
    assert pieces[0].text == pieces[-1].text == "…"
    assert sum(len(piece.text) for piece in pieces) <= 102


def test_a_short_text_is_its_own_snippet():
    assert snippet("封闭水井412眼", parse("高铁").phrases) == (Segment(text="封闭水井412眼"),)
    assert snippet("", parse("高铁").phrases) == ()


@given(st.text(st.characters(), max_size=60), st.text(st.characters(), max_size=10))
def test_the_pieces_are_the_text_whatever_was_asked(text: str, asked: str):
    assert "".join(piece.text for piece in highlight(text, parse(asked).phrases)) == text
    assert len("".join(piece.text for piece in snippet(text, parse(asked).phrases))) <= 102
