"""按时签收: of what was to be acknowledged, what was acknowledged before `deploy_1d` ended."""

from contracts.terms import Indicator
from services.ranking.facts.domain.evidence import Evidence
from services.ranking.facts.domain.period import Window
from services.ranking.indicators.rule import Decision, in_time, in_time_sql, ratio


def decide(evidence: Evidence, window: Window) -> tuple[Decision]:
    return (in_time(evidence.receipt_due, evidence.acknowledged_at, evidence, window),)


RULE = ratio(Indicator.ACKNOWLEDGED_IN_TIME, decide, acknowledged=in_time_sql("receipt_due", "acknowledged_at"))
