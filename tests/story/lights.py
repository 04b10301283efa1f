"""Lights and alarms about assignments of a story, for the readers after alerts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from contracts.assignment import Assignment
from contracts.events.light import ClockDueSoon, ClockMissed, LightChanged
from contracts.light import Alarm, AlarmedClock, PublishedLight
from contracts.task import Task
from contracts.terms import Light, LightReason
from contracts.workdays import ClockKind
from tests.story.story import Matter, Story


def turn(
    story: Story,
    matter: Matter,
    light: Light,
    unit: str = "",
    *,
    previous: Light = Light.NORMAL,
    reasons: tuple[LightReason, ...] = (),
    since: datetime | None = None,
    historical: bool = False,
) -> LightChanged:
    """The light of a unit's assignment turned, now."""
    part = matter.part(unit)
    return _light(story, part, part.assignment_id, light, previous, matter.aggregate.audiences[part.assignment_id],
                  reasons=reasons, since=since or story.now, historical=historical, unit=part.unit,
                  unit_name=part.unit_name, role=part.role)  # fmt: skip


def turn_task(story: Story, matter: Matter, light: Light, previous: Light = Light.NORMAL) -> LightChanged:
    """The light of the task itself turned, now."""
    task = matter.task
    return _light(story, task, None, light, previous, matter.aggregate.audience, reasons=(), since=story.now,
                  unit=task.lead, unit_name=task.lead_name)  # fmt: skip


def _light(
    story: Story, of: Assignment | Task, assignment_id: Any, light: Light, previous: Light,
    audience: tuple[str, ...], **fields: Any,
) -> LightChanged:  # fmt: skip
    aggregate = f"light/{assignment_id or of.task_id}"
    version = story.version(aggregate)
    state = PublishedLight(
        version=version, owner=story.node, task_id=of.task_id, assignment_id=assignment_id, title=of.title,
        light=light, policy_version=1, **_issued(of), **fields,
    )  # fmt: skip
    event = LightChanged(
        time=story.now, aggregate=aggregate, version=version, owner=story.node,
        address=state.unit if assignment_id else of.issuer, audience=audience, light=state, previous=previous,
    )  # fmt: skip
    story.tell([event])
    return event


def _issued(of: Assignment | Task) -> dict[str, Any]:
    return {"issuer": of.issuer, "issuer_name": of.issuer_name, "leadership": of.leadership}


def miss(story: Story, matter: Matter, *kinds: ClockKind, unit: str = "", historical: bool = False) -> ClockMissed:
    """A clock of a unit's assignment ran out; several: they had run out before it was entered."""
    event = ClockMissed(**_alarm(story, matter, kinds, unit, historical))
    story.tell([event])
    return event


def warn(story: Story, matter: Matter, clock: ClockKind, days_left: int, unit: str = "") -> ClockDueSoon:
    """A clock of a unit's assignment runs out soon."""
    event = ClockDueSoon(**_alarm(story, matter, [clock], unit, False), days_left=days_left)
    story.tell([event])
    return event


def _alarm(
    story: Story, matter: Matter, kinds: Sequence[ClockKind], unit: str, historical: bool
) -> dict[str, Any]:  # fmt: skip
    part = matter.part(unit)
    ends = [clock for clock in part.clocks if clock.kind in kinds and clock.due]
    clocks = [AlarmedClock(kind=clock.kind, due=clock.due, historical=historical) for clock in ends]
    alarm = Alarm(
        assignment_id=part.assignment_id, task_id=part.task_id, title=part.title, unit=part.unit,
        unit_name=part.unit_name, role=part.role, clocks=tuple(clocks), **_issued(part),
    )  # fmt: skip
    aggregate = f"clock/{part.assignment_id}"
    return {
        "time": story.now, "aggregate": aggregate, "version": story.version(aggregate), "owner": story.node,
        "address": part.unit, "audience": matter.aggregate.audiences[part.assignment_id], "alarm": alarm,
    }  # fmt: skip
