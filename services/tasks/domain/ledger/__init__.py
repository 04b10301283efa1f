"""The ledger (台账) as an office keeps it: raw rows in, entries or refusals with their reasons out."""

from services.tasks.domain.ledger.entry import Entry, Ledger, Problem, RowProblem
from services.tasks.domain.ledger.grid import Cell, Row, Sheet, letter
from services.tasks.domain.ledger.reader import key_of, read_ledger
from services.tasks.domain.ledger.words import Column, Words

__all__ = [
    "Cell",
    "Column",
    "Entry",
    "Ledger",
    "Problem",
    "Row",
    "RowProblem",
    "Sheet",
    "Words",
    "key_of",
    "letter",
    "read_ledger",
]
