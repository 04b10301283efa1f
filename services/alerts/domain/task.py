"""The light of a task: the worst of its lead and responsible assignments, however late time was noticed. R2."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from contracts.events.assignment import AssignmentEvent
from contracts.events.task import TaskEvent
from contracts.light import PublishedLight
from contracts.task import Task
from contracts.terms import AssignmentState, Light, LightReason, Role
from services.alerts.domain.assignment import AssignmentLight, decide_at, evolve
from services.alerts.domain.events import Audience, Emitted, differs, task_light_changed
from services.alerts.domain.light import LIGHT_OF, SEVERITY, Verdict
from services.alerts.domain.rules import Rules


@dataclass(frozen=True, slots=True)
class TaskLight:
    """A task, and what was emitted of it.

    assignments: those in hand. others: what its other lead and responsible ones show, one verdict a light.
    """

    task: Task
    audience: Audience
    published: PublishedLight | None = None
    emitted_at: datetime | None = None
    assignments: Mapping[UUID, AssignmentLight] = field(default_factory=dict)
    others: tuple[Verdict, ...] = ()


Tasks = Mapping[UUID, TaskLight]


def decide(tasks: Tasks, events: Iterable[TaskEvent | AssignmentEvent], rules: Rules) -> tuple[Tasks, list[Emitted]]:
    """What happened to these tasks and their assignments, in order, and what is emitted of it. Raises LookupError."""
    after, emitted = dict(tasks), list[Emitted]()
    for event in events:
        if isinstance(event, TaskEvent):
            key = event.task.task_id
            before = after.get(key) or TaskLight(event.task, event.audience)
            after[key] = replace(before, task=event.task, audience=event.audience)
        elif (key := event.assignment.task_id) in after:
            after[key], more = decide_assignment(after[key], event, rules)
            emitted += more
        else:
            raise LookupError(f"task {key} was never registered")
    return after, emitted


def decide_assignment(task: TaskLight, event: AssignmentEvent, rules: Rules) -> tuple[TaskLight, list[Emitted]]:
    """One more event of one assignment: first what time brought before it, then what it changes.

    So the lights do not depend on how late time was noticed.
    """
    emitted: list[Emitted] = []
    key = event.assignment.assignment_id
    before = task.assignments.get(key)
    if before and not before.incomplete:
        task, emitted = decide_until(task, _happened_at(before, event), rules, [key])
    light = evolve(task.assignments.get(key), event, rules)
    task = replace(task, assignments={**task.assignments, key: light})
    if light.incomplete:
        return task, emitted
    task, more = decide_until(task, light.judged_at, rules, [key])
    return task, emitted + more


def _happened_at(before: AssignmentLight, event: AssignmentEvent) -> datetime:
    """The moment of which the event tells: a report may be accepted later than it was made."""
    reported = event.assignment.reported_at
    return event.time if reported is None or reported == before.assignment.reported_at else min(reported, event.time)


def decide_until(
    task: TaskLight, until: datetime, rules: Rules, keys: Iterable[UUID] | None = None
) -> tuple[TaskLight, list[Emitted]]:
    """What time brings up to a moment, to all assignments in hand or to some, step by step in the order it happens."""
    next_at = {key: task.assignments[key].next_at for key in (task.assignments if keys is None else keys)}
    lights, emitted = dict(task.assignments), list[Emitted]()
    while moment := min([each for each in next_at.values() if each and each <= until], default=None):
        for key in [key for key, each in next_at.items() if each == moment]:
            lights[key], events = decide_at(lights[key], moment, rules)
            next_at[key] = lights[key].next_at
            emitted += events
        task, events = _decide_task(replace(task, assignments=lights), moment, rules)
        emitted += events
    return task, emitted


def _decide_task(task: TaskLight, moment: datetime, rules: Rules) -> tuple[TaskLight, list[Emitted]]:
    judged = worst(task.assignments.values(), task.others)
    if not differs(task.published, judged.light, judged.reasons):
        return task, []
    now = max(moment, task.emitted_at or moment)
    changed = task_light_changed(task.task, task.audience, task.published, judged, rules.policy.version, now)
    return replace(task, published=changed.light, emitted_at=now), [changed]


def worst(lights: Collection[AssignmentLight], others: Iterable[Verdict] = ()) -> Verdict:
    """The worst of the lead and responsible assignments, with the reasons of all that show it; NONE if none is lit."""
    counted = [each.published for each in lights if each.published and each.assignment.role is not Role.SUPPORTING]
    lit = [Verdict(p.light, p.reasons, p.since) for p in counted if p.light is not Light.NONE]
    lit += others
    light = max((each.light for each in lit), key=SEVERITY.__getitem__, default=Light.NONE)
    if light is Light.NONE:
        cancelled = any(each.assignment.state is AssignmentState.CANCELLED for each in lights)
        return Verdict(light, (LightReason.CANCELLED if cancelled else LightReason.CLOSED,))
    of = [each for each in lit if each.light is light]
    holding = {reason for each in of for reason in each.reasons}
    reasons = tuple([reason for reason in LIGHT_OF if reason in holding])
    return Verdict(light, reasons, min(each.since for each in of if each.since))
