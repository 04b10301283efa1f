"""What a matter of a story comes to: evidence, by its events one after another, and what it counts for."""

from datetime import datetime

from contracts.events.assignment import AssignmentEvent
from contracts.terms import Indicator
from services.ranking.facts.domain.evidence import Evidence, evolve
from services.ranking.facts.domain.period import Period, Window
from services.ranking.indicators.outcome import Outcome
from services.ranking.indicators.outcome import outcome as decide
from services.ranking.indicators.rule import Counts
from tests.story import Matter, moment

SEPTEMBER, OCTOBER, NOVEMBER = Period(2026, 9), Period(2026, 10), Period(2026, 11)
LATER = "2026-12-01 10:00"
NOTHING, MISSED, DONE = (0, 0), (0, 1), (1, 1)


def evidence_of(matter: Matter, unit: str = "") -> Evidence:
    """Of one unit's part."""
    evidence, id = None, matter.part(unit).assignment_id
    for event in matter.story.events:
        if isinstance(event, AssignmentEvent) and event.assignment.assignment_id == id:
            evidence = evolve(evidence, event.assignment, matter.story.node, event.time)
    assert evidence is not None
    return evidence


def outcome_of(
    matter: Matter, period: Period = OCTOBER, now: str | datetime = LATER, overdue: tuple[str, ...] = ()
) -> Outcome | None:
    """What it counts for in a month, as far as it has passed by `now`."""
    return decide(evidence_of(matter), tuple(map(moment, overdue)), Window.of(period, moment(now)))


def counted(matter: Matter, indicator: Indicator, period: Period = OCTOBER, now: str | datetime = LATER) -> Counts:
    """What it adds to one indicator."""
    outcome = outcome_of(matter, period, now)
    assert outcome is not None
    return outcome.counts[indicator]
