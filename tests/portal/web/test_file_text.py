"""A file's own words are under the rule about classified matter, whatever the format; no file does any harm."""

import bz2
import struct
import zipfile
import zlib
from io import BytesIO
from itertools import count
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter

from services.portal.web import file_text
from services.portal.web.file_text import text_of
from services.portal.web.uploads import mark_inside
from tests.portal.web.file_formats import FORMATS, W, archive, docx, pdf

MAGICS = (b"", b"%PDF-1.4\n", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\xff\xfe")


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("绝密", "绝密"),
        ("机密★十年", "机密"),
        ("密级：秘密", "秘密"),
        ("本件为机密材料", "机密"),
        ("机 密", "机密"),
        ("机\u200b密", "机密"),
        ("機密★", "机密"),
        ("本件为机·密材料", "机密"),
    ],
)
def test_a_mark_inside_a_file_is_seen_in_every_format(name: str, text: str, word: str):
    assert mark_inside(FORMATS[name](text), name) == word


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("subject", ["商业秘密保护方案", "计算机密码管理", "已封闭水井四百一十二眼"])
def test_a_subject_inside_a_file_passes_in_every_format(name: str, subject: str):
    assert subject in text_of(FORMATS[name](subject), name)
    assert mark_inside(FORMATS[name](subject), name) is None


def test_cells_beside_each_other_make_no_mark_together():
    cells = "".join(f"<si><t>{text}</t></si>" for text in ("计算机", "密级"))
    assert mark_inside(archive(**{"xl/sharedStrings.xml": f"<sst>{cells}</sst>"}), "a.xlsx") is None


@pytest.mark.parametrize("lines", [1, 998, 999, 1_000, 1_001, 2_500])
def test_a_mark_far_down_in_a_long_text_is_seen_also_one_character_a_line(lines: int):
    text = "进展顺利\n" * lines
    assert mark_inside(f"{text}机密★\n".encode(), "a.txt") == "机密"
    assert mark_inside(f"{text}机\n密\n".encode(), "a.txt") == "机密"


def test_what_a_file_is_its_first_bytes_decide_and_not_its_name():
    for name in ("a.xml", "a.png", ""):
        assert mark_inside(docx("机密★"), name) == "机密"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(100),
        b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(100),
        b"%PDF-1.7\n",
        b"%PDF-1.7\n" + b"\x00\xff" * 500,
        b"PK\x03\x04",
        b"PK\x03\x04" + b"\x00" * 500,
        docx("绝密")[:-30],
        pdf("绝密", lambda content: bytes(len(content))),
    ],
)
def test_what_cannot_be_read_has_no_text_and_raises_nothing(content: bytes):
    assert text_of(content, "a.pdf").strip() == ""


def test_an_encrypted_pdf_has_no_text_and_raises_nothing():
    writer, written = PdfWriter(clone_from=BytesIO(pdf("绝密"))), BytesIO()
    writer.encrypt("口令", algorithm="RC4-128")
    writer.write(written)
    assert text_of(written.getvalue(), "a.pdf") == ""


def test_of_a_document_of_many_pages_it_is_read_for_a_limited_time(monkeypatch: pytest.MonkeyPatch):
    writer, written = PdfWriter(), BytesIO()
    page = PdfReader(BytesIO(pdf("进展顺利"))).pages[0]
    for _ in range(50):
        writer.add_page(page)
    writer.write(written)
    assert text_of(written.getvalue(), "a.pdf").count("进展顺利") == 50
    monkeypatch.setattr(file_text, "time", SimpleNamespace(monotonic=count().__next__))
    assert text_of(written.getvalue(), "a.pdf").count("进展顺利") == file_text.MOST_SECONDS


def test_a_page_drawn_with_too_many_strokes_is_passed_over(monkeypatch: pytest.MonkeyPatch):
    drawing = pdf("绝密", lambda content: zlib.compress(content + b" 0 0 m" * 1_000))
    assert mark_inside(drawing, "a.pdf") == "绝密"
    monkeypatch.setattr(file_text, "OF_A_PAGE", {"stream_parsing_work_maximum_count": 2_000})
    assert mark_inside(drawing, "a.pdf") is None


def test_an_archive_that_would_unpack_to_gigabytes_is_read_only_so_far(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(file_text, "MOST_BYTES", 3_000_000)
    bomb = archive(**{f"{n}.txt": b"0" * 2_000_000 for n in range(50)})
    assert len(bomb) < 200_000
    assert 3_000_000 <= len(text_of(bomb, "a.zip")) <= 3_001_000


def test_a_huge_part_does_not_keep_a_small_one_from_being_read(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(file_text, "MOST_BYTES", 1_000_000)
    assert mark_inside(archive(**{"a.txt": b"0" * 2_000_000, "b.txt": "机密★".encode()}), "a.zip") == "机密"


def test_a_directory_that_lies_about_its_sizes_does_not_move_the_limit(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(file_text, "MOST_BYTES", 1_000_000)
    honest = archive(**{"a.txt": b"0" * 5_000_000})
    lying = honest.replace(struct.pack("<I", 5_000_000), struct.pack("<I", 100))
    assert lying != honest and len(text_of(lying, "a.zip")) <= 1_000_010


def test_a_member_packed_in_a_way_that_has_no_limit_is_not_unpacked(monkeypatch: pytest.MonkeyPatch):
    bomb = BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_BZIP2) as file:
        file.writestr("a.txt", b"0" * 2_000_000)
    monkeypatch.setattr(bz2, "BZ2Decompressor", None)
    assert text_of(bomb.getvalue(), "a.zip").strip() == "a.txt"


def test_archives_within_archives_are_opened_three_deep_and_no_deeper():
    packed = "密级：机密".encode()
    for depth in range(1, 5):
        packed = archive(**{"内": packed})
        assert mark_inside(packed, "a.zip") == ("机密" if depth <= 3 else None)


def test_entities_of_an_office_document_are_not_expanded():
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 20}">' for n in range(1, 9))
    body = f'<!DOCTYPE d [<!ENTITY l0 "哈哈哈哈哈哈">{laughs}]><w:document {W}><w:p>&l8;</w:p></w:document>'
    assert "哈" not in text_of(archive(**{"word/document.xml": body}), "a.docx")


@given(st.binary(max_size=200), st.sampled_from(MAGICS), st.sampled_from(["a.xml", "a.txt"]))
def test_any_bytes_are_read_or_not_and_never_raise(content: bytes, magic: bytes, name: str):
    assert isinstance(text_of(magic + content, name), str)
