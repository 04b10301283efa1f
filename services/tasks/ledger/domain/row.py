"""One data row of a ledger: what each cell says, and every reason why it cannot be taken."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from contracts.register import Unit
from contracts.secrecy import secrecy_mark
from contracts.terms import Board
from contracts.units import UnitAddress
from contracts.workdays import Calendar, ClockPolicy, Deadline, DeadlineUnreadable, Weight, deadline_of, opening
from services.tasks.ledger.domain.entry import Problem, RowProblem
from services.tasks.ledger.domain.grid import Cell, Row, letter
from services.tasks.ledger.domain.layout import DataRow, Layout
from services.tasks.ledger.domain.value import ValueUnreadable, date_of, percent_of, text_of
from services.tasks.ledger.domain.words import Column, Words, plain
from services.tasks.register.domain import Register

LENGTHS: dict[Column, tuple[int, int]] = {
    Column.NUMBER: (1, 60),
    Column.TITLE: (2, 300),
    Column.SOURCE: (0, 200),
    Column.LEAD_OFFICIAL: (1, 120),
    Column.TARGET: (1, 2000),
    Column.VERIFICATION_FORM: (1, 500),
    Column.DEADLINE: (0, 60),
    Column.CONTACT: (0, 100),
}
"""How short and how long a text may be; what may not be empty is what registration asks for (R8)."""

ONE_LINE = {Column.NUMBER, Column.TITLE, Column.SOURCE, Column.LEAD_OFFICIAL, Column.DEADLINE}
_ANY_LENGTH = (0, 5000)
NAME = 60
"""Characters by which a refused row is called."""

T = TypeVar("T")


@dataclass(frozen=True)
class Setting:
    """What rows are read against: the units that stand on `today`, and the unit that files the ledger."""

    layout: Layout
    words: Words
    register: Register
    calendar: Calendar
    policy: ClockPolicy
    today: date | None
    issuer: UnitAddress | None


@dataclass(frozen=True)
class RowReader:
    """Reads the cells of one row; what cannot be read becomes None and a problem."""

    line: DataRow
    setting: Setting
    problems: list[RowProblem] = field(default_factory=list)
    spoilt: set[Column] = field(default_factory=set)

    def refuse(self, column: Column, code: Problem, message: str) -> None:
        """Note a problem of one column; the message begins with the column's name."""
        index = self.setting.layout.columns.get(column)
        label = self.setting.words.labels[column]
        where = "" if index is None else letter(index)
        number, title = self.text(Column.NUMBER)[:NAME], self.text(Column.TITLE)[:NAME]
        self.problems.append(RowProblem(self.line.row.number, where, code, f"{label}：{message}", number, title))

    def refuse_bad_cells(self) -> None:
        """Refuse formulas and error values in the columns that are read, and classified words anywhere."""
        row = self.line.row
        for column, index in self.setting.layout.columns.items():
            if index in row.formulas:
                self.spoilt.add(column)
                self.refuse(column, Problem.FORMULA, "单元格是公式；请复制后选择性粘贴为数值")
            elif index in row.errors:
                self.spoilt.add(column)
                self.refuse(column, Problem.CELL_ERROR, "单元格是错误值（如 #REF!、#N/A）；请改为实际内容")
        self.problems.extend(classified(row, self.setting.layout.header))

    def refuse_bad_lengths(self) -> None:
        """Refuse a text that is empty where it may not be, too short or too long."""
        for column in set(self.setting.layout.columns) - self.spoilt:
            text, (least, most) = self.text(column), LENGTHS.get(column, _ANY_LENGTH)
            if not text and least:
                self.refuse(column, Problem.REQUIRED, "未填写；请补填")
            elif len(text) < least:
                self.refuse(column, Problem.TOO_SHORT, f"“{text}”不足{least}个字；请写完整")
            elif len(text) > most:
                self.refuse(column, Problem.TOO_LONG, f"共{len(text)}个字，最多{most}个；请精简，详情另附材料")

    def text(self, column: Column) -> str:
        """Return the text of a column, empty where the sheet has none; a title and its like stand on one line."""
        text = text_of(self._cell(column))
        return " ".join(text.split()) if column in ONE_LINE else text

    def board(self) -> Board | None:
        """Return the board in its column, else that of the group row above."""
        text = self.text(Column.BOARD)
        board = self.setting.words.boards.get(plain(text)) if text else self.line.group
        if board or Column.BOARD in self.spoilt:
            return board
        usual = {board: word for word, board in reversed(list(self.setting.words.boards.items()))}
        choices = "、".join(usual[board] for board in Board if board in usual)
        code = Problem.BOARD_UNKNOWN if text else Problem.REQUIRED
        self.refuse(Column.BOARD, code, f"{f'“{text}”不是板块' if text else '未填写'}；请填：{choices}")
        return None

    def weight(self) -> Weight | None:
        """Return the weight (一般 / 重大); ordinary where nothing is written."""
        text = self.text(Column.WEIGHT)
        weight = self.setting.words.weights.get(plain(text)) if text else Weight.ORDINARY
        if weight is None:
            self.refuse(Column.WEIGHT, Problem.WEIGHT_UNKNOWN, f"“{text}”应为一般或重大")
        return weight

    def t0(self) -> datetime | None:
        """Return the moment of assignment: 09:00 of its day in Asia/Shanghai (R1)."""
        cell = self._cell(Column.ASSIGNED)
        if Column.ASSIGNED in self.spoilt:
            return None
        if not text_of(cell):
            self.refuse(Column.ASSIGNED, Problem.REQUIRED, "未填写；请填交办那一天，例如 2026-11-09")
            return None
        day = self._read(Column.ASSIGNED, Problem.DATE_UNREADABLE, date_of)
        return opening(day) if day else None

    def deadline(self, t0: datetime | None, weight: Weight | None) -> Deadline | None:
        """Return the deadline as R1 reads it; one that ends before the assignment is refused."""
        text, cell = self.text(Column.DEADLINE), self._cell(Column.DEADLINE)
        if t0 is None or weight is None or Column.DEADLINE in self.spoilt:
            return None
        try:
            written = cell if isinstance(cell, date) else text
            deadline = deadline_of(written, t0, weight, self.setting.calendar, self.setting.policy)
        except DeadlineUnreadable as why:
            self.refuse(Column.DEADLINE, Problem.DEADLINE_UNREADABLE, str(why).removeprefix("完成时限"))
            return None
        if deadline.due and deadline.due < t0:
            self.refuse(Column.DEADLINE, Problem.DUE_BEFORE_ASSIGNMENT, f"“{text}”早于交办日期；请核对两个日期")
        return deadline

    def progress(self) -> Decimal | None:
        """Return the progress in per cent; None where the sheet says nothing."""
        if Column.PROGRESS in self.spoilt:
            return None
        return self._read(Column.PROGRESS, Problem.PROGRESS_UNREADABLE, percent_of)

    def units(self, column: Column, text: str, lead: UnitAddress | None) -> tuple[Unit, ...]:
        """Resolve unit names of a column beside the lead unit; each name that fails is a problem of its own."""
        meaning = self.setting.register.resolve(text, lead or self.setting.issuer, self.setting.today)
        for problem in meaning.problems:
            self.refuse(column, Problem(f"unit_{problem.reason}"), problem.message)
        return meaning.units

    def _cell(self, column: Column) -> Cell:
        return self.line.cells.get(column)

    def _read(self, column: Column, code: Problem, read: Callable[[Cell], T]) -> T | None:
        try:
            return read(self._cell(column))
        except ValueUnreadable as why:
            self.refuse(column, code, str(why))
            return None


def classified(row: Row, header: Row | None = None) -> list[RowProblem]:
    """Refuse every cell of a row that carries a mark of classified matter; `header` names the columns, if any."""
    labels = dict(enumerate(text_of(cell) for cell in header.cells)) if header else {}
    problems = []
    for index, cell in enumerate(row.cells):
        if mark := secrecy_mark(text_of(cell)):
            where = f"{labels[index]}：" if labels.get(index) else ""
            message = f"{where}含“{mark}”字样；涉密事项不得进入本系统，请删除后另行办理"
            problems.append(RowProblem(row.number, letter(index), Problem.CLASSIFIED, message))
    return problems
