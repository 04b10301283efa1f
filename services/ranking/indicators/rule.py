"""What an indicator's rule is made of (R4).

What a unit owes is decided at one moment, and counts in the month of that moment: when it was done, or when it was due
and not done. So nothing is counted twice, and what comes later belongs to a later month.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from contracts.terms import Indicator
from services.ranking.facts.domain.evidence import Evidence
from services.ranking.facts.domain.period import Window

Counts = tuple[int, int]
"""A numerator and a denominator."""

Turns = tuple[datetime, ...]
"""When something began, ended, began again, …"""

Decision = bool | None
"""Done in time, or not; None: nothing is decided in this month."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One indicator (督察点): what one assignment adds to it in one month.

    counts: in Python, from evidence, the turns of its OVERDUE light, and the month. columns: in SQL, over the columns
    of `evidence` and `overdue`, with `period`, `start`, `cut` (so far) and `ending` of the month; numerator and
    denominator: expressions over these columns. A test holds both equal.
    """

    indicator: Indicator
    counts: Callable[[Evidence, Turns, Window], Counts]
    columns: str
    numerator: str
    denominator: str


def ratio(indicator: Indicator, decide: Callable[[Evidence, Window], tuple[Decision, ...]], **decisions: str) -> Rule:
    """A rule of how much was done in time, of what was decided; `decisions`: in SQL, a boolean or null by name."""

    def counts(evidence: Evidence, _: Turns, window: Window) -> Counts:
        decided = [done for done in decide(evidence, window) if done is not None]
        return sum(decided), len(decided)

    return Rule(
        indicator,
        counts,
        columns=", ".join(f"{decision} as {name}" for name, decision in decisions.items()),
        numerator=" + ".join(f"coalesce({name}::int, 0)" for name in decisions),
        denominator=f"num_nonnulls({', '.join(decisions)})",
    )


def in_time(due: datetime | None, met_at: datetime | None, evidence: Evidence, window: Window) -> Decision:
    """Decided when it was done or when it was due, but not before the assignment was issued."""
    if due is None or not window.holds(max(min(met_at or due, due), evidence.issued_at)):
        return None
    return met_at is not None and met_at <= due


def in_time_sql(due: str, met_at: str) -> str:
    """The same; `greatest` and `least` pass over nulls."""
    decided = held_sql(f"greatest(least({met_at}, {due}), issued_at)")
    return f"case when {due} is not null and {decided} then coalesce({met_at} <= {due}, false) end"


def held_sql(moment: str) -> str:
    """The moment lies in the month as far as it has passed."""
    return f"{moment} >= start and {moment} < cut"
