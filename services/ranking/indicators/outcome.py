"""What one assignment counts for in one month, under every indicator."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from contracts.terms import Indicator
from contracts.units import UnitAddress
from services.ranking.facts.domain.evidence import Evidence
from services.ranking.facts.domain.period import Window
from services.ranking.indicators import acknowledged_in_time, closed_in_time, days_overdue, reported_in_time
from services.ranking.indicators.rule import Counts, Turns

RULES = tuple(module.RULE for module in (acknowledged_in_time, reported_in_time, closed_in_time, days_overdue))
"""In the order in which a ranking's input writes them down."""

COUNTING = """
issued_at < cut and (closed_at is null or closed_at >= start) and (left_at is null or left_at >= cut)
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One assignment in one month; overdue: its light is OVERDUE at the end."""

    ranked_unit: UnitAddress
    assignment_id: UUID
    counts: Mapping[Indicator, Counts]
    overdue: bool = False


def outcome(evidence: Evidence, overdue: Turns, window: Window) -> Outcome | None:
    """None where it was in nobody's hands in that month, or counts nowhere; in SQL: COUNTING."""
    start, cut = window.period.start, window.cut
    closed_before = evidence.closed_at is not None and evidence.closed_at < start
    left = evidence.left_at is not None and evidence.left_at < cut
    if evidence.issued_at >= cut or closed_before or left:
        return None
    return Outcome(
        evidence.ranked_unit,
        evidence.assignment_id,
        {rule.indicator: rule.counts(evidence, overdue, window) for rule in RULES},
        days_overdue.overdue_at_end(overdue, window),
    )
