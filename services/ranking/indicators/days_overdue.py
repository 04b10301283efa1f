"""逾期天数: the midnights that an assignment passed while its light was OVERDUE and it was not suspended."""

from bisect import bisect_left
from datetime import datetime
from itertools import zip_longest

from contracts.terms import Indicator
from contracts.workdays import day_of
from services.ranking.facts.domain.evidence import Evidence
from services.ranking.facts.domain.period import Window
from services.ranking.indicators.rule import Counts, Rule, Turns


def counts(evidence: Evidence, overdue: Turns, window: Window) -> Counts:
    """The days, of one assignment."""
    spans = [(max(since, window.period.start), min(until, window.cut)) for since, until in _spans(overdue, window.cut)]
    return sum(_days(evidence, since, until) for since, until in spans if since < until), 1


def overdue_at_end(overdue: Turns, window: Window) -> bool:
    """The light is OVERDUE at the end of the month; by this ties are broken (R5)."""
    return bisect_left(overdue, window.cut) % 2 == 1


def _days(evidence: Evidence, since: datetime, until: datetime) -> int:
    paused = ((max(since, begun), min(until, ended)) for begun, ended in _spans(evidence.pauses, until))
    return _midnights(since, until) - sum(max(0, _midnights(*pause)) for pause in paused)


def _spans(turns: Turns, last: datetime) -> list[tuple[datetime, datetime]]:
    return list(zip_longest(turns[::2], turns[1::2], fillvalue=last))


def _midnights(since: datetime, until: datetime) -> int:
    return (day_of(until) - day_of(since)).days


def _midnights_sql(since: str, until: str) -> str:
    return f"(({until}) at time zone 'Asia/Shanghai')::date - (({since}) at time zone 'Asia/Shanghai')::date"


OVERDUE_AT_END = "coalesce(width_bucket(cut - interval '1 microsecond', overdue_turns) % 2 = 1, false)"

RULE = Rule(
    Indicator.DAYS_OVERDUE,
    counts,
    columns=f"""case when overdue_turns is null then 0 else (
        select coalesce(sum({_midnights_sql("since", "until")} - case when pauses = '{{}}' then 0 else (
            select sum(greatest(0, {_midnights_sql("greatest(since, pauses[p])", "least(until, pauses[p + 1])")}))
            from generate_series(1, cardinality(pauses), 2) p
        ) end), 0)
        from generate_series(1, cardinality(overdue_turns), 2) o, lateral (
            select greatest(overdue_turns[o], start) as since, least(overdue_turns[o + 1], cut) as until
        ) span where since < until
    ) end as days""",
    numerator="days",
    denominator="1",
)
