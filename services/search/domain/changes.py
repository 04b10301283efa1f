"""What an event changes in the index; pure."""

from collections.abc import Callable

from contracts import events as said
from contracts.envelope import Event
from services.search.domain.entry import Change, put


def task_registered(event: said.TaskRegistered) -> list[Change]:
    """A task, with everything its ledger says of it."""
    text = (event.target, event.verification_form, event.source, event.lead_official, event.instruction)
    return [
        put(
            event.aggregate,
            event.version,
            kind="task",
            title=event.title,
            text="\n".join(filter(None, (*text, event.deadline_text))),
            number=event.number,
            units=tuple(dict.fromkeys(part.name for part in event.parts)),
            board=event.board,
            status="assigned",
            time=event.t0,
            url=f"/tasks/{event.task_id}",
            audience=event.audience,
        )
    ]


def task_advanced(event: said.TaskAdvanced) -> list[Change]:
    """Where the task stands."""
    return [put(event.aggregate, event.version, status=event.state)]


def light_changed(event: said.LightChanged) -> list[Change]:
    """The task's own light; the lights of its parts are not searched."""
    return [] if event.assignment_id else [put(f"task/{event.task_id}", event.version, light=event.light)]


def assignment_reported(event: said.AssignmentReported) -> list[Change]:
    """A report, as a thing of its own."""
    return [
        put(
            f"report/{event.report_id}",
            1,
            kind="report",
            title=event.title,
            text=event.text,
            units=(event.unit_name,),
            time=event.submitted_at,
            url=f"/tasks/{event.task_id}",
            audience=event.audience,
        )
    ]


def notice_drafted(event: said.NoticeDrafted) -> list[Change]:
    """A document, while it is only its issuer's."""
    return [
        put(
            event.aggregate,
            event.version,
            kind="notice",
            title=event.title,
            text="\n".join((*event.paragraphs, *(item.title for item in event.items))),
            units=tuple(recipient.name for recipient in event.recipients),
            status="draft",
            time=event.time,
            url=f"/notices/{event.notice_id}",
            audience=event.audience,
        )
    ]


def notice_amended(event: said.NoticeAmended) -> list[Change]:
    """A draft with other items."""
    text = "\n".join((*event.paragraphs, *(item.title for item in event.items)))
    said = [put(event.aggregate, event.version, title=event.title, text=text)]
    names = tuple(recipient.name for recipient in event.recipients)
    return [*said, put(event.aggregate, event.version, units=names)] if names else said


def notice_signed(event: said.NoticeSigned) -> list[Change]:
    """The number by which everybody looks for it."""
    return [put(event.aggregate, event.version, number=event.number, title=event.title, status="signed")]


def notice_sent(event: said.NoticeSent) -> list[Change]:
    """On its way."""
    return [put(event.aggregate, event.version, status="sent")]


def notice_voided(event: said.NoticeVoided) -> list[Change]:
    """Void on record: it is still found."""
    return [put(event.aggregate, event.version, status="void")]


def delivery_sent(event: said.DeliverySent) -> list[Change]:
    """The document as its recipient has it."""
    return [
        put(
            event.aggregate,
            event.version,
            kind="delivery",
            title=event.title,
            text="\n".join(item.title for item in event.items),
            number=event.number,
            units=(event.unit_name,),
            status="sent",
            time=event.time,
            url=f"/notices/{event.notice_id}",
            audience=(event.unit,),
        )
    ]


def delivery_withdrawn(event: said.DeliveryWithdrawn) -> list[Change]:
    """Its number is void; it is still found."""
    return [put(event.aggregate, event.version, status="void")]


HEARD: dict[type[Event], Callable[..., list[Change]]] = {
    said.TaskRegistered: task_registered,
    said.TaskAdvanced: task_advanced,
    said.AssignmentReported: assignment_reported,
    said.LightChanged: light_changed,
    said.NoticeDrafted: notice_drafted,
    said.NoticeAmended: notice_amended,
    said.NoticeSigned: notice_signed,
    said.NoticeSent: notice_sent,
    said.NoticeVoided: notice_voided,
    said.DeliverySent: delivery_sent,
    said.DeliveryWithdrawn: delivery_withdrawn,
}
