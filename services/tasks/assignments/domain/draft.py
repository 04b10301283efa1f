"""A task before it is on the ledger, and the events that put it there."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import NAMESPACE_OID, UUID, uuid5

from contracts.assignment import Assignment, Clock, Milestone
from contracts.envelope import Event
from contracts.events.assignment import AssignmentIssued, AssignmentReported
from contracts.events.task import TaskRegistered
from contracts.region import Node
from contracts.register import Unit
from contracts.task import Task
from contracts.terms import AssignmentState, Board, ReportKind, Role
from contracts.workdays import Deadline, Weight
from services.tasks.assignments.domain.audience import audience_of_assignment, audience_of_task
from services.tasks.assignments.domain.task import TaskAggregate
from services.tasks.assignments.domain.work import reported
from services.tasks.register.domain import Register

REPORTS = {Board.DAILY: "3wd"}
"""How often a board wants a report; the others monthly (R2)."""

ROLES = list(Role)
_WHOLE = re.compile(r"[0-9]{1,18}(\.0*)?")


@dataclass(frozen=True, slots=True)
class Draft:
    """A task as it is wanted (拟登记事项): units resolved, clocks computed.

    return_until: when a unit may last ask for its return. parts: the lead first. percent, as_of: the progress a ledger
    came with, accepted as of that moment. historical_before: clocks due earlier raise nothing. lead_post: the post
    `lead_official` means, if any.
    """

    task_id: UUID
    issuer: Unit
    ledger: str
    number: str
    title: str
    board: Board
    weight: Weight
    source: str
    lead_official: str
    target: str
    verification_form: str
    instruction: str
    t0: datetime
    deadline_text: str
    clocks: tuple[Deadline, ...]
    return_until: datetime
    parts: tuple[tuple[Unit, Role], ...]
    historical_before: datetime | None = None
    percent: Decimal | None = None
    as_of: datetime | None = None
    lead_post: UUID | None = None
    milestones: tuple[Milestone, ...] = ()


def task_id_of(node: Node, issuer: Unit, key: str) -> UUID:
    """The id of a ledger's row: the same row, by its key, is always the same task."""
    return uuid5(NAMESPACE_OID, f"{node}/{issuer.address}/{key}")


def number_of(text: str) -> str:
    """A number as the ledger keeps it: `1`, `1.0`, `01` and `１` are one."""
    plain = unicodedata.normalize("NFKC", text).strip()
    return str(int(plain.partition(".")[0])) if _WHOLE.fullmatch(plain) else plain


def parts_of(wanted: Iterable[tuple[Unit, Role]]) -> tuple[tuple[Unit, Role], ...]:
    """Each unit once, the lead first: one named on its own and within 各市政府 has one part, the weightier."""
    ordered = sorted(wanted, key=lambda part: ROLES.index(part[1]))
    leads = [(unit, role) for unit, role in ordered if role is Role.LEAD]
    once = {unit.address: (unit, role) for unit, role in reversed(ordered)}
    return (*leads, *(part for part in reversed(once.values()) if part[1] is not Role.LEAD))


def registered(draft: Draft, person: str, node: Node, now: datetime, register: Register) -> list[Event]:
    """Every event of a new task, each aggregate in order: registered, issued to each unit, progress so far."""
    new = aggregate_of(draft, node, now, register)
    texts = {name: getattr(draft, name) for name in ("target", "verification_form", "instruction")}
    registration = new.task_event(TaskRegistered, now, actor=person, **texts)
    issued = [
        new.event(AssignmentIssued, each, person, now, lead_official=draft.lead_official, **texts) for each in new.whole
    ]
    if draft.percent is None:
        return [registration, *issued]
    reports = [_imported(draft, new, each, person, now) for each in new.whole if each.role is not Role.SUPPORTING]
    return [registration, *issued, *reports, *new.evolve(reports, now)[1]]


def aggregate_of(draft: Draft, node: Node, now: datetime, register: Register) -> TaskAggregate:
    """The task just registered; nothing has been reported yet."""
    task = _task(draft, node)
    assignments = tuple(
        assignment_of(
            task,
            uuid5(task.task_id, f"{unit.address}/{role}"),
            unit,
            role,
            draft.clocks,
            draft.return_until,
            draft.milestones,
            task.t0,
            now,
        )
        for unit, role in draft.parts
    )
    lead = draft.parts[0][0]
    audiences = {
        each.assignment_id: audience_of_assignment(draft.issuer, lead, unit, register)
        for each, (unit, _) in zip(assignments, draft.parts, strict=True)
    }
    return TaskAggregate(task, audience_of_task(draft.issuer, audiences.values()), assignments, audiences)


def _imported(
    draft: Draft, task: TaskAggregate, assignment: Assignment, person: str, now: datetime
) -> AssignmentReported:
    """The progress a ledger came with: accepted of every assignment that colours the task, for a row speaks of all.

    It is dated as the sheet says, and acknowledges nothing.
    """
    kind, at = ReportKind.IMPORTED, min(draft.as_of or now, now)
    return task.event(
        AssignmentReported,
        reported(assignment, kind, draft.percent, at),
        person,
        now,
        report_id=uuid5(assignment.assignment_id, "imported"),
        kind=kind,
        percent=draft.percent,
        text="随台账导入的进度",
        submitted_at=at,
    )


def _task(draft: Draft, node: Node) -> Task:
    lead = draft.parts[0][0]
    return Task(
        task_id=draft.task_id,
        version=1,
        owner=node,
        ledger=draft.ledger,
        number=draft.number,
        title=draft.title,
        board=draft.board,
        weight=draft.weight,
        source=draft.source,
        lead=lead.address,
        lead_name=lead.short,
        lead_official=draft.lead_official,
        lead_post=draft.lead_post,
        t0=draft.t0,
        deadline_text=draft.deadline_text,
        deadline=draft.clocks[-1],
        assignments=len(draft.parts),
        historical_before=draft.historical_before,
        issuer=draft.issuer.address,
        issuer_name=draft.issuer.short,
        leadership=draft.issuer.leadership,
    )


def assignment_of(
    task: Task,
    assignment_id: UUID,
    unit: Unit,
    role: Role,
    deadlines: Iterable[Deadline],
    return_until: datetime,
    milestones: tuple[Milestone, ...],
    t0: datetime,
    now: datetime,
) -> Assignment:
    """One unit's part as it is issued; every clock counts from `t0`."""
    clocks = tuple(Clock(**dict(deadline), original=deadline.due, set_at=now) for deadline in deadlines)
    return Assignment(
        assignment_id=assignment_id,
        task_id=task.task_id,
        version=1,
        owner=task.owner,
        issuer=task.issuer,
        issuer_name=task.issuer_name,
        leadership=task.leadership,
        title=task.title,
        number=task.number,
        board=task.board,
        weight=task.weight,
        unit=unit.address,
        unit_name=unit.short,
        role=role,
        state=AssignmentState.ISSUED,
        lead=task.lead,
        t0=t0,
        deadline_text=task.deadline_text,
        clocks=clocks,
        milestones=milestones,
        report_every=REPORTS.get(task.board, "month"),
        historical_before=task.historical_before,
        in_hand_since=t0,
        rated_due=clocks[-1].due,
        return_until=return_until,
    )
