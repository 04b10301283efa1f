"""Raw rows out of an office's file: xlsx through calamine, CSV in the encodings Excel writes, and nothing hostile."""

import csv
import io
import posixpath
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from services.tasks.ledger.domain import Cell, Row, Sheet, Words

MOST_BYTES = 32 << 20
MOST_UNPACKED = 256 << 20
MOST_PARTS = 2000
MOST_RATIO = 200
RATIO_FROM = 1 << 20
"""Parts smaller than this, unpacked, may have any ratio."""
MOST_ROWS, MOST_COLUMNS = 100_000, 256

_OLE = b"\xd0\xcf\x11\xe0"
_CHUNK = 1 << 16
_SHEET_XML = ("http://schemas.openxmlformats.org/spreadsheetml/", "http://purl.oclc.org/ooxml/spreadsheetml/")
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    expat.ExpatError,
    CalamineError,
    KeyError,
    ValueError,
    EOFError,
    NotImplementedError,
    RuntimeError,
)
DATA = Path(__file__).parent / "data"


class SheetUnreadable(ValueError):
    """A file that cannot be taken; the message says in Chinese why and what to do."""


def read(source: Path | bytes, name: str = "") -> tuple[Sheet, ...]:
    """Read an xlsx or CSV file into its visible sheets; `name` is the file's name, by default the path's.

    Cells keep their type; a formula or an error value is marked, not evaluated. Merged cells repeat downwards. In a CSV
    file one leading `'` is removed (it protects against formulas, R12), and a cell that begins with `=` is a formula.
    Raises SheetUnreadable.
    """
    data = source if isinstance(source, bytes) else source.read_bytes()
    name = name or (source.name if isinstance(source, Path) else "")
    if len(data) > MOST_BYTES:
        raise SheetUnreadable(f"文件有{len(data) >> 20}MB，最多{MOST_BYTES >> 20}MB；请拆分后分别导入")
    if data.startswith(_OLE):
        raise SheetUnreadable("这是旧版（.xls）或加了密码的文件；请去掉密码并另存为 .xlsx")
    if data.startswith(b"PK"):
        return tuple(_read_workbook(data))
    return (Sheet(Path(name).stem, tuple(_csv_rows(_decoded(data)))),)


def words() -> Words:
    """Load the words of headers, boards and weights."""
    with (DATA / "ledger_words.csv").open(encoding="utf-8-sig", newline="") as file:
        return Words.of((row["kind"], row["code"], row["words"]) for row in csv.DictReader(file))


def _decoded(data: bytes) -> str:
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise SheetUnreadable("既不是 xlsx，也不是 UTF-8 或 GB18030 编码的 CSV；请在 Excel 中另存为 .xlsx")


def _csv_rows(text: str) -> Iterator[Row]:
    head = text[:4096]
    delimiter = "\t" if head.count("\t") > head.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for number, cells in enumerate(reader, 1):
            _check_extent(number, len(cells))
            formulas = frozenset(index for index, cell in enumerate(cells) if cell.startswith("="))
            yield Row(number, tuple(cell.removeprefix("'") for cell in cells), formulas)
    except csv.Error as why:
        raise SheetUnreadable(f"CSV 第{reader.line_num}行无法读取；请检查引号是否成对，或另存为 .xlsx") from why


def _read_workbook(data: bytes) -> Iterator[Sheet]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_archive(archive)
            signs = {title: _Marks.of(archive, part) for title, part in _sheet_parts(archive)}
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as workbook:
            for sheet in workbook.sheets_metadata:
                if sheet.visible is SheetVisibleEnum.Visible and sheet.typ is SheetTypeEnum.WorkSheet:
                    yield Sheet(sheet.name, tuple(_rows(workbook.get_sheet_by_name(sheet.name), signs[sheet.name])))
    except SheetUnreadable:
        raise
    except _BROKEN as why:
        raise SheetUnreadable("文件已损坏或不是 Excel 工作簿；请用 Excel 打开后另存为 .xlsx") from why


def _rows(sheet: CalamineSheet, signs: "_Marks") -> Iterator[Row]:
    grid: list[list[Cell]] = [list(row) for row in sheet.to_python(skip_empty_area=False)]
    for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
        for row in range(top + 1, min(bottom, len(grid) - 1) + 1):
            if left < len(grid[row]):
                grid[row][left] = grid[top][left]
                for marked in (signs.formulas, signs.errors):
                    marked[row] |= marked[top] & {left}
    for index in range(max(len(grid), *(row + 1 for row in (-1, *signs.formulas, *signs.errors)))):
        cells = tuple(grid[index]) if index < len(grid) else ()
        yield Row(index + 1, cells, frozenset(signs.formulas[index]), frozenset(signs.errors[index]))


def _check_archive(archive: zipfile.ZipFile) -> None:
    """Refuse what unpacks to more than it should, before anything is unpacked."""
    parts = archive.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise SheetUnreadable(f"工作簿解压后超过{MOST_UNPACKED >> 20}MB；请删去图片和空白格式后另存，或拆分导入")
    if any(part.file_size > max(RATIO_FROM, MOST_RATIO * part.compress_size) for part in parts):
        raise SheetUnreadable("工作簿的压缩比异常，不予打开；请把内容复制到新的工作簿后另存")
    if len({part.filename.lower() for part in parts}) < len(parts):
        raise SheetUnreadable("工作簿内有重名的部分，不予打开；请用 Excel 打开后另存为 .xlsx")


def _check_extent(rows: int, columns: int) -> None:
    if rows > MOST_ROWS or columns > MOST_COLUMNS:
        raise SheetUnreadable(f"表格超过{MOST_ROWS}行或{MOST_COLUMNS}列；请删去远处的单元格，或拆分后分别导入")


def _sheet_parts(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Yield the name of each worksheet with its part inside the archive."""
    targets = {
        relation["Id"]: posixpath.normpath(posixpath.join("/xl", relation["Target"])).lstrip("/")
        for relation in _elements(archive, "xl/_rels/workbook.xml.rels", "Relationship")
        if relation["Type"].endswith("/worksheet")
    }
    for sheet in _elements(archive, "xl/workbook.xml", "sheet"):
        relation = next(value for key, value in sheet.items() if key.endswith(" id"))
        if relation in targets:
            yield sheet["name"], targets[relation]


def _elements(archive: zipfile.ZipFile, part: str, wanted: str) -> list[dict[str, str]]:
    elements: list[dict[str, str]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(" ")[2] == wanted:
            elements.append(attributes)

    _parse(archive, part, start)
    return elements


def _parse(archive: zipfile.ZipFile, part: str, start: Callable[[str, dict[str, str]], None]) -> None:
    """Walk through one XML part without keeping it; a document type is refused, so nothing can expand."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = _refuse_doctype
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)


def _refuse_doctype(*_: object) -> None:
    raise SheetUnreadable("工作簿内含有文档类型声明，不予打开；请用 Excel 打开后另存为 .xlsx")


@dataclass
class _Marks:
    """Which cells of a worksheet hold a formula or an error, row index → column indexes.

    calamine gives a formula's last value and an error as nothing, so the XML itself is asked.
    """

    formulas: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    errors: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    row: int = -1
    column: int = -1

    @classmethod
    def of(cls, archive: zipfile.ZipFile, part: str) -> "_Marks":
        signs = cls()
        _parse(archive, part, signs.start)
        return signs

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Follow the cells; a reference may be left out, then it is the next one."""
        match name.rpartition(" ")[2]:
            case "row":
                self.row = int(attributes.get("r", self.row + 2)) - 1
                self.column = -1
            case "c":
                self.column = _column(attributes["r"]) if "r" in attributes else self.column + 1
                if attributes.get("t") == "e":
                    _check_extent(self.row + 1, self.column + 1)
                    self.errors[self.row].add(self.column)
            case "v" | "is":
                _check_extent(self.row + 1, self.column + 1)
            case "f" if name.startswith(_SHEET_XML):
                _check_extent(self.row + 1, self.column + 1)
                self.formulas[self.row].add(self.column)


def _column(reference: str) -> int:
    index = 0
    for sign in reference.rstrip("0123456789").upper():
        index = index * 26 + ord(sign) - ord("A") + 1
    return index - 1
