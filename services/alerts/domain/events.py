"""The events of alerts: alarms of clocks, and lights that changed."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from contracts.assignment import Assignment
from contracts.events.light import ClockDueSoon, ClockEvent, ClockMissed, LightChanged
from contracts.light import Alarm, AlarmedClock, PublishedLight
from contracts.task import Task
from contracts.terms import Light
from contracts.workdays import ClockKind
from services.alerts.domain.light import Reasons, Verdict

MISSED = -1
"""Stands in an `EmittedAlarm` where the clock was missed."""

Emitted = ClockMissed | ClockDueSoon | LightChanged
Audience = tuple[str, ...]


class EmittedAlarm(NamedTuple):
    """What is emitted once of one due date of one clock: that it was missed, or how many working days are left."""

    clock: ClockKind
    due: datetime
    days_left: int


def differs(published: PublishedLight | None, light: Light, reasons: Reasons) -> bool:
    """Worth an event; what was closed before it was ever lit stays dark."""
    if published is None or published.light is Light.NONE:
        return light is not Light.NONE
    return (published.light, published.reasons) != (light, reasons)


def together(assignment: Assignment, alarms: Sequence[EmittedAlarm]) -> list[Sequence[EmittedAlarm]]:
    """The alarms that are one event: the clocks that had run out before the assignment was entered; else each alone."""
    past = {(clock.kind, clock.due, MISSED) for clock in assignment.clocks if clock.due and clock.due <= clock.set_at}
    entered_late = [alarm for alarm in alarms if alarm in past]
    alone = [[alarm] for alarm in alarms if alarm not in past]
    return [entered_late, *alone] if entered_late else [*alone]


def clock_event(
    assignment: Assignment, audience: Audience, alarms: Sequence[EmittedAlarm], version: int, now: datetime
) -> ClockMissed | ClockDueSoon:
    """Clocks ran out, or one soon will."""
    a, days_left = assignment, alarms[0].days_left
    clocks = tuple(AlarmedClock(kind=kind, due=due, historical=a.historical(due)) for kind, due, _ in alarms)
    event = {
        "time": now,
        "aggregate": f"clock/{a.assignment_id}",
        "version": version,
        "owner": a.owner,
        "address": a.unit,
        "audience": audience,
        "alarm": Alarm(assignment_id=a.assignment_id, clocks=clocks, **_common(a)),
    }
    return ClockMissed(**event) if days_left == MISSED else ClockDueSoon(**event, days_left=days_left)


def alarms_of(event: ClockEvent) -> list[EmittedAlarm]:
    """What an event of this service emitted."""
    days_left = event.days_left if isinstance(event, ClockDueSoon) else MISSED
    return [EmittedAlarm(clock.kind, clock.due, days_left) for clock in event.alarm.clocks]


def assignment_light_changed(
    assignment: Assignment,
    audience: Audience,
    published: PublishedLight | None,
    verdict: Verdict,
    policy_version: int,
    now: datetime,
) -> LightChanged:
    """The light of an assignment changed; `published` is the one before."""
    a, since = assignment, _since(published, verdict, now)
    light = PublishedLight(
        **_common(a),
        assignment_id=a.assignment_id,
        version=published.version + 1 if published else 1,
        owner=a.owner,
        light=verdict.light,
        reasons=verdict.reasons,
        since=since,
        next_change_at=verdict.next_change_at,
        historical=a.historical(since),
        policy_version=policy_version,
    )
    return _changed(light, published, audience, f"light/{a.assignment_id}", a.unit, now)


def task_light_changed(
    task: Task,
    audience: Audience,
    published: PublishedLight | None,
    verdict: Verdict,
    policy_version: int,
    now: datetime,
) -> LightChanged:
    """The light of a task changed, at its issuer; when it will next change is for its assignments to tell."""
    since = _since(published, verdict, now)
    light = PublishedLight(
        version=published.version + 1 if published else 1,
        owner=task.owner,
        task_id=task.task_id,
        assignment_id=None,
        title=task.title,
        unit=task.lead,
        unit_name=task.lead_name,
        issuer=task.issuer,
        issuer_name=task.issuer_name,
        leadership=task.leadership,
        light=verdict.light,
        reasons=verdict.reasons,
        since=since,
        historical=task.historical_before is not None and since < task.historical_before,
        policy_version=policy_version,
    )
    return _changed(light, published, audience, f"light/{task.task_id}", task.issuer, now)


def in_order(events: Iterable[Emitted]) -> list[Emitted]:
    """Clocks before lights, each as time brought them: every aggregate keeps its order, one applier takes each kind."""
    return sorted(events, key=lambda event: (event.type == LightChanged.type, event.time))


def _common(a: Assignment) -> dict[str, Any]:
    return {
        "task_id": a.task_id,
        "title": a.title,
        "unit": a.unit,
        "unit_name": a.unit_name,
        "role": a.role,
        "issuer": a.issuer,
        "issuer_name": a.issuer_name,
        "leadership": a.leadership,
    }


def _since(published: PublishedLight | None, verdict: Verdict, now: datetime) -> datetime:
    """A light that only changes its reasons holds since when it held."""
    held = published.since if published and published.light is verdict.light else None
    return held or verdict.since or now


def _changed(
    light: PublishedLight,
    published: PublishedLight | None,
    audience: Audience,
    aggregate: str,
    address: str,
    now: datetime,
) -> LightChanged:
    return LightChanged(
        time=now,
        aggregate=aggregate,
        version=light.version,
        owner=light.owner,
        address=address,
        audience=audience,
        light=light,
        previous=published.light if published else Light.NONE,
    )
