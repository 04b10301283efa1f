"""The bytes of a document: reproducible anywhere, literal about its words, and able to be verified."""

import hashlib
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import segno

from services.notices.documents.domain.content import canonical, digest
from services.notices.documents.fonts import Fonts
from services.notices.documents.render import Unprintable, render, verification_code
from tests.notices.documents.ruler import DOTS, line, pages, picture, words_of
from tests.notices.documents.sample import FILE, LETTER, SLIP, document, fandol, noto

ROOT = Path(__file__).parents[3]
ELSEWHERE = """
import hashlib, sys
from pathlib import Path
from services.notices.documents.domain.content import Document
from services.notices.documents.render import render
document = Document.model_validate_json(sys.stdin.buffer.read())
print(hashlib.sha256(render(document, (Path(sys.argv[1]),))).hexdigest())
"""


@pytest.fixture(scope="module")
def fonts() -> Fonts:
    """The Fandol set."""
    return fandol()


def slanted(pdf: bytes) -> list[str]:
    """What the watermark of each page says."""
    return ["".join(c["text"] for c in page.chars if c["matrix"][1] != 0) for page in pages(pdf)]


@pytest.mark.parametrize("sample", [FILE, LETTER, SLIP], ids=["file", "letter", "slip"])
def test_the_same_document_gives_the_same_bytes_again_and_in_another_thread(fonts, sample):
    first = render(document(sample), fonts)
    render(document(sample, title="另一份文件的标题"), fonts)
    with ThreadPoolExecutor(2) as threads:
        again = list(threads.map(lambda _: render(document(sample), fonts), range(4)))
    assert set(again) == {first}


def test_the_same_document_gives_the_same_bytes_in_a_fresh_process(fonts):
    command = [sys.executable, "-c", ELSEWHERE, str(fonts[0])]
    environment = {"PYTHONPATH": str(ROOT), "TZ": "America/Lima", "PATH": os.environ["PATH"]}
    done = subprocess.run(command, input=canonical(document()), env=environment, capture_output=True, check=True)
    assert done.stdout.decode().strip() == hashlib.sha256(render(document(), fonts)).hexdigest()


def test_the_file_is_pdf_a_2u_dated_as_the_document(fonts):
    pdf = render(document(date="2019-03-05"), fonts)
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf
    assert b"<pdfaid:conformance>U</pdfaid:conformance>" in pdf
    assert re.findall(rb"/(?:CreationDate|ModDate) ?\(D:(\d{8})", pdf) == [b"20190305"] * 2


HOSTILE = [
    '#import "gongwen.typ": *',
    "#panic() $x^2$ @ref <label> \\ \\u{41} *粗* _斜_ `码` = 题 - 项 + 项 / 语: 义 ~ -- --- ...",
    "\"引号\" '单引号' #sys.inputs [内容] {代码} // 注释 /* 注释 */ https://example.com",
    '#read("/etc/passwd") ${jndi:ldap} <script>alert(1)</script> ]]> &amp; %00',
]


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("place", ["title", "p", "cell", "form", "to", "cc", "issuer", "note", "watermark"])
def test_hostile_words_are_printed_literally_wherever_they_stand(fonts, hostile, place):
    table = {"kind": "table", "columns": [{"title": hostile, "width": 1}], "rows": [[hostile]]}
    form = {"kind": "form", "rows": [[{"label": "事项", "text": hostile}]]}
    body = {"p": {"kind": "p", "text": hostile}, "cell": table, "form": form}.get(place)
    short = hostile[:24] if place in ("issuer", "watermark") else hostile
    changes = {"body": [body]} if body else {place: short}
    if place == "title":
        changes["title_lines"] = [hostile]
    pdf = render(document(**changes, attachments=[]), fonts)
    assert _squeezed(short) in _squeezed(slanted(pdf)[0] if place == "watermark" else words_of(pdf))


def _squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_a_line_break_in_a_cell_is_kept(fonts):
    table = {"kind": "table", "columns": [{"title": "责任单位", "width": 1}], "rows": [["省农业农村厅\n省林草局"]]}
    page = pages(render(document(body=[table], attachments=[]), fonts))[0]
    assert line(page, "省林草局").top > line(page, "省农业农村厅").top


@pytest.mark.parametrize("sample", [FILE, LETTER, SLIP], ids=["file", "letter", "slip"])
def test_the_last_page_prints_number_and_digest_of_the_canonical_words(fonts, sample):
    signed = document(sample)
    last = words_of(render(signed, fonts))
    assert f"文号 {signed.doc_number}" in last
    assert f"SHA-256 {digest(signed)}" in last


def test_the_code_asks_the_public_page_for_number_and_digest():
    code = verification_code(document())
    assert code is not None
    assert code.startswith("https://duban.example.gov.cn/verify?number=%E7%A4%BA%E6%94%B9")
    assert code.endswith(f"&sha256={digest(document())}")


def test_without_a_public_page_the_code_says_number_and_digest_in_plain_words():
    assert (
        verification_code(document(verify_at=None))
        == f"示改办督〔2026〕12号 SHA-256 {digest(document(verify_at=None))}"
    )


@pytest.mark.parametrize(
    ("sample", "left", "top", "side"),
    [(FILE, 28, 265, 16), (SLIP, 28, 278.5, 13.5)],
    ids=["in the margin of a file", "under the lower rule of a letter"],
)
def test_the_code_on_paper_reads_module_by_module_as_the_code_meant(fonts, sample, left, top, side):
    signed = document(sample, watermark=None)
    paper = picture(pages(render(signed, fonts))[-1]).convert("L")
    code = verification_code(signed)
    assert code is not None
    meant = [list(row) for row in segno.make(code, error="l", micro=False, mask=2).matrix]
    module = side / len(meant)
    across = [round((left + (place + 0.5) * module) * DOTS) for place in range(len(meant))]
    down = [round((top + (place + 0.5) * module) * DOTS) for place in range(len(meant))]
    assert [[int(paper.getpixel((x, y)) < 128) for x in across] for y in down] == meant


def test_a_draft_says_so_and_carries_neither_number_nor_code(fonts):
    draft = document(doc_number=None)
    printed = words_of(render(draft, fonts))
    assert "〔待编号〕" in printed
    assert "预览稿，未编号、未签发，不作凭据" in printed
    assert "SHA-256" not in printed
    assert verification_code(draft) is None


def test_every_demo_page_is_marked_and_a_real_one_is_not(fonts):
    assert slanted(render(document(), fonts)) == ["演示"] * 3
    assert slanted(render(document(watermark=None), fonts)) == [""] * 3


def test_characters_no_font_has_are_refused_by_name(fonts):
    with pytest.raises(Unprintable, match=r"圐圙.*DUBAN_FONT_DIR"):
        render(document(to="圐圙村"), fonts)
    assert "圐圙村" in words_of(render(document(to="圐圙村"), fonts + noto()))


def test_without_any_font_the_refusal_says_what_to_do(tmp_path):
    with pytest.raises(Unprintable, match=r"没有可用的中文字库.*DUBAN_FONT_DIR"):
        render(document(), (tmp_path,))


def test_a_title_broken_by_hand_stays_broken_so(fonts):
    by_hand = ["关于加快办理第三季度", "改革对接事项的督办通知"]
    page = pages(render(document(title_lines=by_hand), fonts))[0]
    assert [line(page, words).text for words in by_hand] == by_hand
