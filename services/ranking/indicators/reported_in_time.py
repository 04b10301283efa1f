"""按时反馈: the first feedback within `feedback_3d`, and one report a month from whoever has the matter in hand."""

from bisect import bisect_right

from contracts.terms import Indicator
from services.ranking.facts.domain.evidence import Evidence
from services.ranking.facts.domain.period import Window
from services.ranking.indicators.rule import Decision, in_time, in_time_sql, ratio


def decide(evidence: Evidence, window: Window) -> tuple[Decision, Decision]:
    return in_time(evidence.feedback_due, evidence.fed_back_at, evidence, window), _reported(evidence, window)


def _reported(evidence: Evidence, window: Window) -> Decision:
    """Owed by whoever has the matter in hand when the month begins; missed only when the month is over."""
    if bisect_right(evidence.turns, window.period.start) % 2 == 0:
        return None
    if str(window.period) in evidence.months:
        return True
    return False if window.cut >= window.period.end else None


RULE = ratio(
    Indicator.REPORTED_IN_TIME,
    decide,
    fed_back=in_time_sql("feedback_due", "fed_back_at"),
    reported="""case
        when width_bucket(start, turns) % 2 = 0 then null
        when period = any (months) then true
        when cut >= ending then false
    end""",
)
