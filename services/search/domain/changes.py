"""What an event changes in the index. Pure; a family's handler takes members it has never heard of."""

from collections.abc import Callable, Iterable, Mapping

from contracts.envelope import Event
from contracts.events.assignment import AssignmentEvent, AssignmentReported, AssignmentSubmitted
from contracts.events.delivery import DeliveryEvent, DeliverySent
from contracts.events.light import LightEvent
from contracts.events.notice import NoticeAmended, NoticeDrafted, NoticeEvent
from contracts.events.register import UnitEvent
from contracts.events.task import TaskEvent, TaskRegistered
from contracts.notice import NoticeItem
from services.search.domain.record import Change, Facts, UnitName


def unit_changes(event: UnitEvent) -> list[Change]:
    """Every form of a unit's name; a record with the unit is found by each of them."""
    return [Change(f"unit/{event.unit.address}", "unit", event.version, Facts(forms=event.unit.forms))]


def task_changes(event: TaskEvent) -> list[Change]:
    """A task as it stands."""
    task = event.task
    facts = Facts(
        kind="task",
        title=task.title,
        notes=_lines(task.source, task.lead_official, task.deadline_text),
        number=task.number,
        units=(UnitName(task.lead, task.lead_name),),
        board=task.board,
        status=task.state,
        time=task.t0,
        url=f"/tasks/{task.task_id}",
        audience=event.audience,
    )
    return [Change(f"task/{task.task_id}", "task", event.version, facts)]


def registration_changes(event: TaskRegistered) -> list[Change]:
    """Also the texts of the registration, which no later event repeats; for whom the task is, they are."""
    texts = Facts(text=_lines(event.target, event.verification_form, event.instruction))
    return [*task_changes(event), Change(f"task/{event.task.task_id}", "registration", event.version, texts)]


def assignment_changes(event: AssignmentEvent) -> list[Change]:
    """Its unit is one of the task's, for life. `Standing` is for all units of the task: the name is no secret."""
    part = event.assignment
    facts = Facts(units=(UnitName(part.unit, part.unit_name),))
    return [Change(f"task/{part.task_id}", event.aggregate, 1, facts)]


def report_changes(event: AssignmentReported | AssignmentSubmitted) -> list[Change]:
    """Also a report, as a thing of its own: its text is what happened, and is for the event's own audience alone."""
    part = event.assignment
    report, at = (
        (event.report_id, event.submitted_at) if isinstance(event, AssignmentReported) else (event.id, event.time)
    )
    facts = Facts(
        kind="report",
        title=part.title,
        text=event.text,
        units=(UnitName(part.unit, part.unit_name),),
        board=part.board,
        time=at,
        url=f"/tasks/{part.task_id}",
        audience=event.audience,
    )
    return [*assignment_changes(event), Change(f"report/{report}", "report", 1, facts)]


def light_changes(event: LightEvent) -> list[Change]:
    """The light of a task; the lights of its assignments are not searched."""
    light = event.light
    if light.assignment_id:
        return []
    return [Change(f"task/{light.task_id}", "light", event.version, Facts(light=light.light))]


def notice_changes(event: NoticeEvent) -> list[Change]:
    """A document as it stands; one that is void is still found."""
    notice = event.notice
    facts = Facts(
        kind="notice",
        title=notice.title,
        number=notice.number,
        status=notice.state,
        time=notice.drafted_at,
        url=f"/notices/{notice.notice_id}",
        audience=event.audience,
    )
    return [Change(f"notice/{notice.notice_id}", "notice", event.version, facts)]


def draft_changes(event: NoticeDrafted | NoticeAmended) -> list[Change]:
    """Also its text and recipients, which no later event repeats: for the audience of both events only."""
    texts = Facts(
        text=_lines(*event.paragraphs, *_titles(event.items)),
        units=tuple(UnitName(recipient.unit, recipient.name) for recipient in event.recipients),
        audience=event.audience,
    )
    return [*notice_changes(event), Change(f"notice/{event.notice.notice_id}", "draft", event.version, texts)]


def delivery_changes(event: DeliveryEvent) -> list[Change]:
    """A document as its recipient has it; the issuer finds the document itself, not a copy for each unit."""
    delivery = event.delivery
    issuing = {delivery.issuer, delivery.leadership} - {delivery.unit}
    facts = Facts(
        kind="delivery",
        title=delivery.title,
        number=delivery.number,
        units=(UnitName(delivery.unit, delivery.unit_name),),
        status=delivery.state,
        time=delivery.sent_at,
        url=f"/notices/{delivery.notice_id}",
        audience=tuple(place for place in event.audience if place not in issuing),
    )
    return [Change(f"delivery/{delivery.delivery_id}", "delivery", event.version, facts)]


def sending_changes(event: DeliverySent) -> list[Change]:
    """Also the matters that concern the recipient, which no later event repeats."""
    texts = Facts(text=_lines(*_titles(event.items)))
    return [*delivery_changes(event), Change(f"delivery/{event.delivery.delivery_id}", "items", event.version, texts)]


def _titles(items: Iterable[NoticeItem]) -> Iterable[str]:
    return (item.title for item in items)


def _lines(*texts: str) -> str:
    return "\n".join(filter(None, texts))


CHANGES: Mapping[type[Event], Callable[..., list[Change]]] = {
    UnitEvent: unit_changes,
    TaskEvent: task_changes,
    TaskRegistered: registration_changes,
    AssignmentEvent: assignment_changes,
    AssignmentReported: report_changes,
    AssignmentSubmitted: report_changes,
    LightEvent: light_changes,
    NoticeEvent: notice_changes,
    NoticeDrafted: draft_changes,
    NoticeAmended: draft_changes,
    DeliveryEvent: delivery_changes,
    DeliverySent: sending_changes,
}
"""What an event of each class changes; a concrete class stands here only where its own text is searched."""


def changes_of(event: Event) -> list[Change]:
    """What an event changes: by its own class, else by its family.."""
    return next(CHANGES[base] for base in type(event).__mro__ if base in CHANGES)(event)
