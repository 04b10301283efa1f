"""What a ledger yields: entries that may be registered, and what must be mended first."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from contracts.terms import Board
from contracts.units import UnitAddress
from contracts.workdays import Deadline, Weight


class Problem(StrEnum):
    """Why a row, or the whole file, is refused; a unit's reasons carry the prefix `unit_`."""

    NO_LEDGER = "no_ledger"
    SEVERAL_LEDGERS = "several_ledgers"
    NO_ROWS = "no_rows"
    COLUMN_MISSING = "column_missing"
    COLUMN_REPEATED = "column_repeated"
    REQUIRED = "required"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    CLASSIFIED = "classified"
    FORMULA = "formula"
    CELL_ERROR = "cell_error"
    NUMBER_REPEATED = "number_repeated"
    BOARD_UNKNOWN = "board_unknown"
    WEIGHT_UNKNOWN = "weight_unknown"
    DATE_UNREADABLE = "date_unreadable"
    DEADLINE_UNREADABLE = "deadline_unreadable"
    DUE_BEFORE_ASSIGNMENT = "due_before_assignment"
    PROGRESS_UNREADABLE = "progress_unreadable"
    LEAD_MISSING = "lead_missing"
    SEVERAL_LEADS = "several_leads"
    UNIT_UNKNOWN = "unit_unknown"
    UNIT_AMBIGUOUS = "unit_ambiguous"
    UNIT_VAGUE = "unit_vague"
    UNIT_WRONG_COUNT = "unit_wrong_count"
    UNIT_INCOMPLETE = "unit_incomplete"
    UNIT_ENDED = "unit_ended"


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong where: row from 1 and column letter as the office sees them (0 and empty: the file as a whole).

    number, title: how the row calls itself, as far as it says.
    """

    row: int
    column: str
    code: Problem
    message: str
    number: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row, fit to be registered (R8).

    key: the same for the same row of the same ledger, file after file. t0: 09:00 of the day of assignment, UTC.
    progress: per cent, None where the sheet says nothing. notes: what was decided while reading, in Chinese.
    """

    row: int
    key: str
    number: str
    title: str
    board: Board
    source: str
    lead_official: str
    lead: UnitAddress
    responsible: tuple[UnitAddress, ...]
    supporting: tuple[UnitAddress, ...]
    target: str
    verification_form: str
    weight: Weight
    t0: datetime
    deadline_text: str
    deadline: Deadline
    progress: Decimal | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ledger:
    """A whole ledger (台账); nothing may be registered while there are problems.

    issuer: who filed it, as written (填报单位). as_of: the day its progress holds (数据截至). contacts: key →
    telephone, kept apart because it enters no event. unread: headers of the columns that were not understood.
    """

    title: str = ""
    issuer: str = ""
    as_of: date | None = None
    entries: tuple[Entry, ...] = ()
    problems: tuple[RowProblem, ...] = ()
    contacts: Mapping[str, str] = field(default_factory=dict)
    unread: tuple[str, ...] = ()
