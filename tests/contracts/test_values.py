"""What a person writes is stored in one spelling: trimmed, visible, without control characters, then measured."""

from decimal import Decimal
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, TypeAdapter, ValidationError

from contracts.values import Name, OneLine, Percent, Sha256, Text, clean, without_format_characters

KINDS = pytest.mark.parametrize("kind", [Text, OneLine, Name], ids=["Text", "OneLine", "Name"])


def read(kind: object, value: object) -> object:
    return TypeAdapter(kind).validate_python(value)


def refusals(kind: object, value: object) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        read(kind, value)
    return [error["type"] for error in caught.value.errors()]


@KINDS
@pytest.mark.parametrize("disguise", ["\u200b", "\u200d", "\u2060", "\ufeff", "\u202e", "\u2066", "\u00ad", "\u061c"])
def test_format_characters_are_taken_out_wherever_they_stand(kind, disguise: str):
    assert read(kind, f"{disguise}封{disguise}闭水井{disguise}") == "封闭水井"


@KINDS
@pytest.mark.parametrize(
    "control", ["\x00", "\x07", "\x08", "\x0b", "\x0c", "\x1b", "\x1f", "\x7f", "\ud800", "\udfff"]
)
def test_control_characters_and_half_a_character_are_refused(kind, control: str):
    with pytest.raises(ValidationError, match="控制字符"):
        read(kind, f"封闭{control}水井")


@KINDS
def test_space_around_it_is_taken_off_with_what_was_hidden_in_it(kind):
    assert read(kind, " \t\u3000\n封闭水井\r\n \u00a0") == "封闭水井"
    assert read(kind, "\u200b  封闭水井  \u200b") == "封闭水井"


def test_a_text_keeps_its_lines_a_line_has_one():
    written = "一、部署\n\n二、\t落实  到位\r\n三、总结"
    assert read(Text, written) == written
    assert read(OneLine, written) == "一、部署 二、 落实 到位 三、总结"


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("２０２６－１２", "2026-12"),
        ("ＺＨＡＮＧ", "ZHANG"),
        ("晋政办督（2026）1号", "晋政办督(2026)1号"),
        ("zhang\u3000san", "zhang san"),
        ("①组", "1组"),
        ("㎏", "kg"),
        ("ﾊﾝ", "ハン"),
        ("e\u0301", "é"),
        ("\u200b２０２６\u200b", "2026"),
    ],
)
def test_what_is_compared_has_one_spelling(written: str, stored: str):
    assert read(Name, written) == stored


@pytest.mark.parametrize("kind", [Text, OneLine], ids=["Text", "OneLine"])
def test_what_is_only_read_keeps_its_signs(kind):
    assert read(kind, "晋政办督〔2026〕１号（①）") == "晋政办督〔2026〕１号（①）"


@KINDS
@pytest.mark.parametrize(
    ("written", "passes"),
    [
        ("封闭水井啊", True),
        ("  封闭水井啊  ", True),
        ("封闭水井", False),
        ("封闭 ", False),
        ("     ", False),
        ("封\u200b\u200b\u200b\u200b闭", False),
        ("\u3000\u3000\u3000\u3000\u3000\u3000", False),
    ],
)
def test_length_is_counted_after_trimming(kind, written: str, passes: bool):
    long = Annotated[str, Field(min_length=5), *kind.__metadata__]
    if passes:
        assert read(long, written) == "封闭水井啊"
    else:
        assert refusals(long, written) == ["string_too_short"]


@KINDS
def test_the_greatest_length_is_counted_after_trimming_too(kind):
    short = Annotated[str, Field(max_length=4), *kind.__metadata__]
    assert read(short, f"{' ' * 50}封闭水井{chr(0x200B) * 50}") == "封闭水井"
    assert refusals(short, "封闭水井啊") == ["string_too_long"]


@KINDS
@pytest.mark.parametrize("value", [5, None, ["封闭"], b"\xe5\xb0\x81"])
def test_what_is_no_text_is_not_made_one(kind, value: object):
    if isinstance(value, bytes):
        assert read(kind, value) == "封"
    else:
        assert refusals(kind, value) == ["string_type"]


@KINDS
@given(written=st.text())
def test_whatever_is_taken_is_left_as_it_is_the_second_time(kind, written: str):
    try:
        stored = read(kind, written)
    except ValidationError:
        return
    assert read(kind, stored) == stored == stored.strip()


@given(st.text(st.characters(max_codepoint=127)))
def test_plain_ascii_has_no_format_characters(written: str):
    assert without_format_characters(written) == written


def test_a_mark_that_only_shows_when_it_is_cleaned_is_refused():
    with pytest.raises(ValueError, match="涉密"):
        clean("本件为机\u200b密材料")


@pytest.mark.parametrize(
    ("value", "refusal"),
    [(0, ""), ("100", ""), ("39.84", ""), ("39.845", "decimal_max_places"), (-1, "greater_than_equal"),
     ("100.01", "less_than_equal"), ("NaN", "finite_number"), ("很多", "decimal_parsing")],
)  # fmt: skip
def test_a_percentage_lies_between_0_and_100_with_two_places(value: object, refusal: str):
    if refusal:
        assert refusals(Percent, value) == [refusal]
    else:
        assert read(Percent, value) == Decimal(str(value))


@pytest.mark.parametrize("value", ["a" * 63, "a" * 65, "A" * 64, "g" * 64, "a" * 64 + "\n", ""])
def test_a_digest_is_64_small_hexadecimal_digits(value: str):
    assert read(Sha256, "0af9" * 16) == "0af9" * 16
    assert refusals(Sha256, value) == ["string_pattern_mismatch"]
