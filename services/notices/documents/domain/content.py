"""What a document says: the frozen words that are numbered, hashed and kept at signing, before any page exists."""

import datetime
import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

DOC_NUMBER = re.compile(r"[^\s〔〕]+〔[1-9]\d{3}〕[1-9]\d*号")
COPY_NUMBER = re.compile(r"\d{6}")
WEB_ADDRESS = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~/-]*)?")
LONGEST = 26
"""三号 characters of a line that ends two characters from the right."""
INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})


def _visible(text: str) -> str:
    for character in text:
        if unicodedata.category(character) in INVISIBLE and character != "\n":
            raise ValueError(f"含有不可见或未定义的字符 U+{ord(character):04X}，请删去后重填")
    return text.strip()


def _line(text: str) -> str:
    if "\n" in text.strip():
        raise ValueError("应为一行文字，请去掉换行或者分成几段")
    if not text.strip():
        raise ValueError("不能为空，请填写")
    return text.strip()


def _doc_number(text: str) -> str:
    if not DOC_NUMBER.fullmatch(text):
        raise ValueError("发文字号应写作“代字〔年份〕序号号”，如“示改办督〔2026〕12号”，不加“第”，序号不编虚位")
    return text


def _copy_number(text: str) -> str:
    if not COPY_NUMBER.fullmatch(text):
        raise ValueError("份号应为六位数字，如“000012”")
    return text


def _web_address(text: str) -> str:
    if not WEB_ADDRESS.fullmatch(text):
        raise ValueError("核验网址应以 http:// 或 https:// 开头，不含参数，如“https://duban.example.gov.cn/verify”")
    return text


def _bare_end(text: str) -> str:
    if text.endswith(("：", ":", "。")):
        raise ValueError("末尾不写标点，标点由版式加")
    return text


def _fits_one_line(text: str) -> str:
    if len(text) > LONGEST:
        raise ValueError(f"不超过{LONGEST}个字，请用规范化简称")
    return text


Prose = Annotated[str, AfterValidator(_visible)]
PrintedLine = Annotated[str, AfterValidator(_visible), AfterValidator(_line)]
Names = Annotated[PrintedLine, AfterValidator(_bare_end)]
Short = Annotated[PrintedLine, AfterValidator(_fits_one_line)]
Millimetres = Annotated[int, Field(ge=30, le=60)]


class Format(StrEnum):
    """公文格式: the file with a red rule, or the letter (信函格式) with red double rules."""

    FILE = "file"
    LETTER = "letter"


class Urgency(StrEnum):
    """紧急程度."""

    EXTRA_URGENT = "特急"
    URGENT = "加急"


class Seal(StrEnum):
    """印章: awaited (the page says so and keeps its place free), or a document that carries none.

    No seal is ever drawn here: a seal is a signature over the finished file (GB/T 38540) by an outside provider.
    """

    PENDING = "pending"
    NONE = "none"


class Words(BaseModel):
    """A frozen part of a document; unknown fields are refused, so nothing unprinted is ever signed."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Paragraph(Words):
    """One paragraph: 正文 `p`, 一、 `h1` (黑体), （一） `h2` (楷体); `run_on` is 正文 in the heading's own line."""

    kind: Literal["p", "h1", "h2"]
    text: PrintedLine
    run_on: PrintedLine | None = None


class Column(Words):
    """A column of a table; widths are shares of the type area."""

    title: PrintedLine
    width: Annotated[int, Field(ge=1, le=100)]
    align: Literal["left", "center", "right"] = "center"


class Table(Words):
    """A ruled list; its heading row repeats on every page it reaches."""

    kind: Literal["table"]
    columns: Annotated[tuple[Column, ...], Field(min_length=1, max_length=12)]
    rows: tuple[tuple[Prose, ...], ...]

    @model_validator(mode="after")
    def _rectangular(self) -> Self:
        for number, row in enumerate(self.rows, 1):
            if len(row) != len(self.columns):
                raise ValueError(f"表格第{number}行有{len(row)}格，应与表头一致，为{len(self.columns)}格")
        return self


class Entry(Words):
    """A labelled space of a form; `lines` keeps room to write by hand."""

    label: PrintedLine
    text: Prose = ""
    lines: Annotated[int, Field(ge=1, le=12)] = 1


class Form(Words):
    """The table of an internal slip (督查通知单, 提示单, 交办单, 催办单): rows of one or two labelled spaces."""

    kind: Literal["form"]
    rows: Annotated[tuple[Annotated[tuple[Entry, ...], Field(min_length=1, max_length=2)], ...], Field(min_length=1)]


Block = Annotated[Paragraph | Table | Form, Field(discriminator="kind")]


class Attachment(Words):
    """附件: begins on a page of its own, before the colophon."""

    title: Names
    body: Annotated[tuple[Block, ...], Field(min_length=1)]


class Document(Words):
    """公文: everything a red-head document or an internal slip prints; no number means it is not signed yet.

    `title` is broken into lines by `headline` unless `title_lines` says how; `to` and `cc` carry their own separators.
    A field added later must default to None or (), so that the digest of what is already signed stays the same.
    """

    format: Format
    mark: Short
    title: PrintedLine
    body: Annotated[tuple[Block, ...], Field(min_length=1)]
    issuer: Short
    date: datetime.date
    doc_number: Annotated[PrintedLine, AfterValidator(_doc_number)] | None = None
    signer: Short | None = None
    urgency: Urgency | None = None
    copy_no: Annotated[str, AfterValidator(_copy_number)] | None = None
    title_lines: tuple[PrintedLine, ...] = ()
    to: Names | None = None
    attachments: tuple[Attachment, ...] = ()
    note: PrintedLine | None = None
    seal: Seal = Seal.PENDING
    seal_mm: Millimetres = 42
    cc: Names | None = None
    printer: Short | None = None
    print_date: datetime.date | None = None
    watermark: Short | None = None
    verify_at: Annotated[str, AfterValidator(_web_address)] | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.title_lines and "".join(self.title_lines) != self.title:
            raise ValueError("标题分行（title_lines）连起来应与标题（title）一致")
        if (self.printer is None) != (self.print_date is None):
            raise ValueError("印发机关（printer）和印发日期（print_date）应同时填写，或者都不填")
        if self.format is Format.LETTER and self.printer is not None:
            raise ValueError("信函格式的版记不印印发机关（printer）和印发日期（print_date），请删去")
        if self.format is Format.LETTER and self.signer is not None:
            raise ValueError("信函格式不标签发人（signer），上行文请用文件格式（file）")
        return self


def numbered(document: Document, doc_number: str, on: datetime.date) -> Document:
    """The document as signed: with its number and the day of signing, checked anew (ValidationError if not fit)."""
    return Document.model_validate(document.model_dump() | {"doc_number": doc_number, "date": on})


def canonical(document: Document) -> bytes:
    """The one spelling of a document: compact UTF-8 JSON, keys sorted, nothing that is null or an empty list."""
    words = _spelled(document.model_dump(mode="json"))
    return json.dumps(words, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(document: Document) -> str:
    """SHA-256 of the canonical JSON, 64 hexadecimal digits: what the page prints and the register keeps."""
    return hashlib.sha256(canonical(document)).hexdigest()


def date_text(day: datetime.date) -> str:
    """A date as documents write it: full year, no zero padding."""
    return f"{day.year}年{day.month}月{day.day}日"


def texts(document: Document) -> Iterator[str]:
    """Every text of the document, one by one."""
    return _texts(document.model_dump(mode="json"))


def characters(document: Document) -> frozenset[str]:
    """Every character the document's own words will print."""
    return frozenset("".join(texts(document))) - {"\n"}


def _spelled(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _spelled(part) for key, part in value.items() if part is not None and part != []}
    return [_spelled(part) for part in value] if isinstance(value, list) else value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)
    else:
        yield str(value)
