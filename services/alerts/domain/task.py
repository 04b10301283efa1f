"""A task's light: the worst of its lead and responsible parts, whoever changed and whenever time acted (R2, §2)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from contracts.events.assignment import AssignmentEvent
from contracts.events.light import LightChanged
from contracts.events.task import TaskRegistered
from contracts.terms import AssignmentState, Light, LightReason, Role
from services.alerts.domain import saying
from services.alerts.domain.light import COLOUR, SEVERITY
from services.alerts.domain.part import Part, act, ahead_of
from services.alerts.domain.rules import Rules
from services.alerts.domain.saying import DARK, Said, Shown
from services.alerts.domain.watch import heard


class Colour(NamedTuple):
    """A light with its reasons, and since when it holds."""

    light: Light
    reasons: tuple[LightReason, ...]
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Task:
    """A task under watch (事项); `unit` and `unit_name` are its lead's.

    parts: those in hand, by assignment. rest: what its other lead and responsible parts show, one entry a colour.
    """

    task_id: UUID
    owner: str
    title: str
    issuer: str
    audience: tuple[str, ...]
    unit: str
    unit_name: str
    historical_before: datetime | None = None
    shown: Shown = DARK
    said_at: datetime | None = None
    parts: Mapping[UUID, Part] = field(default_factory=dict)
    rest: tuple[Colour, ...] = ()


def registered(event: TaskRegistered) -> Task:
    """A task as it came onto the ledger, still without parts."""
    lead = next(part for part in event.parts if part.role is Role.LEAD)
    return Task(
        task_id=event.task_id,
        owner=event.owner,
        title=event.title,
        issuer=event.issuer,
        audience=event.audience,
        unit=lead.unit,
        unit_name=lead.name,
        historical_before=event.historical_before,
    )


def follow(task: Task, event: AssignmentEvent, rules: Rules) -> tuple[Task, list[Said]]:
    """One more event of one part: first what time did before it, then what it changes.

    So the lights do not depend on how late time was noticed. The first event heard of an assignment need not be its issue.
    """
    said: list[Said] = []
    key = event.assignment.assignment_id
    if key in task.parts:
        if not task.parts[key].waits:
            task, said = passed(task, event.time, rules, [key])
        part = task.parts[key].follows(event, rules)
    else:
        watch = heard(event)
        part = Part(watch, ahead_of(watch, rules))
    task = replace(task, parts={**task.parts, key: part})
    if part.waits:
        return task, said
    task, more = passed(task, part.judged_at, rules, [key])
    return task, said + more


def passed(task: Task, until: datetime, rules: Rules, keys: Iterable[UUID] | None = None) -> tuple[Task, list[Said]]:
    """What time brings up to a moment, to all parts in hand or to some, step by step in the order it happens."""
    moments = {key: task.parts[key].upcoming for key in (task.parts if keys is None else keys)}
    parts, said = dict(task.parts), list[Said]()
    while moment := min([each for each in moments.values() if each and each <= until], default=None):
        for key in [key for key, each in moments.items() if each == moment]:
            parts[key], words = act(parts[key], moment, rules)
            moments[key] = parts[key].upcoming
            said += words
        task, words = _recoloured(task, parts, moment, rules)
        said += words
    return task, said


def colour(parts: Collection[Part], rest: Iterable[Colour] = ()) -> Colour:
    """The worst of the lead and responsible parts, with the reasons of all that show it; NONE where none is lit."""
    counted = [part.shown for part in parts if part.watch.assignment.role is not Role.SUPPORTING]
    lit = [Colour(shown.light, shown.reasons, shown.since) for shown in counted if shown.light is not Light.NONE]
    lit += rest
    worst = max((each.light for each in lit), key=SEVERITY.__getitem__, default=Light.NONE)
    if worst is Light.NONE:
        cancelled = any(part.watch.assignment.state is AssignmentState.CANCELLED for part in parts)
        return Colour(worst, (LightReason.CANCELLED if cancelled else LightReason.CLOSED,), None)
    of = [each for each in lit if each.light is worst]
    given = {reason for each in of for reason in each.reasons}
    reasons = tuple([reason for reason in COLOUR if reason in given])
    return Colour(worst, reasons, min(each.since for each in of if each.since))


def _recoloured(task: Task, parts: Mapping[UUID, Part], moment: datetime, rules: Rules) -> tuple[Task, list[Said]]:
    light, reasons, since = colour(parts.values(), task.rest)
    if not task.shown.differs(light, reasons):
        return replace(task, parts=parts), []
    now = max(moment, task.said_at or moment)
    shown = task.shown.turned(light, reasons, since, now)
    return replace(task, parts=parts, shown=shown, said_at=now), [_said(task, shown, now, rules)]


def _said(task: Task, shown: Shown, now: datetime, rules: Rules) -> LightChanged:
    """The task's own light changed, at its issuer; when it will next change is for its parts to say."""
    return LightChanged(
        time=now,
        aggregate=f"light/{task.task_id}",
        version=shown.version,
        owner=task.owner,
        address=task.issuer,
        audience=task.audience,
        task_id=task.task_id,
        assignment_id=None,
        title=task.title,
        unit=task.unit,
        unit_name=task.unit_name,
        previous=task.shown.light,
        light=shown.light,
        reasons=shown.reasons,
        since=shown.since,
        issuer=task.issuer,
        historical=saying.before(shown.since, task.historical_before),
        policy_version=rules.policy.version,
    )
