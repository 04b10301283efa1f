"""What a reader asks of the ledger, read from the address bar: no value of it can fail, it can only mean less."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlencode

from contracts.terms import AssignmentState, Board, Light, NextStep, Role, TaskState
from contracts.workdays import ZONE, ClockKind


class Due(StrEnum):
    """Due dates in whole days of Asia/Shanghai: past and still open, today, within 7 days, within 31 days, none."""

    OVERDUE = "overdue"
    TODAY = "today"
    WEEK = "week"
    MONTH = "month"
    NONE = "none"


class View(StrEnum):
    """Tasks in which the reader's unit has an open part, leads, is responsible, has yet to acknowledge, is due soon."""

    MINE = "mine"
    LEAD = "lead"
    RESPONSIBLE = "responsible"
    UNACKNOWLEDGED = "unacknowledged"
    DUE_SOON = "due_soon"


class Queue(StrEnum):
    """What waits for the reader: to acknowledge, to work on, to decide, to verify, to write off."""

    ACKNOWLEDGE = NextStep.ACKNOWLEDGE
    WORK = NextStep.WORK
    DECIDE = NextStep.DECIDE
    VERIFY = NextStep.VERIFY
    CLOSE = NextStep.CLOSE


class PartRole(StrEnum):
    """The role of a unit in a task; accountable: the lead and the responsible units, those that colour a task."""

    LEAD = Role.LEAD
    RESPONSIBLE = Role.RESPONSIBLE
    SUPPORTING = Role.SUPPORTING
    ACCOUNTABLE = "accountable"


class Sort(StrEnum):
    """The worst light first, the next due date first, the latest first."""

    URGENT = "urgent"
    DUE = "due"
    NEW = "new"


class Scope(StrEnum):
    """What the reader's office issued; what the reader's unit has to do."""

    ISSUED = "issued"
    OWN = "own"


FIGURES = ("total", "open", "closed", "required", "done", "behind")
RATES = (ClockKind.DEPLOY_1D, ClockKind.FEEDBACK_3D, ClockKind.RESOLVE_7D, ClockKind.RESOLVE_1M)
CLOCKS = tuple(f"{kind}.{part}" for kind in RATES for part in ("judged", "met"))
ALLOWED: dict[str, tuple[str, ...]] = {
    "board": tuple(Board),
    "light": tuple(Light),
    "state": (*TaskState, *AssignmentState),
    "role": tuple(PartRole),
    "due": tuple(Due),
    "view": tuple(View),
    "queue": tuple(Queue),
    "scope": tuple(Scope),
    "rows": ("assignment",),
    "figure": FIGURES,
    "clock": CLOCKS,
    "sort": tuple(Sort),
}


@dataclass(frozen=True)
class Filters:
    """One view of the ledger; an empty field filters nothing.

    unit: an address, a region such as `14.05`, or part of a name. queue: what waits for the reader. scope: what the
    reader's office issued, or what the reader's unit has to do. rows: `assignment` lists assignments in place of tasks.
    figure: what a figure of the wall counts. clock: the assignments that a rate judges, `deploy_1d.judged`, or of these
    those in time, `deploy_1d.met`.
    """

    q: str = ""
    board: str = ""
    light: str = ""
    state: str = ""
    unit: str = ""
    role: str = ""
    due: str = ""
    view: str = ""
    queue: str = ""
    scope: str = ""
    rows: str = ""
    figure: str = ""
    clock: str = ""
    sort: str = "urgent"

    def query(self, **changes: str) -> str:
        """The same view as a query string, with `changes`; the page starts over."""
        changed = replace(self, **changes)
        set_ = {f.name: getattr(changed, f.name) for f in fields(changed) if getattr(changed, f.name) != f.default}
        return urlencode(set_)

    @property
    def count(self) -> int:
        """How many fields filter something."""
        return sum(bool(getattr(self, f.name)) for f in fields(self) if f.name not in ("sort", "rows"))

    @property
    def of_assignments(self) -> bool:
        """A row is an assignment: what a unit has to do, or what a rate judges."""
        return bool(self.rows or self.clock or self.queue or self.scope == "own")


def read(query: Mapping[str, str]) -> Filters:
    """From a query string; a value outside its closed set is dropped, free text is trimmed and cut at 200."""
    values = {}
    for field in fields(Filters):
        value = query.get(field.name, "").replace("\0", "").strip()[:200]
        if value and value in ALLOWED.get(field.name, (value,)):
            values[field.name] = value
    return Filters(**values)


@dataclass(frozen=True)
class Span:
    """Due dates from `start` (included) to `end` (not included); `undated` means those without one."""

    start: datetime
    end: datetime
    undated: bool = False


def span(due: str, now: datetime) -> Span | None:
    """The due dates a filter means, in whole days of Asia/Shanghai; None for no filter."""
    day = now.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    ages = datetime(1900, 1, 1, tzinfo=ZONE)
    match due:
        case Due.OVERDUE:
            return Span(ages, now)
        case Due.TODAY:
            return Span(day, day + timedelta(days=1))
        case Due.WEEK:
            return Span(day, day + timedelta(days=7))
        case Due.MONTH:
            return Span(day, day + timedelta(days=31))
        case Due.NONE:
            return Span(ages, ages, undated=True)
    return None
