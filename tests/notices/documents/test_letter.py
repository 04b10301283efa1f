"""The letter format (GB/T 9704-2012, 10.1) and the internal slip, measured with each set of free fonts."""

import pytest
from pdfplumber.page import Page

from services.notices.documents.fonts import Fonts
from services.notices.documents.render import render
from tests.notices.documents.ruler import CHARACTER, LEADING, PITCH, SIZE_3, line, near, pages, red_ink, rules
from tests.notices.documents.sample import BODY, LETTER, SLIP, document, fandol, noto


@pytest.fixture(scope="module", params=["fandol", "noto"])
def fonts(request: pytest.FixtureRequest) -> Fonts:
    """Each of the two free sets by itself."""
    return fandol() if request.param == "fandol" else noto()


@pytest.fixture(scope="module")
def letter(fonts: Fonts) -> list[Page]:
    """A letter of one page."""
    return pages(render(document(LETTER), fonts))


def test_a_letter_has_its_mark_30_mm_below_the_edge_of_the_paper_in_the_middle_of_it(letter):
    left, top, right, _ = red_ink(letter[0], 10, 46)
    assert top == near(30, 0.25)
    assert (left + right) / 2 == near(105, 0.3)


def test_the_double_rules_of_a_letter_are_170_mm_wide_in_the_middle_of_the_paper(letter):
    result = rules(letter[0])
    assert [(near(20.0), near(190.0))] * 4 == [(rule.left, rule.right) for rule in result]
    thick, thin, thin_below, thick_below = (rule.thickness for rule in result)
    assert thick == near(thick_below, 0.01)
    assert thin == near(thin_below, 0.01)
    assert thick > 2 * thin
    assert all(rule.red for rule in result)


def test_the_upper_double_rule_is_4_mm_below_the_mark_and_the_lower_one_20_mm_above_the_edge(letter):
    result = rules(letter[0])
    assert result[0].top - red_ink(letter[0], 10, result[0].top - 1)[3] == near(4, 0.2)
    assert 297 - result[3].bottom == near(20)


def test_the_number_of_a_letter_is_flush_right_seven_eighths_of_a_character_below_the_rule(letter):
    number, urgency = line(letter[0], "示督函〔2026〕8号"), line(letter[0], "加急")
    assert number.right == near(184)
    assert number.top - rules(letter[0])[1].bottom == near(SIZE_3 * 7 / 8)
    assert (urgency.left, urgency.top) == (near(28), near(number.top))
    assert line(letter[0], "关于协调").top - number.bottom == near(2 * PITCH + LEADING)


def test_a_letter_numbers_its_pages_from_the_second_on_and_its_colophon_has_no_rules(fonts, letter):
    assert "—1—" not in letter[0].extract_text().replace(" ", "")
    assert line(letter[0], "抄送：丙县人民政府。").bottom <= 262
    two = pages(render(document(LETTER, body=BODY + BODY), fonts))
    assert line(two[1], "—2—").left == near(28 + CHARACTER)
    assert rules(two[1]) == []


def test_an_internal_slip_fits_one_page_with_its_form_across_the_type_area_and_no_colophon(fonts):
    (page,) = pages(render(document(SLIP), fonts))
    table = page.find_tables()[0]
    assert (table.bbox[0] * 25.4 / 72, table.bbox[2] * 25.4 / 72) == (near(28, 0.2), near(184, 0.2))
    assert [cell for cell in table.extract()[0] if cell] == [
        "承办单位",
        "甲市人民政府",
        "协办单位",
        "省公安厅交通管理局",
    ]
    assert len(rules(page)) == 4
    assert "印发" not in page.extract_text()


@pytest.mark.parametrize("lines", range(3, 13))
def test_a_slip_that_runs_over_takes_its_last_row_to_the_signature(fonts, lines):
    rows = [*SLIP["body"][0]["rows"][:-1], [{"label": "办理情况", "lines": lines}], [{"label": "领导批示", "lines": 3}]]
    sheets = pages(render(document(SLIP, body=[{"kind": "form", "rows": rows}]), fonts))
    (signed,) = (page for page in sheets if "2026年11月23日" in page.extract_text().splitlines())
    assert "领导批示" in signed.extract_text()
    assert "承办单位" in sheets[0].extract_text()
