"""GB/T 9704-2012 with a ruler in the hand: millimetres measured on the finished PDF, with each set of free fonts."""

import datetime

import pytest
from pdfplumber.page import Page

from services.notices.documents.domain.content import Document
from services.notices.documents.fonts import Fonts
from services.notices.documents.render import render
from tests.notices.documents.ruler import (
    CHARACTER,
    HAIR,
    LEADING,
    PITCH,
    SIZE_3,
    black_ink,
    line,
    lines,
    near,
    pages,
    red_ink,
    rules,
    texts,
)
from tests.notices.documents.sample import BODY, FILE, document, fandol, noto

TYPE_AREA = (28.0, 37.0, 184.0, 262.0)


@pytest.fixture(scope="module", params=["fandol", "noto"])
def fonts(request: pytest.FixtureRequest) -> Fonts:
    """Each of the two free sets by itself."""
    return fandol() if request.param == "fandol" else noto()


@pytest.fixture(scope="module")
def file(fonts: Fonts) -> list[Page]:
    """A notice of three pages: head, rest of the text, a list and the colophon."""
    return pages(render(document(FILE), fonts))


def test_a_full_page_holds_22_lines_of_28_characters_and_fills_the_type_area(fonts):
    full = pages(render(document(body=[{"kind": "p", "text": "国" * 28 * 60}], attachments=[]), fonts))[1]
    body = [result for result in lines(full) if "国" in result.text]
    assert [len(result.text) for result in body] == [28] * 22
    edges = (body[0].left, body[0].top, body[0].left + 28 * CHARACTER, body[-1].bottom)
    assert edges == near(TYPE_AREA)
    assert body[1].top - body[0].top == near(PITCH)
    assert full.width / full.height == near(210 / 297, 0.001)


def test_the_mark_is_red_across_the_type_area_with_its_ink_35_mm_below_the_top_of_it(file):
    left, top, right, _ = red_ink(file[0], 40, 100)
    assert top == near(37 + 35, 0.2)
    assert 28 <= left < 29
    assert 183 < right <= 184.1


def test_copy_number_and_urgency_stand_in_the_first_rows_and_do_not_push_the_mark_down(fonts, file):
    assert line(file[0], "000012").top == near(37)
    assert line(file[0], "特急").top == near(37 + PITCH)
    assert line(file[0], "特急").left == near(28)
    bare = pages(render(document(copy_no=None, urgency=None), fonts))[0]
    assert red_ink(bare, 40, 100) == red_ink(file[0], 40, 100)


def test_the_number_stands_two_blank_lines_below_the_mark_in_the_middle(file):
    number = line(file[0], "示改办督〔2026〕12号")
    assert number.top - red_ink(file[0], 40, 100)[3] == near(2 * PITCH + LEADING, 1.0)
    assert (number.left + number.right) / 2 == near(106, 0.1)
    assert number.size == near(SIZE_3, 0.001)


def test_the_red_rule_is_4_mm_below_the_number_half_a_millimetre_thick_and_as_wide_as_the_type_area(file):
    (rule,) = rules(file[0])
    assert rule.top - line(file[0], "12号").bottom == near(4.0, 0.2)
    assert (rule.left, rule.right, rule.thickness, rule.red) == (near(28), near(184), near(0.5, 0.01), True)


def test_upward_the_number_moves_one_character_in_and_the_signer_stands_opposite(fonts):
    page = pages(render(document(signer="王某某"), fonts))[0]
    assert line(page, "示改办督").left == near(28 + CHARACTER)
    assert line(page, "签发人：王某某").right == near(184 - CHARACTER)
    assert line(page, "签发人").top == line(page, "示改办督").top


def test_the_title_begins_two_blank_lines_below_the_rule_and_each_line_is_centred(file):
    upper, lower = line(file[0], "关于加快办理第三季度改革"), line(file[0], "对接事项的督办通知")
    assert upper.top - rules(file[0])[0].bottom == near(2 * PITCH)
    assert {round(upper.size, 2), round(lower.size, 2)} == {7.41}
    assert ((upper.left + upper.right) / 2, (lower.left + lower.right) / 2) == (near(106), near(106))


def test_the_recipients_follow_one_blank_line_below_the_title_flush_left_with_a_full_width_colon(file):
    to = line(file[0], "省经济体制改革专项小组")
    assert to.top - line(file[0], "对接事项的督办通知").bottom == near(PITCH + LEADING)
    assert to.left == near(28)
    assert any(result.text.endswith("府：") for result in lines(file[0]))


def test_the_first_page_shows_the_body_indented_by_two_characters(file):
    assert line(file[0], "根据《政府").left == near(28 + 2 * CHARACTER)
    assert line(file[0], "一、督办事项").left == near(28 + 2 * CHARACTER)


def test_headings_are_in_their_own_typefaces(file):
    named = {words: _fonts_of(file, words) for words in ("一、督办事项", "（一）及时签收", "自收到本通知")}
    assert len({frozenset(value) for value in named.values()}) >= 2
    assert all(len(value) == 1 for value in named.values())


def _fonts_of(file: list[Page], words: str) -> set[str]:
    for page in file:
        text = "".join(character["text"] for character in page.chars)
        if words in text:
            start = text.index(words)
            return {character["fontname"] for character in page.chars[start : start + len(words)]}
    raise AssertionError(words)


def test_the_note_of_attachments_follows_one_blank_line_below_the_body_without_a_full_stop(file):
    note = line(file[1], "附件：督办事项清单")
    assert note.top - line(file[1], "请及时做好对接落实工作").top == near(2 * PITCH)
    assert note.left == near(28 + 2 * CHARACTER)
    assert any(result.text == "附件：督办事项清单" for result in lines(file[1]))


def test_several_attachments_are_numbered_and_their_names_line_up(fonts):
    attachments = [FILE["attachments"][0], FILE["attachments"][0] | {"title": "逾期事项清单"}]
    sheets = pages(render(document(attachments=attachments), fonts))
    assert line(sheets[1], "督办事项清单").left == near(line(sheets[1], "逾期事项清单").left)
    assert [line(sheets[index], f"附件{index - 1}").top for index in (2, 3)] == [near(37), near(37)]


def test_under_a_seal_the_date_ends_four_characters_from_the_right_and_the_issuer_is_centred_on_it(file):
    date, issuer = line(file[1], "2026年11月23日"), line(file[1], "示例省改革办公室")
    assert date.right == near(184 - 4 * CHARACTER)
    assert (issuer.left + issuer.right) / 2 == near((date.left + date.right) / 2, 0.1)
    assert date.top - issuer.top == near(PITCH)


def test_the_place_of_the_seal_begins_within_one_line_of_the_text_and_reaches_over_the_date(file):
    text, date, issuer = line(file[1], "附件："), line(file[1], "2026年11月23日"), line(file[1], "示例省改革办公室")
    middle = (issuer.top + date.bottom) / 2 - 0.40 * PITCH
    assert 0 <= middle - 21 - text.bottom <= PITCH
    assert middle + 21 > date.bottom


def test_no_seal_is_drawn_the_page_says_one_is_awaited(file):
    assert line(file[1], "待签章").bottom < line(file[1], "示例省改革办公室").top
    with pytest.raises(AssertionError, match="no such ink"):
        red_ink(file[1], 37, 262)


def test_without_a_seal_the_issuer_ends_two_characters_from_the_right_and_the_date_begins_two_later(fonts):
    issuer = "示例省全面深化改革办公室"
    page = pages(render(document(seal="none", issuer=issuer, attachments=[]), fonts))[1]
    assert line(page, issuer).right == near(184 - 2 * CHARACTER)
    assert line(page, "2026年11月23日").left - line(page, issuer).left == near(2 * CHARACTER, 0.1)
    assert "待签章" not in page.extract_text()


def test_without_a_seal_a_date_longer_than_the_issuer_takes_the_place_at_two_characters(fonts):
    page = pages(render(document(seal="none", issuer="督查室", attachments=[]), fonts))[1]
    assert line(page, "2026年11月23日").right == near(184 - 2 * CHARACTER)
    assert line(page, "2026年11月23日").left - line(page, "督查室").left == near(2 * CHARACTER, 0.1)


def test_a_long_issuer_stays_inside_the_type_area(fonts):
    issuer = "示例省全面深化改革领导小组经济体制改革专项小组办公室"
    page = pages(render(document(issuer=issuer, attachments=[]), fonts))[1]
    assert line(page, issuer).right <= 184 - 2 * CHARACTER + HAIR


@pytest.mark.parametrize("closing", ["", "请及时办理。"], ids=["one long paragraph", "a short one last"])
@pytest.mark.parametrize("rows", [3, 5, 6, 7, 11, 12, 19, 20, 21, 22, 23, 24, 30])
def test_the_signature_never_stands_on_a_page_without_text_and_the_first_page_shows_the_body(fonts, rows, closing):
    body = [{"kind": "p", "text": words} for words in ("国" * (28 * rows - 2), closing) if words]
    sheets = texts(render(document(body=body, attachments=[]), fonts))
    for words in sheets:
        assert "2026年11月23日" not in words or any("国国" in text or "请及时" in text for text in words)
    assert any("国国" in text for text in sheets[0])


def test_a_long_last_paragraph_breaks_its_lines_as_any_other(fonts):
    words = "按照《示例省督查督办工作规则（试行）》，截至2026年11月20日，全省共有128项任务逾期（其中省直47项），" * 12
    held = _all_lines(document(body=[{"kind": "p", "text": words}], attachments=[]), fonts)
    free = _all_lines(document(body=[{"kind": "p", "text": words}, BODY[-1]], attachments=[]), fonts)
    assert [text for text in held if text in words] == [text for text in free if text in words]


def _all_lines(words: Document, fonts: Fonts) -> list[str]:
    return [text for page in texts(render(words, fonts)) for text in page]


@pytest.mark.parametrize("rows", [1, 7, 8, 9, 10, 14, 18, 22, 29, 30])
def test_the_last_rule_of_the_colophon_lies_on_the_bottom_of_the_type_area_of_the_last_page(fonts, rows):
    body = [{"kind": "p", "text": "国" * (28 * rows - 2)}]
    last = pages(render(document(body=body, attachments=[]), fonts))[-1]
    assert rules(last)[-1].bottom == near(262.0, 0.3)
    assert "印发" in last.extract_text()


def test_the_colophon_has_thick_rules_outside_a_thin_one_inside_and_4_size_type_one_character_in(file):
    first, middle, last = rules(file[2])
    assert [rule.thickness for rule in (first, middle, last)] == [near(0.35, 0.01), near(0.25, 0.01), near(0.35, 0.01)]
    assert {(round(rule.left, 2), round(rule.right, 2)) for rule in (first, middle, last)} == {(28.0, 184.0)}
    size_4 = 13.75 / 72 * 25.4
    assert line(file[2], "抄送：").left == near(28 + size_4)
    assert line(file[2], "2026年11月23日印发").right == near(184 - size_4)
    assert line(file[2], "抄送：").size == near(size_4, 0.001)
    assert "省政协办公厅。" in file[2].extract_text().replace("\n", "")


def test_page_numbers_are_7_mm_below_the_type_area_one_character_from_the_outer_edge(file):
    for page, words in zip(file, ("—1—", "—2—", "—3—"), strict=True):
        number = line(page, words)
        assert number.size == near(13.75 / 72 * 25.4, 0.001)
        if page.page_number % 2:
            assert number.right == near(184 - CHARACTER)
        else:
            assert number.left == near(28 + CHARACTER)


def test_the_dash_of_the_page_number_begins_7_mm_below_the_type_area(file):
    number = line(file[1], "—2—")
    dash = file[1].crop((number.left * 72 / 25.4, 0, (number.left + 4) * 72 / 25.4, file[1].height))
    assert black_ink(dash, 263, 280)[1] == near(262 + 7, 0.15)


def test_an_attachment_begins_a_page_with_its_mark_in_line_one_and_its_title_in_line_three(file):
    assert line(file[2], "附件").top == near(37)
    title = line(file[2], "督办事项清单")
    assert title.top == near(37 + 2 * PITCH)
    assert (title.left + title.right) / 2 == near(106, 0.1)


def test_a_list_longer_than_a_page_repeats_its_heading_and_stays_in_the_type_area(fonts):
    table = FILE["attachments"][0]["body"][0]
    many = table | {"rows": [[str(number), *table["rows"][0][1:]] for number in range(1, 61)]}
    sheets = pages(render(document(attachments=[{"title": "督办事项清单", "body": [many]}]), fonts))[2:]
    assert len(sheets) > 2
    for sheet in sheets[:-1]:
        words = [result for result in lines(sheet) if not result.text.startswith("—")]
        assert any("序号督办事项" in result.text for result in words)
        assert max(result.bottom for result in words) <= 262


def test_a_date_is_written_without_zero_padding(fonts):
    page = pages(render(document(date=datetime.date(2026, 3, 5), attachments=[]), fonts))[1]
    assert line(page, "2026年3月5日").right == near(184 - 4 * CHARACTER)
