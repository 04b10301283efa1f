"""A whole ledger from raw sheets: pure, every row either an entry or a list of what to mend (R12)."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date

from contracts.units import UnitAddress
from contracts.workdays import DEFAULT_POLICY, Calendar, ClockPolicy
from services.tasks.assignments.domain.draft import number_of
from services.tasks.ledger.domain.entry import Entry, Ledger, Problem, RowProblem
from services.tasks.ledger.domain.grid import Sheet, letter
from services.tasks.ledger.domain.layout import DataRow, Layout, layout_of, lines
from services.tasks.ledger.domain.parties import parties_of
from services.tasks.ledger.domain.row import RowReader, Setting, classified
from services.tasks.ledger.domain.value import text_of
from services.tasks.ledger.domain.words import Column, Words
from services.tasks.register.domain import Register

_NEEDED = (
    Column.NUMBER,
    Column.TITLE,
    Column.LEAD_OFFICIAL,
    Column.RESPONSIBLE,
    Column.TARGET,
    Column.VERIFICATION_FORM,
    Column.ASSIGNED,
    Column.DEADLINE,
)
"""The columns a ledger must have; a lead column serves in place of the responsible one."""


def read_ledger(
    sheets: Iterable[Sheet],
    words: Words,
    register: Register,
    calendar: Calendar,
    policy: ClockPolicy = DEFAULT_POLICY,
    today: date | None = None,
    issuer: UnitAddress | None = None,
) -> Ledger:
    """Read the one sheet that is a ledger.

    today: the day the units must stand, None for the present. issuer: the unit that files it, in whose region the
    names of leads are looked for; by default the one the sheet names (填报单位). Everything wrong is in `problems`.
    """
    laid_out = [(sheet, layout) for sheet in sheets if (layout := layout_of(sheet, words))]
    if len(laid_out) != 1:
        return Ledger(problems=(_which_sheet([sheet.name for sheet, _ in laid_out], words),))
    sheet, layout = laid_out[0]
    data = list(lines(sheet, layout, words))
    refusals = tuple(_refusals(sheet, layout, words, {line.row.number for line in data}))
    if refusals:
        return Ledger(layout.title, layout.issuer, layout.as_of, problems=refusals, unread=layout.unread)
    filed_by = issuer or next((unit.address for unit in register.resolve(layout.issuer, on=today).units), None)
    setting = Setting(layout, words, register, calendar, policy, today, filed_by)
    return _ledger(data, setting)


def key_of(ledger: str, number: str, title: str) -> str:
    """Return the key of a row: 32 hex digits over the ledger's title, the row's number and its title, spacing apart."""
    text = "\x1f".join(map(_bare, (ledger, number_of(number), title)))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _bare(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def _which_sheet(names: list[str], words: Words) -> RowProblem:
    if names:
        message = f"工作簿里有{len(names)}张表都像台账：{'、'.join(names)}；请只保留要导入的一张"
        return RowProblem(0, "", Problem.SEVERAL_LEDGERS, message)
    needed = "、".join(words.labels[column] for column in _NEEDED)
    return RowProblem(0, "", Problem.NO_LEDGER, f"前30行里找不到台账表头；表头至少要有：{needed}")


def _refusals(sheet: Sheet, layout: Layout, words: Words, data: set[int]) -> Iterator[RowProblem]:
    """Yield what makes the whole sheet unfit: columns missing or met twice, classified words outside the data rows."""
    number = layout.header.number
    for column in _NEEDED:
        if column not in layout.columns and not (column is Column.RESPONSIBLE and Column.LEAD in layout.columns):
            message = f"缺少“{words.labels[column]}”列；请在表头中补上"
            yield RowProblem(number, "", Problem.COLUMN_MISSING, message)
    for index in layout.repeated:
        message = f"“{text_of(layout.header.cells[index])}”与前面的列重复；请只保留一列"
        yield RowProblem(number, letter(index), Problem.COLUMN_REPEATED, message)
    for row in sheet.rows:
        if row.number not in data:
            yield from classified(row)


def _ledger(data: list[DataRow], setting: Setting) -> Ledger:
    entries: list[Entry] = []
    problems: list[RowProblem] = []
    contacts: dict[str, str] = {}
    numbers: dict[str, int] = {}
    for line in data:
        row = RowReader(line, setting)
        entry, contact = _entry(row, numbers), row.text(Column.CONTACT)
        problems += sorted(row.problems, key=lambda problem: (len(problem.column), problem.column))
        if entry and not row.problems:
            entries.append(entry)
            contacts |= {entry.key: contact} if contact else {}
    if not entries and not problems:
        problems.append(
            RowProblem(setting.layout.header.number, "", Problem.NO_ROWS, "表头下面没有事项；请填写后再导入")
        )
    head = setting.layout
    return Ledger(head.title, head.issuer, head.as_of, tuple(entries), tuple(problems), contacts, head.unread)


def _entry(row: RowReader, numbers: dict[str, int]) -> Entry | None:
    """Return the entry of a row; None when it has any problem. `numbers` → the row where each was first met."""
    row.refuse_bad_cells()
    row.refuse_bad_lengths()
    number, title = row.text(Column.NUMBER), row.text(Column.TITLE)
    _refuse_repeated(row, number, numbers)
    board, weight, t0 = row.board(), row.weight(), row.t0()
    deadline, progress, parties = row.deadline(t0, weight), row.progress(), parties_of(row)
    if not (board and weight and t0 and deadline and parties):
        return None
    return Entry(
        row=row.line.row.number,
        key=key_of(row.setting.layout.title, number, title),
        number=number,
        title=title,
        board=board,
        source=row.text(Column.SOURCE),
        lead_official=row.text(Column.LEAD_OFFICIAL),
        lead=parties.lead,
        responsible=parties.responsible,
        supporting=parties.supporting,
        target=row.text(Column.TARGET),
        verification_form=row.text(Column.VERIFICATION_FORM),
        weight=weight,
        t0=t0,
        deadline_text=row.text(Column.DEADLINE),
        deadline=deadline,
        progress=progress,
        notes=parties.notes,
    )


def _refuse_repeated(row: RowReader, number: str, numbers: dict[str, int]) -> None:
    first = numbers.setdefault(_bare(number_of(number)), row.line.row.number)
    if number and first != row.line.row.number:
        row.refuse(Column.NUMBER, Problem.NUMBER_REPEATED, f"“{number}”与第{first}行重复；请改为不同的序号")
