"""Small events and changes, each a valid one with what a test cares about."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from contracts.assignment import Assignment, Clock
from contracts.delivery import Delivery
from contracts.envelope import Event
from contracts.events.assignment import AssignmentIssued, AssignmentReported, AssignmentSubmitted
from contracts.events.delivery import DeliverySent
from contracts.events.light import LightChanged
from contracts.events.notice import NoticeDrafted, NoticeSent
from contracts.events.register import UnitRegistered
from contracts.events.task import TaskAdvanced, TaskRegistered
from contracts.light import PublishedLight
from contracts.notice import Notice
from contracts.region import Level
from contracts.register import Unit
from contracts.task import Task
from contracts.terms import (
    AssignmentState,
    Board,
    Light,
    NoticeCause,
    NoticeKind,
    NoticeState,
    ReportKind,
    Role,
    TaskState,
)
from contracts.units import UnitKind
from contracts.workdays import ClockKind, Deadline, Weight
from services.search.domain.changes import changes_of
from services.search.domain.record import Change, Facts, UnitName

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
OFFICE, COUNTY, REFORM = "14.00.00.000.bgt", "14.10.02.000.gov", "14.00.00.000.fgw"
ISSUED = {"issuer": OFFICE, "issuer_name": "省政府办公厅", "leadership": "14.00.00.000.gov"}
OWNED = {"version": 1, "owner": "14.00.00"}


def put(id: str, version: int, source: str = "", **facts: Any) -> Change:
    """A change by the thing's own source; `units` are names."""
    units = tuple(UnitName(name, name) for name in facts.pop("units", ()))
    return Change(id, source or id.partition("/")[0], version, Facts(**facts, units=units))


def titled(id: str, version: int, title: str) -> Change:
    """A change of a thing of which only the title matters, for `OFFICE`."""
    return put(id, version, title=title, audience=(OFFICE,))


def changes(*events: Event) -> list[Change]:
    """What these events change."""
    return [change for event in events for change in changes_of(event)]


def happened(aggregate: str, address: str, version: int, audience: tuple[str, ...]) -> dict[str, Any]:
    return {
        "time": NOW,
        "aggregate": aggregate,
        "version": version,
        "owner": "14.00.00",
        "address": address,
        "audience": audience,
    }


def task(title: str, id: UUID | None = None, lead: str = COUNTY, lead_name: str = "曲沃县政府", **more: Any) -> Task:
    deadline = Deadline(kind=ClockKind.CUSTOM, due=NOW)
    body = {"ledger": "台账", "number": "1", "board": Board.DAILY, "weight": Weight.MAJOR, "assignments": 1, **more}
    return Task(
        task_id=id or uuid4(), title=title, lead=lead, lead_name=lead_name, t0=NOW, deadline=deadline,
        **ISSUED | OWNED | body,
    )  # fmt: skip


def registered(task: Task, audience: tuple[str, ...] = (OFFICE, COUNTY), **texts: str) -> TaskRegistered:
    return TaskRegistered(**happened(f"task/{task.task_id}", OFFICE, 1, audience), task=task, actor="wang", **texts)


def advanced(task: Task, state: TaskState, audience: tuple[str, ...] = (OFFICE, COUNTY)) -> TaskAdvanced:
    later = task.model_copy(update={"state": state, "version": 2})
    return TaskAdvanced(**happened(f"task/{task.task_id}", OFFICE, 2, audience), task=later, previous=task.state)


def assignment(task: Task, unit: str = COUNTY, unit_name: str = "曲沃县政府", role: Role = Role.LEAD) -> Assignment:
    return Assignment(
        assignment_id=uuid4(), task_id=task.task_id, unit=unit, unit_name=unit_name, role=role,
        state=AssignmentState.WORKING, clocks=(Clock(kind=ClockKind.CUSTOM, due=NOW, original=NOW, set_at=NOW),),
        title=task.title, number=task.number, board=task.board, weight=task.weight, lead=task.lead, t0=NOW,
        in_hand_since=NOW, **ISSUED | OWNED,
    )  # fmt: skip


def of(part: Assignment, version: int) -> dict[str, Any]:
    body = happened(f"assignment/{part.assignment_id}", part.unit, version, (OFFICE, part.lead, part.unit))
    return {**body, "assignment": part, "actor": "zhang"}


def issued(part: Assignment) -> AssignmentIssued:
    return AssignmentIssued(**of(part, 1))


def reported(part: Assignment, text: str) -> AssignmentReported:
    return AssignmentReported(
        **of(part, 2), report_id=uuid4(), kind=ReportKind.PROGRESS, text=text, submitted_at=NOW
    )  # fmt: skip


def submitted(part: Assignment, text: str) -> AssignmentSubmitted:
    return AssignmentSubmitted(**of(part, 3), text=text)


def lit(task: Task, light: Light, assignment_id: UUID | None = None) -> LightChanged:
    state = PublishedLight(
        task_id=task.task_id, assignment_id=assignment_id, title=task.title, unit=task.lead, unit_name=task.lead_name,
        light=light, reasons=(), since=NOW, policy_version=1, **ISSUED | OWNED,
    )  # fmt: skip
    about = happened(f"light/{assignment_id or task.task_id}", OFFICE, 1, (OFFICE,))
    return LightChanged(**about, light=state, previous=Light.NONE)


def notice(title: str, **more: Any) -> Notice:
    return Notice(
        notice_id=uuid4(), kind=NoticeKind.URGING, title=title, cause=NoticeCause.STALLED, drafted_at=NOW,
        **ISSUED | OWNED | more,
    )  # fmt: skip


def drafted(notice: Notice, *paragraphs: str, audience: tuple[str, ...] = (OFFICE,)) -> NoticeDrafted:
    about = happened(f"notice/{notice.notice_id}", OFFICE, 1, audience)
    return NoticeDrafted(**about, notice=notice, recipients=(), paragraphs=paragraphs)


def sent(notice: Notice, number: str, audience: tuple[str, ...] = (OFFICE,)) -> NoticeSent:
    later = notice.model_copy(update={"number": number, "state": NoticeState.SENT, "version": 2})
    return NoticeSent(**happened(f"notice/{notice.notice_id}", OFFICE, 2, audience), notice=later)


def delivered(notice: Notice, unit: str, unit_name: str) -> DeliverySent:
    delivery = Delivery(
        delivery_id=uuid4(), notice_id=notice.notice_id, kind=notice.kind, number="示督〔2026〕1号", title=notice.title,
        unit=unit, unit_name=unit_name, pdf="a" * 64, sent_at=NOW, **ISSUED | OWNED,
    )  # fmt: skip
    return DeliverySent(**happened(f"delivery/{delivery.delivery_id}", unit, 1, (unit, OFFICE)), delivery=delivery)


def unit(address: str, name: str, short: str, *aliases: str, version: int = 1) -> UnitRegistered:
    entry = Unit(
        address=address, name=name, short=short, level=Level.PROVINCE, kind=UnitKind.DEPARTMENT, aliases=aliases
    )
    return UnitRegistered(**happened(f"unit/{address}", "14.00.00.000.all", version, ("14.00.00.000.all",)), unit=entry)
