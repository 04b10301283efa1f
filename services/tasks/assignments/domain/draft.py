"""A task before it is on the ledger, and what is said when it is."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from uuid import NAMESPACE_OID, UUID, uuid5

from contracts.assignment import Assignment, Clock, Milestone
from contracts.envelope import Event
from contracts.events import Part
from contracts.events.assignment import AssignmentIssued, AssignmentReported
from contracts.events.task import TaskRegistered
from contracts.region import Node
from contracts.terms import AssignmentState, Board, ReportKind, Role
from contracts.workdays import Deadline, Weight
from services.tasks.assignments.domain.assignment import event_of
from services.tasks.assignments.domain.task import told
from services.tasks.assignments.domain.work import reported
from services.tasks.register.domain import Unit

REPORTS = {Board.DAILY: "3wd"}
"""How often a board wants a report; the others monthly (R2)."""

ROLES = list(Role)


@dataclass(frozen=True, slots=True)
class Draft:
    """A task as it is wanted (拟登记事项): units resolved, clocks computed.

    parts: the lead first. percent, as_of: the progress a ledger came with, accepted as of that moment.
    historical_before: clocks due earlier raise nothing. lead_post: the post `lead_official` means, where it is known.
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
    parts: tuple[tuple[Unit, Role], ...]
    historical_before: datetime | None = None
    percent: Decimal | None = None
    as_of: datetime | None = None
    lead_post: UUID | None = None
    milestones: tuple[Milestone, ...] = ()


def task_id_of(node: Node, issuer: Unit, key: str) -> UUID:
    """The id of a ledger's row: the same row, by its key, is always the same task."""
    return uuid5(NAMESPACE_OID, f"{node}/{issuer.address}/{key}")


def parts_of(wanted: Iterable[tuple[Unit, Role]]) -> tuple[tuple[Unit, Role], ...]:
    """Each unit once, the lead first: one named on its own and within 各市政府 has one part, the weightier."""
    ordered = sorted(wanted, key=lambda part: ROLES.index(part[1]))
    leads = [(unit, role) for unit, role in ordered if role is Role.LEAD]
    once = {unit.address: (unit, role) for unit, role in reversed(ordered)}
    return (*leads, *(part for part in reversed(once.values()) if part[1] is not Role.LEAD))


def registered(draft: Draft, person: str, node: Node, now: datetime) -> list[Event]:
    """Everything said of a new task, each aggregate in order: registered, issued to each unit, progress so far."""
    registration = _registration(draft, person, node, now)
    issued = [_issue(draft, registration, part) for part in registration.parts]
    if draft.percent is None:
        return [registration, *issued]
    known = tuple(event.assignment for event in issued)
    reports = [_imported(draft, part, person, now) for part in known if part.role is not Role.SUPPORTING]
    task = replace(told(None, registration), parts=known)
    return [registration, *issued, *reports, *task.after(reports).advanced(now)]


def _imported(draft: Draft, part: Assignment, person: str, now: datetime) -> AssignmentReported:
    """The progress a ledger came with: accepted of every part that colours the task, for a row speaks of them all.

    It is dated as the sheet says, and acknowledges nothing.
    """
    kind, at = ReportKind.IMPORTED, min(draft.as_of or now, now)
    return event_of(
        AssignmentReported,
        reported(part, kind, draft.percent, at, now),
        person,
        now,
        report_id=uuid5(part.assignment_id, "imported"),
        kind=kind,
        percent=draft.percent,
        text="随台账导入的进度",
        submitted_at=at,
    )


def _registration(draft: Draft, person: str, node: Node, now: datetime) -> TaskRegistered:
    issuer = draft.issuer
    return TaskRegistered(
        time=now,
        aggregate=f"task/{draft.task_id}",
        version=1,
        owner=node,
        address=issuer.address,
        audience=tuple(dict.fromkeys((issuer.address, *(unit.address for unit, _ in draft.parts)))),
        task_id=draft.task_id,
        number=draft.number,
        ledger=draft.ledger,
        title=draft.title,
        board=draft.board,
        weight=draft.weight,
        source=draft.source,
        lead_official=draft.lead_official,
        lead_post=draft.lead_post,
        target=draft.target,
        verification_form=draft.verification_form,
        instruction=draft.instruction,
        t0=draft.t0,
        deadline_text=draft.deadline_text,
        deadline=draft.clocks[-1],
        parts=tuple(_part(draft.task_id, unit, role) for unit, role in draft.parts),
        issuer=issuer.address,
        issuer_name=issuer.short,
        actor=person,
        historical_before=draft.historical_before,
    )


def _part(task_id: UUID, unit: Unit, role: Role) -> Part:
    assignment_id = uuid5(task_id, f"{unit.address}/{role}")
    return Part(assignment_id=assignment_id, unit=unit.address, name=unit.short, role=role)


def _issue(draft: Draft, task: TaskRegistered, part: Part) -> AssignmentIssued:
    now = task.time
    clocks = tuple(Clock(**dict(clock), original=clock.due, set_at=now) for clock in draft.clocks)
    assignment = Assignment(
        assignment_id=part.assignment_id,
        task_id=task.task_id,
        version=1,
        owner=task.owner,
        title=task.title,
        number=task.number,
        board=task.board,
        weight=task.weight,
        unit=part.unit,
        unit_name=part.name,
        role=part.role,
        state=AssignmentState.ISSUED,
        lead=task.parts[0].unit,
        issuer=task.issuer,
        issuer_name=task.issuer_name,
        t0=task.t0,
        deadline_text=task.deadline_text,
        clocks=clocks,
        milestones=draft.milestones,
        report_every=REPORTS.get(task.board, "month"),
        historical_before=task.historical_before,
        in_hand_since=task.t0,
        rated_due=clocks[-1].due,
    )
    texts = {name: getattr(task, name) for name in ("lead_official", "target", "verification_form", "instruction")}
    return event_of(AssignmentIssued, assignment, task.actor, now, **texts)
