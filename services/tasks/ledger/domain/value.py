"""What a single cell says: a text, a date, a percentage."""

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from contracts.values import without_format_characters
from services.tasks.ledger.domain.grid import Cell

_DATE = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?(?:[T ]?00:00(?::00(?:\.0+)?)?)?", re.ASCII
)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_PERCENT = re.compile(r"约?(\d{1,3}(?:\.\d+)?)(%?)", re.ASCII)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
YEARS = range(2000, 2100)


class ValueUnreadable(ValueError):
    """A cell that cannot be read as what its column holds; the message says in Chinese what to write."""


def text_of(cell: Cell) -> str:
    """Return a cell as text, trimmed, without invisible signs: 1.0 → `1`, a date → `2026-11-30`, none → empty."""
    match cell:
        case None:
            return ""
        case str():
            plain = _CONTROL.sub("", cell.replace("\r\n", "\n").replace("\r", "\n"))
            return without_format_characters(plain).strip()
        case bool():
            return "是" if cell else "否"
        case float():
            return str(int(cell)) if cell.is_integer() else repr(cell)
        case datetime():
            return cell.date().isoformat() if cell.time() == time(0) else cell.isoformat(" ", "minutes")
        case date() | time():
            return cell.isoformat()
        case timedelta() | int():
            return str(cell)


def date_of(cell: Cell) -> date:
    """Read a day: a date cell, 2026-11-09, 2026/11/9, 2026.11.9, 2026年11月9日 or 20261109. Raises ValueUnreadable."""
    if isinstance(cell, date):
        return cell.date() if isinstance(cell, datetime) else cell
    text = unicodedata.normalize("NFKC", text_of(cell))
    match = _DATE.fullmatch(text) or (_COMPACT.fullmatch(text) if isinstance(cell, str) else None)
    if not match:
        raise ValueUnreadable(f"“{text}”不是日期；请写成 2026-11-09 或 2026年11月9日，并把单元格设为文本或日期格式")
    try:
        day = date(*(int(part) for part in match.groups()))
    except ValueError:
        raise ValueUnreadable(f"“{text}”这一天不存在；请核对年月日") from None
    if day.year not in YEARS:
        raise ValueUnreadable(f"“{text}”的年份应在{YEARS[0]}至{YEARS[-1]}之间；请核对")
    return day


def percent_of(cell: Cell) -> Decimal | None:
    """Read a progress in per cent, 0 to 100; None when empty. Raises ValueUnreadable.

    With a per cent sign the number is as written: `60%` → 60. Without one, a number up to 1 is a share, because that
    is how a sheet keeps a cell formatted as per cent, and a larger one is already per cent: 0.8 → 80, 1 → 100, 55 → 55.
    """
    text = unicodedata.normalize("NFKC", text_of(cell)).replace(" ", "")
    if not text:
        return None
    match = None if isinstance(cell, bool | date | time | timedelta) else _PERCENT.fullmatch(text)
    number = Decimal(match[1]) if match else Decimal(-1)
    if match and not match[2] and number <= 1:
        number *= 100
    if not 0 <= number <= 100:
        raise ValueUnreadable(f"“{text}”不是0至100的进度；请写成 60%、60 或 0.6")
    return round(number, 2)
