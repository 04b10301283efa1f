"""The ledger (台账) as an office keeps it: raw rows in, entries or refusals with their reasons out."""

from services.tasks.ledger.domain.entry import Entry, Ledger, Problem, RowProblem
from services.tasks.ledger.domain.grid import Cell, Row, Sheet, letter
from services.tasks.ledger.domain.reader import key_of, read_ledger
from services.tasks.ledger.domain.words import Column, Words

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
