"""What happened, one line each: the feed as a timeline and a ticker tell it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.portal.web.i18n import gettext as _
from services.portal.web.formats import day, exactly, number
from services.portal.web.labels import word


@dataclass(frozen=True)
class Line:
    """One happening; `light` gives its mark, `who` the unit and the person."""

    time: datetime
    light: str
    word: str
    who: str
    text: str
    evidence: tuple[str, ...] = ()


def line(kind: str, time: datetime, said: Mapping[str, Any]) -> Line:
    """A happening in words; `said` is the event as it was said."""
    light = said.get("light") if kind == "light.changed" else MARKS.get(kind, "normal")
    unit = "" if kind in WHOLE else said.get("unit_name") or said.get("issuer_name") or ""
    actor = person(said.get("actor") or "")
    who = actor if not unit or actor.startswith(unit) else " · ".join(filter(None, (unit, actor)))
    title = word("light", light) if kind == "light.changed" else word("happened", kind)
    evidence = tuple(said.get("evidence") or ())
    return Line(time, str(light), title, who or _("系统"), text_of(kind, said), evidence)


def person(actor: str) -> str:
    """Who did it, as people read it: what a clock did is the platform's own."""
    return _("系统") if actor == "system" else actor


WHOLE = ("assignment.suspended", "assignment.resumed", "assignment.cancelled")
"""Done by the issuing office to the whole task; told once, of the lead's part."""
MARKS = {
    "clock.missed": "overdue",
    "assignment.reworked": "lagging",
    "assignment.due_changed": "stalled",
    "assignment.suspended": "none",
    "assignment.cancelled": "none",
    "notice.signed": "stalled",
    "notice.sent": "stalled",
    "notice.voided": "none",
}


def text_of(kind: str, said: Mapping[str, Any]) -> str:
    """What a happening says of itself."""
    tell = TELLERS.get(kind)
    return tell(said) if tell else str(said.get("reason") or said.get("text") or "")


def _registered(said: Mapping[str, Any]) -> str:
    due = day(_moment((said.get("deadline") or {}).get("due"))) or _("长期跟踪")
    return _("交办 %(count)s 家单位，办结时限 %(due)s。") % {"count": len(said["parts"]), "due": due}


def _acknowledged(said: Mapping[str, Any]) -> str:
    name = said.get("responsible_person")
    return _("责任人 %s。") % name if name else ""


def _reported(said: Mapping[str, Any]) -> str:
    percent = said.get("percent")
    told = _("累计完成 %s%%。") % number(percent) if percent is not None else ""
    return f"{told}{said.get('text', '')}"


def _due_changed(said: Mapping[str, Any]) -> str:
    moved = {"cause": word("due_change", said["cause"]), "due": exactly(_moment(said.get("due")))}
    return _("%(cause)s，时限改为 %(due)s。") % moved + str(said.get("reason", ""))


def _missed(said: Mapping[str, Any]) -> str:
    told = {"clock": word("clock", said["clock"]), "due": exactly(_moment(said["due"]))}
    return _("“%(clock)s”已过时限 %(due)s。") % told


def _paper(said: Mapping[str, Any]) -> str:
    return " ".join(filter(None, (said.get("number"), said.get("title"))))


def _sent(said: Mapping[str, Any]) -> str:
    return _("%(number)s 送达 %(count)s 家单位。") % {"number": said["number"], "count": len(said["deliveries"])}


TELLERS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "task.registered": _registered,
    "assignment.acknowledged": _acknowledged,
    "assignment.reported": _reported,
    "assignment.closed": lambda said: _("评定等次：%s。") % word("grade", said["grade"]),
    "assignment.due_changed": _due_changed,
    "light.changed": lambda said: "；".join(word("reason", reason) for reason in said.get("reasons", ())),
    "clock.missed": _missed,
    "notice.voided": lambda said: " ".join(filter(None, (said.get("paper"), said.get("reason")))),
    "delivery.sent": _paper,
    "delivery.received": _paper,
    "notice.drafted": _paper,
    "notice.amended": _paper,
    "notice.signed": _paper,
    "notice.sent": _sent,
}


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
