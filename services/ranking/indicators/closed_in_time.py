"""按时办结: by the original due date, as tasks judges it; won at the closure, lost at the due date (R1)."""

from contracts.terms import Indicator
from services.ranking.facts.domain.evidence import Evidence
from services.ranking.facts.domain.period import Window
from services.ranking.indicators.rule import Decision, held_sql, ratio


def decide(evidence: Evidence, window: Window) -> tuple[Decision]:
    """An on-time submission waits for its closure; sent back after the due date, it is lost at that moment."""
    if evidence.rated_due is None:
        return (None,)
    if evidence.on_time and evidence.closed_at:
        return (True if window.holds(evidence.closed_at) else None,)
    lost_at = evidence.lost_at or (None if evidence.on_time else max(evidence.rated_due, evidence.issued_at))
    return (False if window.holds(lost_at) else None,)


LOST_AT = "coalesce(lost_at, case when on_time is not true then greatest(rated_due, issued_at) end)"

RULE = ratio(
    Indicator.CLOSED_IN_TIME,
    decide,
    closed=f"""case
        when rated_due is null then null
        when on_time and closed_at is not null then case when {held_sql("closed_at")} then true end
        when {held_sql(LOST_AT)} then false
    end""",
)
