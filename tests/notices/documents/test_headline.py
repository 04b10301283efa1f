"""Titles broken as an editor would: whole words, trapezoid or rhombus."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notices.documents.headline import headline

TITLES = [
    "关于加快办理第二季度改革对接事项的督办通知",
    "示例省人民政府办公厅关于进一步加强全省重大项目建设和招商引资工作督查督办的通知",
    "关于2026年第三季度“清单制+责任制”信息化平台运行情况的通报",
    "关于印发《示例省全面深化改革领导小组办公室督查督办工作规则（试行）》的通知",
    "关于责令限期办结高铁站前广场交通组织优化等三项民生实事的通知",
    "示例省全面深化改革领导小组办公室关于对2026年第三季度逾期未办结的重大改革事项实施挂牌督办并开展专项督查的通知",
]


def width(line: str) -> float:
    return sum(0.5 if character.isascii() else 1 for character in line)


@given(
    st.text(
        st.sampled_from("关于加快办理第二季度改革对接事项的督办通知全省重大项目建设0123456789年月日《》（）“”、和ABC"),
        min_size=1,
        max_size=60,
    )
)
def test_no_character_is_lost_and_no_line_is_wider_than_the_type_area(title):
    lines = headline(title)
    assert "".join(lines) == title
    assert all(width(line) <= 21 for line in lines)


@pytest.mark.parametrize("title", TITLES)
def test_neighbouring_lines_differ_and_the_middle_is_never_the_shortest(title):
    widths = [width(line) for line in headline(title)]
    assert len(widths) > 1
    assert all(upper != lower for upper, lower in pairwise(widths))
    assert not any(middle < min(widths[index], widths[index + 2]) for index, middle in enumerate(widths[1:-1]))


@pytest.mark.parametrize("title", TITLES)
def test_a_line_never_begins_with_a_particle_or_a_closing_mark_nor_ends_with_an_opening_one(title):
    for line in headline(title):
        assert line[0] not in "的、，。》）”"
        assert line[-1] not in "《（“"


@pytest.mark.parametrize("word", ["季度", "督办", "事项", "通知", "办公厅", "2026年", "信息化", "督查", "深化改革"])
def test_words_stay_whole(word):
    for title in TITLES:
        assert "".join(headline(title)).count(word) == sum(line.count(word) for line in headline(title))


def test_a_short_title_stays_on_one_line():
    assert headline("督查通知单") == ("督查通知单",)
    assert headline("关于协调解决装备外运受限问题的函") == ("关于协调解决装备外运受限问题的函",)


def test_the_matter_begins_a_line_after_the_name_of_the_agency():
    assert headline(TITLES[-1])[0] == "示例省全面深化改革领导小组办公室"


def test_a_quotation_is_not_torn_where_another_way_is_at_hand():
    assert headline(TITLES[2])[0] == "关于2026年第三季度“清单制+责任制”"
