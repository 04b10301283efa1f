"""What a document says: one spelling, one digest, and clear refusals in the words of the office."""

import datetime
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.notices.documents.domain.content import Document, canonical, characters, digest, numbered
from tests.notices.documents.sample import FILE, LETTER, SLIP, document

PRINTABLE = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=26)


def refusal(**changes: object) -> str:
    with pytest.raises(ValidationError) as caught:
        document(**changes)
    return "；".join(f"{'.'.join(map(str, error['loc']))}：{error['msg']}" for error in caught.value.errors())


@pytest.mark.parametrize("sample", [FILE, LETTER, SLIP], ids=["file", "letter", "slip"])
def test_the_canonical_words_read_back_as_the_same_document(sample):
    assert Document.model_validate_json(canonical(document(sample))) == document(sample)


@given(mark=PRINTABLE, text=PRINTABLE, cells=st.lists(PRINTABLE, min_size=1, max_size=4))
def test_any_words_keep_their_digest_through_storage(mark, text, cells):
    table = {"kind": "table", "columns": [{"title": cell, "width": 10} for cell in cells], "rows": [cells]}
    written = document(mark=mark, body=[{"kind": "p", "text": text}, table])
    assert digest(Document.model_validate_json(canonical(written))) == digest(written)


def test_the_canonical_words_are_compact_sorted_utf_8_without_empty_fields():
    spelled = canonical(document(LETTER)).decode()
    assert spelled == json.dumps(json.loads(spelled), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert "null" not in spelled
    assert "signer" not in spelled
    assert "attachments" not in spelled


def test_the_digest_of_a_signed_document_never_changes_with_a_release():
    assert digest(document(LETTER)) == "857a747e6f557003bc297ce9ffa9f5aefbd190a446285c7b212d0b2374623b62"


@given(PRINTABLE.filter(lambda words: words.strip() != document().body[0].text))
def test_another_word_gives_another_digest(words):
    assert digest(document(body=[{"kind": "p", "text": words}])) != digest(document())


def test_signing_adds_number_and_day_and_leaves_every_other_word():
    draft = document(doc_number=None)
    signed = numbered(draft, "示改办督〔2027〕1号", datetime.date(2027, 1, 4))
    assert (signed.doc_number, signed.date) == ("示改办督〔2027〕1号", datetime.date(2027, 1, 4))
    assert signed.model_copy(update={"doc_number": None, "date": draft.date}) == draft


@pytest.mark.parametrize(
    "number", ["示改办督[2026]12号", "示改办督〔26〕12号", "示改办督〔2026〕第12号", "示改办督〔2026〕012号"]
)
def test_a_number_not_written_by_the_standard_is_refused_with_an_example(number):
    assert "doc_number：Value error, 发文字号应写作" in refusal(doc_number=number)


def test_signing_with_an_ill_written_number_is_refused():
    with pytest.raises(ValidationError, match="发文字号应写作"):
        numbered(document(), "12号", datetime.date(2026, 11, 23))


@pytest.mark.parametrize("hidden", ["\u202e", "\u200b", "\x00", "\x1b", "\ue000", "\ufeff", "\u2028"])
def test_characters_that_cannot_be_seen_are_refused_by_name(hidden):
    assert f"U+{ord(hidden):04X}" in refusal(title=f"督查{hidden}通知单")
    assert "body.0.p.text" in refusal(body=[{"kind": "p", "text": f"国{hidden}"}])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": "  "}, "title：Value error, 不能为空"),
        ({"title": "两\n行"}, "title：Value error, 应为一行文字"),
        ({"to": "甲市人民政府："}, "to：Value error, 末尾不写标点"),
        ({"cc": "丙县人民政府。"}, "cc：Value error, 末尾不写标点"),
        ({"issuer": "某" * 27}, "issuer：Value error, 不超过26个字"),
        ({"copy_no": "12"}, "copy_no：Value error, 份号应为六位数字"),
        ({"title_lines": ["关于督办的", "通告"]}, "标题分行（title_lines）"),
        ({"printer": None}, "印发机关（printer）和印发日期（print_date）应同时填写"),
        ({"format": "letter"}, "信函格式的版记不印印发机关"),
        ({"format": "letter", "printer": None, "print_date": None, "signer": "王某"}, "信函格式不标签发人"),
        ({"verify_at": "javascript:alert(1)"}, "verify_at：Value error, 核验网址应以 http"),
    ],
)
def test_words_that_do_not_fit_are_refused_with_the_field_and_the_remedy(changes, words):
    assert words in refusal(**changes)


def test_a_row_that_does_not_fit_its_table_is_named():
    table = {"kind": "table", "columns": [{"title": "序号", "width": 1}], "rows": [["1"], ["2", "多"]]}
    assert "表格第2行有2格，应与表头一致，为1格" in refusal(body=[table])


def test_a_field_nobody_prints_is_refused():
    assert "secrecy" in refusal(secrecy="机密")


def test_a_document_cannot_be_changed():
    with pytest.raises(ValidationError):
        document().title = "别的"  # type: ignore[misc]


def test_every_character_of_every_part_is_asked_for():
    assert set("示例省督办事项清单特急张三") <= characters(document())
    assert set("领导批示") <= characters(document(SLIP))
    assert "\n" not in characters(document())
