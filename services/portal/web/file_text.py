"""The text inside a file, so that the rule about classified matter holds there too.

Read are PDF (pages, comments, properties); Word, Excel and PowerPoint since 2007, OpenDocument and OFD; plain text and
CSV in UTF-8, UTF-16 or GB18030; archives of all these; Word, Excel, PowerPoint and WPS in the older binary format,
roughly. Not read are pictures and scanned pages, what is encrypted, files attached to a PDF, archives other than zip,
and what lies beyond the limits below.
"""

import logging
import re
import time
import zipfile
import zlib
from contextlib import suppress
from io import BytesIO
from typing import Any
from xml.parsers import expat

MOST_CHARACTERS = 8_000_000
MOST_SECONDS = 20
"""Of one file, looked at between two pages or members."""
MOST_BYTES = 64_000_000
"""Unpacked from one file, whatever the directories of its archives claim."""
DEEPEST = 3
"""An archive, a document in it, a table embedded there."""
OF_A_PAGE: dict[str, Any] = {"zlib_maximum_output_length": 16_000_000, "stream_parsing_work_maximum_count": 500_000}
"""What pypdf spends on one, at most."""

BOUNDED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Office formats use no others, and of others Python unpacks as much as there is."""
ENDS_A_LINE = {
    "p", "h", "br", "c", "si", "comment", "TextObject", "title", "subject", "keywords", "keyword", "category",
    "description", "creator", "lpwstr", "user-defined", "oddHeader", "oddFooter", "evenHeader", "evenFooter",
    "firstHeader", "firstFooter",
}  # fmt: skip
"""Elements of the office formats; within one of them a word may be spread over many pieces."""
SHOWN_ATTRIBUTES = {"string", "name", "title", "descr"}
"""The text of a watermark, the name of a sheet, the caption of a picture."""
DAMAGED = (zipfile.BadZipFile, zlib.error, RuntimeError, OSError, EOFError, ValueError)
"""What zipfile answers where a member is encrypted, cut off or wrong."""

RUN = re.compile(
    r"[\t\n\r -~\u00a0-\u00ff\u0300-\u036f\u2000-\u206f\u2605\u2606\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]{2,}"
)
"""Latin and Chinese as one writes it, ★, and what is invisible; rarer signs would mostly be bytes of a picture."""

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it warns of every oddity of every file


def text_of(content: bytes, filename: str) -> str:
    """The text of a file, up to the limits above; empty where none can be read. Never raises."""
    return Reading().text(content, filename, DEEPEST)[:MOST_CHARACTERS]


class Reading:
    """One file being read: how many bytes may still be unpacked from it, and until when."""

    def __init__(self) -> None:
        self.bytes_left = MOST_BYTES
        self.deadline = time.monotonic() + MOST_SECONDS

    def late(self) -> bool:
        return time.monotonic() > self.deadline

    def text(self, content: bytes, name: str, depth: int) -> str:
        """By the first bytes, whatever the name claims; `depth`: archives that may still be opened."""
        if content.startswith(b"%PDF-"):
            return self.pdf_text(content)
        if content.startswith(b"PK\x03\x04"):
            return self.archive_text(content, depth) if depth else ""
        if content.startswith(b"\xd0\xcf\x11\xe0"):
            return old_office_text(content)
        return xml_text(content) if name.lower().endswith(".xml") else plain_text(content)

    def pdf_text(self, content: bytes) -> str:
        # Here, not above: it brings 20 MiB of libraries, which a portal without uploads need not hold.
        from pypdf import Configuration, PdfReader, apply_configuration

        texts: list[str] = []
        with (
            suppress(Exception),
            apply_configuration(Configuration(**OF_A_PAGE)),
        ):  # pypdf answers a broken file with any exception
            document = PdfReader(BytesIO(content))
            texts += map(str, (document.metadata or {}).values())
            for page in document.pages:
                if self.late():
                    break
                texts.append(page_text(page))
        return "\n".join(texts)

    def archive_text(self, content: bytes, depth: int) -> str:
        """Names and texts of an office document's parts, or of files; a huge one comes last and hides no other."""
        texts: list[str] = []
        with suppress(*DAMAGED), zipfile.ZipFile(BytesIO(content)) as archive:
            for member in sorted(archive.infolist(), key=lambda member: member.file_size):
                if self.late():
                    break
                texts += [name_of(member), self.member_text(archive, member, depth)]
        return "\n".join(texts)

    def member_text(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo, depth: int) -> str:
        if member.compress_type not in BOUNDED:
            return ""
        try:
            with archive.open(member) as file:
                content = file.read(self.bytes_left)
        except DAMAGED:
            return ""
        self.bytes_left -= len(content)
        return self.text(content, member.filename, depth - 1)


def page_text(page: Any) -> str:
    """The page and the comments on it; empty where it cannot be read."""
    with suppress(Exception):
        comments = [str(each.get_object().get("/Contents", "")) for each in page.annotations or ()]
        return "\n".join([page.extract_text(), *comments])
    return ""


def name_of(member: zipfile.ZipInfo) -> str:
    """As its writer spelt it: zipfile decodes what is not flagged as UTF-8 by cp437, as the first PCs did."""
    utf8 = member.flag_bits & 0x800
    return member.filename if utf8 else plain_text(member.filename.encode("cp437", "replace"))


def xml_text(content: bytes) -> str:
    """One part of an office document, a line a paragraph or cell; up to where it is well-formed."""
    texts: list[str] = []
    attributes: list[str] = []

    def start(_: str, given: dict[str, str]) -> None:
        attributes.extend(value for key, value in given.items() if key.rpartition(":")[2] in SHOWN_ATTRIBUTES)

    def end(name: str) -> None:
        if name.rpartition(":")[2] in ENDS_A_LINE:
            texts.append("\n")

    def refuse(*_: object) -> None:
        raise ValueError("an office document declares no entities")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.EntityDeclHandler = texts.append, refuse
    with suppress(expat.ExpatError, ValueError):
        parser.Parse(content, True)
    return "\n".join(("".join(texts), *attributes))


def old_office_text(content: bytes) -> str:
    """What stands in UTF-16 in a compound file, at even places or at odd ones: so these formats keep Chinese."""
    halves = (content[start:].decode("utf-16-le", "replace") for start in (0, 1))
    return "\n".join(run[0] for half in halves for run in RUN.finditer(half) if is_modern(run[0]))


def is_modern(run: str) -> bool:
    """Most of it is in GB2312, as of any text, while the bytes of a picture are rare characters."""
    return 2 * len(run.encode("gb2312", "ignore").decode("gb2312")) > len(run)


def plain_text(content: bytes) -> str:
    """Text in one of the usual encodings; empty where it is something else."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    if b"\0" in content:
        return ""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030", "replace")
