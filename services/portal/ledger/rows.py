"""What a row of the ledger is, a task or an assignment, and which rows a view holds: lists and figures alike."""

from dataclasses import dataclass
from datetime import datetime

from contracts.terms import AssignmentState, NextStep, Role, TaskState
from services.portal.identity.reader import Reader
from services.portal.ledger.filters import Filters, PartRole, Queue, Span, span
from services.portal.web.conditions import Condition, visible, visible_here

TASKS = """(
    select task_id as id, task_id, null::uuid as assignment_id, number, title, board, issuer, lead_name as unit_name,
        '' as role, state, open, paused, percent, t0, due, due_key, light, urgency, assignments
    from task) r"""
ASSIGNMENTS = """(
    select assignment_id as id, task_id, assignment_id, number, title, board, issuer, unit_name, role, state, open,
        paused, percent, t0, due, due_key, light, urgency, 1 as assignments, unit, audience, lead, next_step,
        request, answer_by
    from assignment) r"""
COUNTED = f"r.state not in ('{AssignmentState.CANCELLED}', '{AssignmentState.RETURNED}') and not r.paused"
FIGURES = {
    "total": COUNTED,
    "open": f"{COUNTED} and r.open",
    "closed": f"{COUNTED} and r.state = '{TaskState.CLOSED}'",
    "required": f"{COUNTED} and r.due <= {{now}}",
    "done": f"{COUNTED} and r.due <= {{now}} and r.state = '{TaskState.CLOSED}'",
    "behind": f"{COUNTED} and r.due <= {{now}} and r.open",
}
"""What each figure of the wall counts. S11, §1b: done are, of those due by now, the closed ones."""
JUDGED = f"""{COUNTED} and c.due > {{now}} - interval '30 days' and (c.met_at is not null or c.due <= {{now}})"""
"""Of the clocks due in the last 30 days or later, those that stopped or are over. X1"""
LIVE = f"a.state <> '{AssignmentState.RETURNED}'"
"""A part that another unit has now is its old unit's no more."""
VIEWS = {
    "mine": "a.open",
    "lead": f"a.role = '{Role.LEAD}'",
    "responsible": f"a.role = '{Role.RESPONSIBLE}'",
    "unacknowledged": f"a.state = '{AssignmentState.ISSUED}'",
    "due_soon": "a.open and not a.submitted and not a.paused and a.due between now() and now() + '5 days'",
}
OURS, MINE = "r.issuer = any({offices}::text[])", "= {unit}::text"
QUEUES = {
    Queue.ACKNOWLEDGE: f"r.next_step = '{NextStep.ACKNOWLEDGE}' and r.unit {MINE}",
    Queue.WORK: f"r.next_step = '{NextStep.WORK}' and r.unit {MINE}",
    Queue.DECIDE: f"r.request <> '' and {OURS}",
    Queue.VERIFY: f"r.next_step = '{NextStep.VERIFY}' and "
    f"case r.role when '{Role.LEAD}' then {OURS} else r.lead {MINE} end",
    Queue.CLOSE: f"r.next_step = '{NextStep.CLOSE}' and {OURS}",
}
"""What waits, and for whom: the reader's offices, or its unit, which may lead and so verify the others."""
OF_UNIT = "({0}.unit = {1} or {0}.unit >= {2} and {0}.unit < {3} or strpos({0}.unit_name, {4}) > 0)"
FOUND = """r.task_id in (
    select task_id from task where strpos(words, lower({0})) > 0
    union
    select task_id from assignment where unit in (select address from unit
        where strpos(lower(concat_ws(' ', name, short, array_to_string(aliases, ' '))), lower({0})) > 0))"""


@dataclass(frozen=True)
class Rows:
    """The rows of a view: where they come from, and which of them."""

    source: str
    condition: Condition


def rows(reader: Reader, filters: Filters, now: datetime) -> Rows:
    """All that the reader may see of a view, without what it asks of board, light and state."""
    source = ASSIGNMENTS if filters.of_assignments else TASKS
    condition = visible_here(reader, "r") if filters.of_assignments else visible(reader, "task", "r")
    if filters.scope:
        column = "r.issuer" if filters.scope == "issued" else "r.unit"
        condition.add(f"{column} = any({{}}::text[])", sorted(reader.issuers))
    if filters.q:
        (text,) = condition.bind(filters.q)
        condition.add(FOUND.format(text))
    if filters.unit or filters.role:
        _add_units(condition, filters)
    if filters.view:
        own = f"a.unit = any({{}}::text[]) and {LIVE} and {VIEWS[filters.view]}"
        condition.add(f"exists (select from assignment a where a.task_id = r.task_id and {own})", [reader.unit])
    if filters.queue:
        _add_queue(condition, reader, Queue(filters.queue))
    if due := span(filters.due, now):
        _add_due(condition, due, filters.due)
    _add_figure(condition, filters, now)
    return Rows(source, condition)


def _add_queue(condition: Condition, reader: Reader, queue: Queue) -> None:
    """What waits for the reader's unit, or for the offices it acts for; nothing waits while it is suspended."""
    part, values = QUEUES[queue], {"offices": sorted(reader.issuers), "unit": reader.unit}
    bound = {name: condition.bind(value)[0] for name, value in values.items() if f"{{{name}}}" in part}
    condition.parts.append(f"not r.paused and {part.format(**bound)}")


def _add_units(condition: Condition, filters: Filters) -> None:
    """Of an assignment's own unit and role; of a task, of one of its assignments."""
    row, parts = "r" if filters.of_assignments else "a", []
    if filters.unit:
        names = condition.bind(filters.unit, f"{filters.unit}.", f"{filters.unit}/", filters.unit)
        parts.append(OF_UNIT.format(row, *names))
    if filters.role == PartRole.ACCOUNTABLE:
        parts.append(f"{row}.role <> '{Role.SUPPORTING}'")
    elif filters.role:
        parts.append(f"{row}.role = {condition.bind(filters.role)[0]}")
    both = " and ".join(parts)
    if not filters.of_assignments:
        both = f"exists (select from assignment a where a.task_id = r.task_id and {LIVE} and {both})"
    condition.parts.append(both)


def _add_due(condition: Condition, due: Span, name: str) -> None:
    if due.undated:
        condition.add("r.due is null")
        return
    condition.add("r.due >= {} and r.due < {}", due.start, due.end)
    if name == "overdue":
        condition.add("r.open and not r.paused")


def _add_figure(condition: Condition, filters: Filters, now: datetime) -> None:
    if filters.figure:
        condition.parts.append(at(condition, FIGURES[filters.figure], now))
    if filters.clock:
        kind, _, part = filters.clock.partition(".")
        judged = at(condition, JUDGED, now) + (" and not c.missed" if part == "met" else "")
        of_kind = f"c.assignment_id = r.assignment_id and c.kind = {condition.bind(kind)[0]}"
        condition.parts.append(f"exists (select from clock c where {of_kind} and {judged})")


def at(condition: Condition, part: str, now: datetime) -> str:
    """A part of SQL in which `{now}` is a moment."""
    return part.format(now=f"{condition.bind(now)[0]}::timestamptz") if "{now}" in part else part
