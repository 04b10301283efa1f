"""A ledger taken in (收录): which rows are new, which are registered already, which are refused and why (R12)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from contracts.region import Node
from contracts.register import Post, Unit
from contracts.terms import Role
from contracts.workdays import closing, day_of
from services.tasks.assignments.domain.bounds import RETURN_DAYS
from services.tasks.assignments.domain.draft import Draft, number_of, task_id_of
from services.tasks.assignments.domain.gate import Fault, faults, unmeasurable
from services.tasks.assignments.domain.registration import number_taken
from services.tasks.ledger.domain import Entry, Ledger, Problem, RowProblem
from services.tasks.register.domain import Register
from services.tasks.register.domain.post import meant
from services.tasks.register.domain.timetable import Timetable

NAMED = 20


class Outcome(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    RECOGNISED = "recognised"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong in a row, or only worth knowing: column letter or field, a named reason, a Chinese message."""

    column: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class RowResult:
    """One row of the answer; row 0 is the file as a whole.

    units: the first of them by short name, the lead before all; parts: how many there are.
    """

    row: int
    outcome: Outcome
    number: str = ""
    title: str = ""
    units: tuple[str, ...] = ()
    parts: int = 0
    due: datetime | None = None
    percent: str = ""
    problems: tuple[Trouble, ...] = ()
    warnings: tuple[Trouble, ...] = ()


@dataclass(frozen=True, slots=True)
class Conditions:
    """What holds for the whole file: who gives it out, from where, and what is history.

    as_of: the day progress holds, else what the sheet says, else now. posts: those of the issuer's own region.
    """

    issuer: Unit
    node: Node
    now: datetime
    historical_before: datetime
    as_of: date | None
    posts: tuple[Post, ...] = ()


@dataclass(frozen=True, slots=True)
class Intake:
    """Every row's result, and the drafts of the new ones; nothing is registered while a row is refused."""

    results: tuple[RowResult, ...]
    drafts: tuple[Draft, ...]

    def count(self, outcome: Outcome) -> int:
        """Rows of one outcome."""
        return sum(result.outcome is outcome for result in self.results)


def drafted(ledger: Ledger, register: Register, timetable: Timetable, conditions: Conditions) -> dict[int, Draft]:
    """The draft of every readable row, by its number in the sheet."""
    as_of = conditions.as_of or ledger.as_of
    moment = closing(as_of) if as_of else conditions.now
    return {entry.row: _draft(entry, ledger.title, register, timetable, conditions, moment) for entry in ledger.entries}


def taken_in(
    ledger: Ledger,
    drafts: Mapping[int, Draft],
    registered: Mapping[UUID, str],
    taken: Mapping[str, str],
    register: Register,
) -> Intake:
    """Judge every row. registered: titles of tasks on the ledger, by id; taken: the ledger's numbers, with titles."""
    notes = {entry.row: entry.notes for entry in ledger.entries}
    results = [_judged(row, draft, notes[row], registered, taken, register) for row, draft in drafts.items()]
    results += _refused(ledger.problems)
    results.sort(key=lambda result: result.row)
    new = {result.row for result in results if result.outcome is Outcome.NEW}
    return Intake(tuple(results), tuple(draft for row, draft in drafts.items() if row in new))


def _draft(
    entry: Entry, title: str, register: Register, timetable: Timetable, conditions: Conditions, as_of: datetime
) -> Draft:
    roles = ((Role.RESPONSIBLE, entry.responsible), (Role.SUPPORTING, entry.supporting))
    others = [(register.units[address], role) for role, addresses in roles for address in addresses]
    return Draft(
        task_id=task_id_of(conditions.node, conditions.issuer, entry.key),
        issuer=conditions.issuer,
        ledger=title[:120],
        number=number_of(entry.number),
        title=entry.title,
        board=entry.board,
        weight=entry.weight,
        source=entry.source,
        lead_official=entry.lead_official,
        lead_post=meant(entry.lead_official, conditions.posts, day_of(conditions.now)),
        target=entry.target,
        verification_form=entry.verification_form,
        instruction="",
        t0=entry.t0,
        deadline_text=entry.deadline_text,
        clocks=timetable.clocks(entry.deadline, entry.t0),
        return_until=timetable.within(RETURN_DAYS, entry.t0),
        parts=((register.units[entry.lead], Role.LEAD), *others),
        historical_before=conditions.historical_before,
        percent=entry.progress,
        as_of=as_of,
    )


def _judged(
    row: int,
    draft: Draft,
    notes: tuple[str, ...],
    registered: Mapping[UUID, str],
    taken: Mapping[str, str],
    register: Register,
) -> RowResult:
    recognised = draft.task_id in registered
    wrong = [] if recognised else [*faults(draft, register), *_taken(draft, taken)]
    outcome = Outcome.RECOGNISED if recognised else Outcome.REFUSED if wrong else Outcome.NEW
    return RowResult(
        row=row,
        outcome=outcome,
        number=draft.number,
        title=draft.title,
        units=tuple(unit.short for unit, _ in draft.parts[:NAMED]),
        parts=len(draft.parts),
        due=draft.clocks[-1].due,
        percent="" if draft.percent is None else f"{draft.percent:f}",
        problems=_troubles(wrong),
        warnings=(*_troubles(unmeasurable(draft)), *(Trouble("", "note", note) for note in notes)),
    )


def _taken(draft: Draft, taken: Mapping[str, str]) -> list[Fault]:
    """The ledger was numbered anew: the number stands for another task."""
    return [number_taken(draft.number, taken[draft.number])] if draft.number in taken else []


def _troubles(faults: Iterable[Fault]) -> tuple[Trouble, ...]:
    return tuple(Trouble(fault.field, fault.code, fault.message) for fault in faults)


def _refused(problems: Iterable[RowProblem]) -> list[RowResult]:
    """One result for each row that could not be read; what may be classified is not repeated."""
    rows: dict[int, list[RowProblem]] = {}
    for problem in problems:
        rows.setdefault(problem.row, []).append(problem)
    results = []
    for row, wrong in rows.items():
        troubles = tuple(Trouble(each.column, each.code, each.message) for each in wrong)
        named = wrong[0] if Problem.CLASSIFIED not in {each.code for each in wrong} else None
        number, title = (named.number, named.title) if named else ("", "")
        results.append(RowResult(row, Outcome.REFUSED, number=number, title=title, problems=troubles))
    return results
