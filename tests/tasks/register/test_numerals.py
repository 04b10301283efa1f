"""Chinese numerals, in deadlines and in the numbers of collectives."""

import pytest

from contracts.workdays import chinese_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("零", 0), ("九", 9), ("两", 2), ("十", 10), ("十一", 11), ("二十", 20), ("九十九", 99), ("一百", 100),
        ("一百零五", 105), ("一百一十七", 117), ("两千零二十六", 2026), ("二〇二六", 2026), ("二零二六", 2026),
    ],
)  # fmt: skip
def test_a_numeral_is_read_by_its_units_or_place_by_place(text, number):
    assert chinese_number(text) == number


@pytest.mark.parametrize("text", ["", "二三十", "十二十", "十百", "二月", "12"])
def test_what_is_no_numeral_is_none(text):
    assert chinese_number(text) is None
