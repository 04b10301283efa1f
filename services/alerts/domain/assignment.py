"""One assignment with the light and alarms emitted of it, and the next moment at which something must be emitted."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property, lru_cache
from typing import NamedTuple

from contracts.assignment import VOID, Assignment
from contracts.events.assignment import AssignmentEvent
from contracts.light import PublishedLight
from contracts.workdays import ClockKind
from services.alerts.domain.events import (
    MISSED,
    Audience,
    Emitted,
    EmittedAlarm,
    assignment_light_changed,
    clock_event,
    differs,
    together,
)
from services.alerts.domain.light import Onsets, light_now, onsets_of, verdict
from services.alerts.domain.rules import Rules, after


class Schedule(NamedTuple):
    """What time alone will bring, computed once from the state: reasons of the light, and alarms with their moments."""

    onsets: Onsets
    alarms: tuple[tuple[datetime, EmittedAlarm], ...]


@dataclass(frozen=True)
class AssignmentLight:
    """An assignment, and what was emitted of it.

    handled_at: time of its latest event. emitted_at: time of the latest event of alerts. judge_at: a moment at which
    it was to be judged again. emitted: each alarm with the version of its event.
    """

    assignment: Assignment
    audience: Audience
    handled_at: datetime
    schedule: Schedule
    published: PublishedLight | None = None
    emitted: Mapping[EmittedAlarm, int] = field(default_factory=dict)
    emitted_at: datetime | None = None
    judge_at: datetime | None = None

    @property
    def judged_at(self) -> datetime:
        """The latest moment known here: nothing is judged as of an earlier one."""
        return max(filter(None, (self.handled_at, self.emitted_at, self.judge_at)))

    @property
    def incomplete(self) -> bool:
        """An import of which nothing was emitted yet: it is judged once the rest of it was handled."""
        silent = not (self.published or self.emitted)
        return silent and any(c.due and self.assignment.historical(c.due) for c in self.assignment.clocks)

    @property
    def pending(self) -> list[tuple[datetime, EmittedAlarm]]:
        """The alarms still to be emitted, each with its moment."""
        return [each for each in self.schedule.alarms if each[1] not in self.emitted]

    @cached_property
    def next_at(self) -> datetime | None:
        """The next moment at which something must be emitted; None where time alone brings nothing more."""
        now, onsets = self.judged_at, self.schedule.onsets
        if differs(self.published, *light_now(self.assignment, now, onsets)):
            return now
        if self.assignment.paused_at:
            return None
        moments = [onset for onset in onsets.values() if onset > now]
        moments += [moment for moment, _ in self.pending]
        return max(now, min(moments)) if moments else None


def evolve(before: AssignmentLight | None, event: AssignmentEvent, rules: Rules) -> AssignmentLight:
    """The assignment after one more event, which need not be its issue; nothing is emitted yet."""
    schedule = schedule_of(event.assignment, rules)
    if before is None:
        return AssignmentLight(event.assignment, event.audience, event.time, schedule)
    at = max(before.handled_at, event.time)
    return replace(before, assignment=event.assignment, audience=event.audience, handled_at=at, schedule=schedule)


def schedule_of(assignment: Assignment, rules: Rules) -> Schedule:
    """What time alone will bring; a badge whose moment had passed when the due date was set never shows. R2."""
    alarms: list[tuple[datetime, EmittedAlarm]] = []
    stands_still = assignment.paused_at or assignment.state in VOID
    for clock in () if stands_still else assignment.clocks:
        if clock.due and clock.missed:
            alarms.append((after(clock.due), EmittedAlarm(clock.kind, clock.due, MISSED)))
        if clock.due and clock.met_at is None:
            alarms += [badge for badge in _badges(clock.kind, clock.due, rules) if badge[0] > clock.set_at]
    return Schedule(onsets_of(assignment, rules), tuple(alarms))


@lru_cache(4096)
def _badges(kind: ClockKind, due: datetime, rules: Rules) -> tuple[tuple[datetime, EmittedAlarm], ...]:
    """A badge shows from the start of business so many working days before the due date, or on that very day."""
    badges = [(rules.opens_before(due, left), EmittedAlarm(kind, due, left)) for left in rules.policy.due_soon]
    return tuple((at, badge) for at, badge in badges if at < due)


def decide_at(light: AssignmentLight, moment: datetime, rules: Rules) -> tuple[AssignmentLight, list[Emitted]]:
    """What an assignment emits at a moment: clocks that ran out, badges, then its light."""
    now, a, audience = max(moment, light.judged_at), light.assignment, light.audience
    due = [alarm for _, alarm in sorted(pending for pending in light.pending if pending[0] <= now)]
    numbered = list(enumerate(together(a, due), max(light.emitted.values(), default=0) + 1))
    events: list[Emitted] = [clock_event(a, audience, alarms, version, now) for version, alarms in numbered]
    published = light.published
    if differs(published, *light_now(a, now, light.schedule.onsets)):
        judged = verdict(a, now, light.schedule.onsets)
        changed = assignment_light_changed(a, audience, published, judged, rules.policy.version, now)
        published = changed.light
        events.append(changed)
    emitted = {**light.emitted, **{alarm: version for version, alarms in numbered for alarm in alarms}}
    return replace(light, published=published, emitted=emitted, emitted_at=now, judge_at=None), events
