"""Files as offices keep them become raw rows; hostile or broken ones are refused with a remedy."""

import csv
import io
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from services.tasks.ledger import sheet
from services.tasks.ledger.sheet import SheetUnreadable, read

SAMPLE = Path(__file__).parents[2] / "data/ledgers/2026-督办台账-样例.xlsx"


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def book_of(*rows: list[object]) -> Workbook:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    return book


def rewritten(data: bytes, part: str, change) -> bytes:
    """The same archive with one part changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name == part else content)
    return out.getvalue()


FIRST_SHEET = "xl/worksheets/sheet1.xml"


def test_the_sample_is_one_sheet_whose_rows_are_numbered_as_the_office_sees_them():
    (only,) = read(SAMPLE)
    assert only.name == "台账"
    assert [row.number for row in only.rows] == list(range(1, 34))
    assert only.rows[2].cells[:3] == ("序号", "事项名称", "所属板块")
    assert only.rows[5].cells[13] == 0.8
    assert not any(row.formulas or row.errors for row in only.rows)
    assert read(SAMPLE.read_bytes(), SAMPLE.name) == (only,)


def test_cells_keep_their_type_and_the_place_they_stand_in():
    book = book_of([None, None, None])
    book.active["B3"], book.active["C3"], book.active["D3"] = date(2026, 11, 9), 0.8, "文字"
    book.active["E3"] = datetime.fromisoformat("2026-11-09 08:30")
    (only,) = read(saved(book))
    assert only.rows[2].cells[1:5] == (date(2026, 11, 9), 0.8, "文字", datetime.fromisoformat("2026-11-09 08:30"))


def test_a_formula_and_an_error_value_are_marked_where_they_stand():
    book = book_of(["甲", 1, 2], ["乙", "=B1+C1", "#N/A"])
    book.active["C2"].data_type = "e"
    book.active["D2"] = "="
    (only,) = read(saved(book))
    assert only.rows[1].formulas == {1}
    assert only.rows[1].errors == {2}
    assert only.rows[0].formulas == only.rows[0].errors == frozenset()


def test_a_formula_with_a_cached_value_is_still_a_formula():
    data = rewritten(saved(book_of([1, 5])), FIRST_SHEET, lambda xml: xml.replace(b"<v>5</v>", b"<f>A1*5</f><v>5</v>"))
    (only,) = read(data)
    assert only.rows[0].cells == (1.0, 5.0)
    assert only.rows[0].formulas == {1}


def test_a_shared_formula_counts_in_every_cell_and_cells_without_references_are_counted():
    xml = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row><c><v>1</v></c><c><f t="shared" ref="B1:B2" si="0">A1</f><v>1</v></c></row>'
        b'<row><c><v>2</v></c><c><f t="shared" si="0"/><v>2</v></c></row></sheetData></worksheet>'
    )
    (only,) = read(rewritten(saved(book_of([1])), FIRST_SHEET, lambda _: xml))
    assert [row.formulas for row in only.rows] == [{1}, {1}]


def test_a_cell_merged_downwards_stands_in_each_of_its_rows_but_not_sideways():
    book = book_of(["一、日常交办", None], ["省公安厅", "甲"], [None, "乙"], ["=1", "丙"], [None, "丁"])
    book.active.merge_cells("A1:B1")
    book.active.merge_cells("A2:A3")
    book.active.merge_cells("A4:A5")
    (only,) = read(saved(book))
    assert only.rows[0].cells == ("一、日常交办", "")
    assert only.rows[2].cells == ("省公安厅", "乙")
    assert only.rows[4].formulas == {0}


def test_hidden_sheets_are_left_out():
    book = book_of(["甲"])
    book.create_sheet("隐藏").append(["乙"])
    book["隐藏"].sheet_state = "hidden"
    book.create_sheet("第二张").append(["丙"])
    assert [result.name for result in read(saved(book))] == ["Sheet", "第二张"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_a_csv_is_read_in_every_encoding_excel_writes(encoding):
    text = "序号,事项名称\r\n1,“放管服”改革\r\n"
    (only,) = read(text.encode(encoding), "台账.csv")
    assert only.name == "台账"
    assert [row.cells for row in only.rows] == [("序号", "事项名称"), ("1", "“放管服”改革")]


def test_a_csv_with_a_quote_that_never_ends_is_refused_rather_than_read_over_its_rows():
    with pytest.raises(SheetUnreadable, match="引号"):
        read('序号,备注\n1,"重点\n2,好\n3,"好"\n'.encode(), "a.csv")


def test_a_csv_parted_by_tabs_is_read_too():
    (only,) = read("序号\t事项名称\n1\t甲,乙\n".encode("utf-16"), "x.txt")
    assert only.rows[1].cells == ("1", "甲,乙")


def test_the_protecting_apostrophe_of_a_csv_is_removed_once_and_a_bare_formula_is_marked():
    (only,) = read("'=1+1,'-5,''甲,=1+1,+86\n".encode(), "x.csv")
    assert only.rows[0].cells == ("=1+1", "-5", "'甲", "=1+1", "+86")
    assert only.rows[0].formulas == {3}


@given(st.lists(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"])), min_size=2), min_size=1))
def test_what_was_written_with_the_apostrophe_comes_back_unchanged(rows):
    out = io.StringIO(newline="")
    csv.writer(out).writerows([[f"'{cell}" for cell in row] for row in rows])
    (only,) = read(out.getvalue().encode("utf-8-sig"), "x.csv")
    assert [list(row.cells) for row in only.rows] == rows
    assert not any(row.formulas for row in only.rows)


def bomb() -> bytes:
    zeros = b"<worksheet>" + b" " * (sheet.RATIO_FROM * 2)
    return rewritten(saved(book_of(["甲"])), FIRST_SHEET, lambda _: zeros)


def with_doctype(xml: bytes) -> bytes:
    return b'<!DOCTYPE x [<!ENTITY a "b">]>' + xml


def far_away() -> bytes:
    return rewritten(
        saved(book_of(["甲"])),
        FIRST_SHEET,
        lambda xml: xml.replace(b'r="A1"', b'r="XFD1"').replace(b'r="1"', b'r="9999999"'),
    )


def twice() -> bytes:
    data = io.BytesIO(saved(book_of(["甲"])))
    with zipfile.ZipFile(data, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(FIRST_SHEET, archive.read(FIRST_SHEET))
    return data.getvalue()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "另存为 .xlsx"),
        (b"PK\x03\x04 not an archive", "损坏"),
        (SAMPLE.read_bytes()[:4000], "损坏"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0\xff\xff", "CSV"),
        (b"\0\1\2\3", "CSV"),
        (bomb(), "压缩比"),
        (far_away(), "列"),
        (rewritten(SAMPLE.read_bytes(), FIRST_SHEET, with_doctype), "文档类型"),
        (rewritten(SAMPLE.read_bytes(), "xl/workbook.xml", with_doctype), "文档类型"),
        (b"x" * (sheet.MOST_BYTES + 1), "MB"),
        (b"\n" * (sheet.MOST_ROWS + 1), "行"),
        (b"," * sheet.MOST_COLUMNS, "列"),
        ('"甲'.encode() + b"x" * 200_000, "引号"),
    ],
)
def test_a_hostile_or_broken_file_is_refused_with_a_remedy(data, message):
    with pytest.raises(SheetUnreadable, match=message):
        read(data, "x.csv")


def test_an_archive_with_a_part_twice_is_refused():
    with pytest.raises(SheetUnreadable, match="重名"):
        read(twice())


def test_an_error_value_far_away_does_not_make_rows():
    data = rewritten(
        saved(book_of(["甲"])),
        FIRST_SHEET,
        lambda xml: xml.replace(b"</sheetData>", b'<row r="900000000"><c r="A900000000" t="e"/></row></sheetData>'),
    )
    with pytest.raises(SheetUnreadable, match="行"):
        read(data)


@given(st.data())
def test_a_damaged_workbook_is_read_or_refused_but_never_an_accident(data):
    content = bytearray(SAMPLE.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(2, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert all(result.rows[0].number == 1 for result in read(bytes(content)) if result.rows)
    except SheetUnreadable as refused:
        assert "另存" in str(refused)


@given(st.data())
def test_a_damaged_sheet_part_is_read_or_refused_but_never_an_accident(data):
    def damage(xml: bytes) -> bytes:
        content = bytearray(xml)
        for _ in range(data.draw(st.integers(1, 8))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 127))
        return bytes(content)

    try:
        read(rewritten(SAMPLE.read_bytes(), FIRST_SHEET, damage))
    except SheetUnreadable as refused:
        assert str(refused)


def test_a_sheet_saved_again_by_another_program_gives_the_same_rows():
    (ours,) = read(SAMPLE)
    (theirs,) = read(saved(load_workbook(SAMPLE)))
    assert [row.cells for row in theirs.rows] == [row.cells for row in ours.rows]


def test_every_column_board_and_weight_has_words_and_no_word_has_two_meanings():
    words = sheet.words()
    assert set(words.labels) == set(words.columns.values())
    assert len(words.labels) == 15
    assert len(set(words.boards.values())) == 6
    assert len(set(words.weights.values())) == 2
    with (sheet.DATA / "ledger_words.csv").open(encoding="utf-8-sig", newline="") as file:
        written = [word for row in csv.DictReader(file) if row["kind"] == "column" for word in row["words"].split("|")]
    assert len(written) == len(set(written)) == len(words.columns)
