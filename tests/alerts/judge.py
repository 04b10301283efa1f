"""What alerts makes of a story: lights and alarms, without a database."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from contracts.assignment import Assignment
from contracts.envelope import Event
from contracts.events.assignment import AssignmentEvent
from contracts.events.light import ClockDueSoon, ClockMissed
from contracts.events.task import TaskEvent
from contracts.light import AlarmedClock, PublishedLight
from contracts.terms import Light
from contracts.workdays import Weight
from services.alerts.domain import LightPolicy, Rules, TaskLight, Verdict, decide, decide_until
from services.alerts.domain.light import onsets_of, verdict
from tests.story import Matter, Story, moment
from tests.story.province import calendar

CALENDAR = calendar()
RULES = Rules(LightPolicy(), CALENDAR)
INSTANT = timedelta(microseconds=1)
T0 = moment("2026-09-18 10:00")


def begin(start: str | datetime = T0, deadline: str = "", **fields: Any) -> tuple[Story, Matter]:
    """A story of one task. By default T0 is Friday 2026-09-18 and it is heavy: its month ends on 10-19, 17 working
    days later.
    """
    story = Story(start)
    return story, story.register(deadline=deadline, **{"weight": Weight.MAJOR, **fields})


def under_way(percent: float | str = 0, when: str = "2026-09-20 09:00", **fields: Any) -> tuple[Story, Matter]:
    """Acknowledged, and both first clocks met in time, with some progress."""
    story, matter = begin(**fields)
    story.at(when)
    matter.acknowledge()
    matter.deploy()
    matter.report(percent)
    return story, matter


def lit(assignment: Assignment, now: datetime, rules: Rules = RULES) -> Verdict:
    """The verdict at a moment."""
    return verdict(assignment, now, onsets_of(assignment, rules))


def light_at(assignment: Assignment, now: datetime) -> Light:
    """The light at a moment."""
    return lit(assignment, now).light


def judge(
    events: Iterable[Event], until: datetime | None = None, task: TaskLight | None = None
) -> tuple[TaskLight, list[Any]]:
    """The task after these events and what time brought until then, with everything that was emitted."""
    before = {task.task.task_id: task} if task else {}
    tasks, emitted = decide(before, [e for e in events if isinstance(e, TaskEvent | AssignmentEvent)], RULES)
    [after] = tasks.values()
    if until:
        after, more = decide_until(after, until, RULES)
        emitted += more
    return after, emitted


def brief(events: list[Any]) -> list[tuple[Any, ...]]:
    """What was emitted, without ids, in a form that can be compared."""
    return [(e.type, *sorted(e.model_dump(mode="json", exclude={"id"}).items(), key=lambda kv: kv[0])) for e in events]


def lights(events: Sequence[Any]) -> list[PublishedLight]:
    """The lights among them, in order."""
    return [event.light for event in events if event.type == "light.changed"]


def missed(events: Sequence[Any]) -> list[ClockMissed]:
    """The missed clocks among them, in order."""
    return [event for event in events if isinstance(event, ClockMissed)]


def clocks(events: Sequence[ClockMissed | ClockDueSoon]) -> list[AlarmedClock]:
    """The clocks that these events are about, in order."""
    return [clock for event in events for clock in event.alarm.clocks]


def due_soon(events: Sequence[Any]) -> list[ClockDueSoon]:
    """The badges among them, in order."""
    return [event for event in events if isinstance(event, ClockDueSoon)]
