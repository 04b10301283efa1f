"""How an office lays a ledger out: title rows, the header, group rows, data rows, notes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from contracts.terms import Board
from services.tasks.ledger.domain.grid import Cell, Row, Sheet
from services.tasks.ledger.domain.value import ValueUnreadable, date_of, text_of
from services.tasks.ledger.domain.words import Column, Words, plain

LONGEST_TITLE = 120
_HEADER_WITHIN = 30
_HEADER_AT_LEAST = 3
_AS_OF = re.compile(r"(?:数据)?截[至止](?:日期|时间)?\s*[:：]?\s*(\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?)")
_DATED = re.compile(r"[(（]\s*(?:数据)?截[至止][^()（）]*[)）]|(?:数据)?截[至止].*$")
_ISSUER = re.compile(r"(?:填报|报送|编制|制表)单位\s*[:：]\s*(\S+)")
_GROUP = re.compile(r"([一二三四五六七八九十]+[、.．]|[(（][一二三四五六七八九十\d]+[)）])\s*(.+)")
_NOTE = re.compile(r"(?:备?注|说明|填表说明)\s*\d*\s*(?:[:：.、].*|$)", re.DOTALL)
_SUM = re.compile(r"(?:合|小|总|共)\s*计\s*[:：]?")
_SIGNED = re.compile(
    r"(?:填报人|填表人|审核人|制表人|联系人|负责人|主要负责人|单位负责人|填报日期)\s*[:：].*", re.DOTALL
)
_ASIDE = re.compile(r"附[件表]\s*[\d一二三四五六七八九十]*\s*[:：]?|[^:：]{2,8}[:：].*", re.DOTALL)
_FIRST_IS_LEAD = re.compile(r"(?:第一位|首位|排(?:在)?第一)的?(?:责任)?单位.{0,4}(?:为|是)牵头")


@dataclass(frozen=True, slots=True)
class DataRow:
    """One data row: its cells by column, and the board its group row names."""

    row: Row
    cells: dict[Column, Cell]
    group: Board | None


@dataclass(frozen=True)
class Layout:
    """Where things stand on a sheet.

    columns: column → index; repeated: headers whose column was met before; unread: headers not understood.
    first_is_lead: the sheet has no lead column, or a note says that the first responsible unit leads.
    """

    header: Row
    columns: dict[Column, int]
    repeated: tuple[int, ...]
    unread: tuple[str, ...]
    title: str
    issuer: str
    as_of: date | None
    first_is_lead: bool


def layout_of(sheet: Sheet, words: Words) -> Layout | None:
    """Find the header by its words, and what the rows above it say; None when the sheet is no ledger."""
    candidates = [(len(_columns(row, words)[0]), -row.number, row) for row in sheet.rows[:_HEADER_WITHIN]]
    matched, _, header = max(candidates, default=(0, 0, None))
    if header is None or matched < _HEADER_AT_LEAST:
        return None
    columns, repeated = _columns(header, words)
    if Column.TITLE not in columns:
        return None
    unread = (text_of(cell) for index, cell in enumerate(header.cells) if index not in {*columns.values(), *repeated})
    above = [" ".join(filter(None, _texts(row))) for row in sheet.rows if row.number < header.number]
    text_above = "\n".join(above)
    issuer = _ISSUER.search(text_above)
    noted = any(_FIRST_IS_LEAD.search(text) for row in sheet.rows for text in _texts(row) if _NOTE.match(text))
    return Layout(
        header=header,
        columns=columns,
        repeated=tuple(repeated),
        unread=tuple(text for text in unread if text),
        title=_title(above),
        issuer=issuer[1] if issuer else "",
        as_of=_as_of(text_above),
        first_is_lead=noted or Column.LEAD not in columns,
    )


def _title(above: list[str]) -> str:
    """Return what stands above the header once the filing unit, the date and the appendix number are taken off."""
    bare = (_DATED.sub("", _AS_OF.sub("", _ISSUER.sub("", text))).strip(" 　()（）,，;；") for text in above)
    titles = [text for text in bare if text and not _ASIDE.fullmatch(text)]
    return next((text for text in titles if re.search("台账|清单|表", text)), "".join(titles[:1]))[:LONGEST_TITLE]


def lines(sheet: Sheet, layout: Layout, words: Words) -> Iterator[DataRow]:
    """Yield the data rows; a group row (一、日常交办) gives its board to the rows below it.

    Left out: empty rows, rows of a number alone, notes, sums, signatures, and the header where a page repeats it.
    """
    group: Board | None = None
    noted = False
    for row in sheet.rows[layout.header.number :]:
        texts = [text for text in _texts(row) if text]
        noted = bool(texts) and (bool(_NOTE.match(texts[0])) or (noted and len(texts) == 1))
        if len(texts) == 1 and _is_group(texts[0], words):
            group = _board_under(texts[0], group, words)
        elif not noted and not _left_out(row, texts, layout, words):
            cells = {column: row.cells[index] for column, index in layout.columns.items() if index < len(row.cells)}
            yield DataRow(row, cells, group)


def _columns(row: Row, words: Words) -> tuple[dict[Column, int], list[int]]:
    columns: dict[Column, int] = {}
    repeated = []
    for index, text in enumerate(_texts(row)):
        column = words.columns.get(plain(text))
        if column and column in columns:
            repeated.append(index)
        elif column:
            columns[column] = index
    return columns, repeated


def _is_group(text: str, words: Words) -> bool:
    return plain(text) in words.boards or bool(_GROUP.fullmatch(text))


def _board_under(text: str, current: Board | None, words: Words) -> Board | None:
    """Return the board a group row opens; a group within the group, （一）…, keeps the current one."""
    match = _GROUP.fullmatch(text)
    board = words.boards.get(plain(match[2] if match else text))
    return current if board is None and text[0] in "(（" else board


def _left_out(row: Row, texts: list[str], layout: Layout, words: Words) -> bool:
    if not texts or (len(texts) == 1 and texts[0].isdecimal()):
        read = {index for column, index in layout.columns.items() if column is not Column.NUMBER}
        return read.isdisjoint(row.formulas | row.errors)
    if plain(texts[0]) in words.columns and len(_columns(row, words)[0]) >= len(layout.columns) - 1:
        return True
    return bool(_SUM.fullmatch(texts[0]) or _SIGNED.fullmatch(texts[0]))


def _as_of(text_above: str) -> date | None:
    match = _AS_OF.search(text_above)
    try:
        return date_of(match[1]) if match else None
    except ValueUnreadable:
        return None


def _texts(row: Row) -> list[str]:
    return [text_of(cell) for cell in row.cells]
