"""From frozen words to the PDF's bytes: Typst in process, data only as JSON, the same bytes every time."""

import json
import threading
from datetime import UTC, datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import segno
import typst

from services.notices.documents.coverage import loaded, missing_characters, typefaces
from services.notices.documents.domain.content import Document, date_text, digest
from services.notices.documents.fonts import FANDOL, Fonts
from services.notices.documents.headline import headline

TEMPLATES = Path(__file__).parent
UNSIGNED = ("预览稿，未编号、未签发，不作凭据",)

_kept = threading.local()


class Unprintable(Exception):
    """The fonts at hand cannot set the document; the message says in Chinese what is missing and what to do."""


def render(document: Document, fonts: Fonts) -> bytes:
    """A PDF/A-2u file; the same document and fonts give the same bytes in any process. Raises Unprintable.

    It prints the number and the SHA-256 of the canonical JSON, in words and as a QR code; unsigned, that it is a draft.
    """
    check(document, fonts)
    pdf = _compiler(fonts).compile(
        input=TEMPLATES / "gongwen.typ",
        format="pdf",
        pdf_standards="a-2u",
        sys_inputs={"data": json.dumps(_data(document, fonts), ensure_ascii=False)},
        timestamp=datetime.combine(document.date, time(), tzinfo=UTC),
    )
    return cast(bytes, pdf)


def check(document: Document, fonts: Fonts) -> None:
    """Ask before signing: raises Unprintable when a font or a character is missing."""
    if not all(typefaces(fonts).values()):
        raise Unprintable(f"没有可用的中文字库，请安装 {FANDOL[0]} 等字库，或者用 DUBAN_FONT_DIR 指定字库目录")
    if missing := missing_characters(document, fonts):
        raise Unprintable(f"现有字库缺少这些字：{missing}，请改用其他字或者在 DUBAN_FONT_DIR 中补充字库")


def verification(document: Document) -> tuple[str, ...]:
    """The printed lines by which a signed document is checked: number and SHA-256, and where to ask."""
    if document.doc_number is None:
        return UNSIGNED
    where = (f"扫码或登录 {document.verify_at} 核验",) if document.verify_at else ()
    return (*where, f"文号 {document.doc_number}", f"SHA-256 {digest(document)}")


def verification_code(document: Document) -> str | None:
    """What the QR code holds: an address that asks for number and digest, else both in plain words; None unsigned."""
    if document.doc_number is None:
        return None
    if document.verify_at is None:
        return f"{document.doc_number} SHA-256 {digest(document)}"
    return f"{document.verify_at}?number={quote(document.doc_number)}&sha256={digest(document)}"


def _data(document: Document, fonts: Fonts) -> dict[str, Any]:
    code = verification_code(document)
    return {
        "document": document.model_dump(mode="json", exclude_none=True),
        "typefaces": typefaces(fonts),
        "title_lines": document.title_lines or headline(document.title),
        "attachment_titles": [headline(attachment.title) for attachment in document.attachments],
        "date": date_text(document.date),
        "print_date": date_text(document.print_date) if document.print_date else None,
        "keywords": [document.doc_number] if document.doc_number else [],
        "verification": {"lines": verification(document), "code": _drawn(code) if code else None},
    }


def _drawn(content: str) -> str:
    # One mask for all: a digest is as good as noise, and comparing the eight masks costs as much as the whole page.
    picture = BytesIO()
    segno.make(content, error="l", micro=False, mask=2).save(picture, kind="svg", xmldecl=False, border=0)
    return picture.getvalue().decode()


def _compiler(fonts: Fonts) -> typst.Compiler:
    """One compiler per thread and set of fonts: reading fonts and template anew costs ten times the page."""
    kept: dict[Fonts, typst.Compiler] = _kept.__dict__.setdefault("compilers", {})
    if fonts not in kept:
        kept[fonts] = typst.Compiler(root=TEMPLATES, font_paths=loaded(fonts), ignore_system_fonts=True)
    return kept[fonts]
