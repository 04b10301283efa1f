"""A sheet of raw cells, as a workbook or a CSV file gives it."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

Cell = str | int | float | bool | date | datetime | time | timedelta | None


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as the office sees it, from 1, and its cells from column A.

    formulas, errors: indexes of the cells that hold a formula, or an error value such as #REF!.
    """

    number: int
    cells: tuple[Cell, ...]
    formulas: frozenset[int] = frozenset()
    errors: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet by name, rows from the first; a cell merged downwards is repeated in each of its rows."""

    name: str
    rows: tuple[Row, ...]


def letter(index: int) -> str:
    """Return the column letters of an index from 0: 0 → A, 26 → AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
