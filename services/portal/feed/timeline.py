"""What happened, one line each, for timelines and the ticker; a member of a family that nobody names is listed too."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.assignment import Assignment
from contracts.envelope import Event
from contracts.events.assignment import AssignmentEvent
from contracts.events.light import LightEvent
from contracts.terms import DueChangeCause, Role
from services.portal.web.formats import day, exactly, number
from services.portal.web.i18n import gettext as _
from services.portal.web.labels import label

Json = Mapping[str, Any]

FAMILIES = {
    "task": "task",
    "assignment": "assignment",
    "light": "light",
    "clock": "alarm",
    "notice": "notice",
    "delivery": "delivery",
}
"""The families a timeline shows, and where each carries its state."""
IMPLIED = frozenset(
    {
        "assignment.issued", "assignment.lead_changed", "task.advanced", "clock.due_soon", "notice.drafted",
        "notice.amended", "notice.rendered", "delivery.sent", "delivery.withdrawn",
    }
)  # fmt: skip
"""Not listed: it follows from another line, or comes before it is released."""
OF_THE_WHOLE = frozenset({"assignment.suspended", "assignment.resumed", "assignment.cancelled"})
"""Done by the issuing office to the whole task: listed once, of the lead's assignment."""
MARKS = {
    "clock.missed": "overdue",
    "assignment.reworked": "lagging",
    "assignment.corrected": "lagging",
    "assignment.due_changed": "stalled",
    "assignment.requested": "lagging",
    "assignment.request_refused": "lagging",
    "assignment.returned": "stalled",
    "assignment.suspended": "none",
    "assignment.cancelled": "none",
    "notice.signed": "stalled",
    "notice.sent": "stalled",
    "notice.voided": "none",
}


@dataclass(frozen=True)
class TimelineEntry:
    """One line. light: its mark. who: the unit and the person. evidence: digests, each uploaded by `unit`."""

    time: datetime
    light: str
    label: str
    who: str
    text: str
    unit: str = ""
    unit_name: str = ""
    title: str = ""
    evidence: tuple[str, ...] = ()


def is_shown(event: Event) -> bool:
    """Whether a timeline shows this event."""
    if event.type.partition(".")[0] not in FAMILIES or event.type in IMPLIED:
        return False
    if isinstance(event, LightEvent):
        return event.light.assignment_id is not None
    return not isinstance(event, AssignmentEvent) or _is_of_one(event, event.assignment)


def _is_of_one(event: Event, assignment: Assignment) -> bool:
    """Of what befalls a whole task, the lead's assignment stands for all."""
    whole = event.type in OF_THE_WHOLE or getattr(event, "cause", None) == DueChangeCause.SUSPENSION
    return assignment.role is Role.LEAD or not whole


def line(kind: str, time: datetime, event: Json, actor: str = "") -> TimelineEntry:
    """An event in words; `event`: its body. actor: the name of the person who did it."""
    state: Json = event.get(FAMILIES.get(kind.partition(".")[0], "")) or {}
    light = state.get("light") if kind.startswith("light.") else MARKS.get(kind, "normal")
    unit_name = state.get("unit_name") or state.get("issuer_name") or ""
    by = "" if kind in OF_THE_WHOLE else unit_name
    person = actor or event.get("actor") or ""
    return TimelineEntry(
        time=time,
        light=str(light),
        label=label("light", light) if kind.startswith("light.") else label("event", kind),
        who=" · ".join(filter(None, (by, "" if person == "system" else person))) or _("系统"),
        text=text_of(kind, event, state),
        unit=state.get("unit") or "",
        unit_name=state.get("unit_name") or "",
        title=state.get("title") or "",
        evidence=tuple(event.get("evidence") or ()),
    )


def text_of(kind: str, event: Json, state: Json) -> str:
    """What the line says of the event."""
    text = TEXTS.get(kind)
    return text(event, state) if text else str(event.get("reason") or event.get("text") or "")


def _registered(event: Json, state: Json) -> str:
    due = day(_moment((state.get("deadline") or {}).get("due"))) or _("长期跟踪")
    return _("交办 %(count)s 家单位，办结时限 %(due)s。") % {"count": state["assignments"], "due": due}


def _acknowledged(event: Json, state: Json) -> str:
    name = state.get("responsible_person")
    return _("责任人 %s。") % name if name else ""


def _reported(event: Json, state: Json) -> str:
    percent = event.get("percent")
    progress = _("累计完成 %s%%。") % number(percent) if percent is not None else ""
    return f"{progress}{event.get('text', '')}"


def _corrected(event: Json, state: Json) -> str:
    figures = {"before": number(event.get("previous") or 0), "after": number(event["percent"])}
    return _("累计完成由 %(before)s%% 更正为 %(after)s%%。") % figures + str(event.get("reason", ""))


def _due_changed(event: Json, state: Json) -> str:
    moved = {"cause": label("due_change", event["cause"]), "due": exactly(_moment(event.get("due")))}
    return _("%(cause)s，时限改为 %(due)s。") % moved + str(event.get("reason", ""))


def _requested(event: Json, state: Json) -> str:
    return _request(state["request"])


def _request(request: Json) -> str:
    """What was asked for, and why."""
    parts = [label("request", request["kind"])]
    if due := _moment(request.get("due")):
        parts.append(_("至 %s") % day(due))
    if name := request.get("unit_name"):
        parts.append(_("建议由%s承办") % name)
    plan = _("方案：%s") % request["plan"] if request.get("plan") else ""
    return "，".join(parts) + "。" + "；".join(filter(None, (_("理由：%s") % request["reason"], plan)))


def _refused(event: Json, state: Json) -> str:
    return _("不同意“%s”：") % label("request", event["request"]["kind"]) + str(event["reason"])


def _returned(event: Json, state: Json) -> str:
    return _("改由%s承办，全部时限重新计算。") % event["successor_name"] + str(event.get("reason") or "")


def _missed(event: Json, state: Json) -> str:
    clocks = [{"clock": label("clock", each["kind"]), "due": exactly(_moment(each["due"]))} for each in state["clocks"]]
    return "".join(_("“%(clock)s”已过时限 %(due)s。") % clock for clock in clocks)


def _document(event: Json, state: Json) -> str:
    return " ".join(filter(None, (state.get("number"), state.get("title"))))


def _sent(event: Json, state: Json) -> str:
    return _("%(number)s 送达 %(count)s 家单位。") % {"number": state["number"], "count": state["recipients"]}


TEXTS: dict[str, Callable[[Json, Json], str]] = {
    "task.registered": _registered,
    "assignment.acknowledged": _acknowledged,
    "assignment.reported": _reported,
    "assignment.corrected": _corrected,
    "assignment.closed": lambda event, state: _("评定等次：%s。") % label("grade", state["grade"]),
    "assignment.due_changed": _due_changed,
    "assignment.requested": _requested,
    "assignment.request_withdrawn": lambda event, state: _request(event["request"]),
    "assignment.request_refused": _refused,
    "assignment.returned": _returned,
    "light.changed": lambda event, state: "；".join(label("reason", each) for each in state.get("reasons", ())),
    "clock.missed": _missed,
    "notice.drafted": _document,
    "notice.amended": _document,
    "notice.signed": _document,
    "notice.sent": _sent,
    "notice.voided": lambda event, state: " ".join(filter(None, (state.get("title"), state.get("void_reason")))),
    "delivery.sent": _document,
    "delivery.received": _document,
}


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
