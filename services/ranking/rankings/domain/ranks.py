"""From outcomes to ranks: points, scores and shared ranks, in exact decimals (R4, R5)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from contracts.ranking import RankingRow, Score
from contracts.terms import Indicator, PeerGroup
from contracts.units import UnitAddress
from services.ranking.facts.domain.period import Window
from services.ranking.indicators.outcome import Outcome
from services.ranking.indicators.rule import Counts
from services.ranking.schemes.domain import FULL, Measure, Method, Scheme, rounded


@dataclass(frozen=True, slots=True)
class Result:
    """A ranking as it was computed, not yet issued; digest: SHA-256 of the canonical input."""

    window: Window
    group: PeerGroup
    scheme_version: int
    rows: tuple[RankingRow, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class Tally:
    """What one unit did in a month; overdue: assignments OVERDUE at the end; notices: urgings and orders received."""

    counts: Mapping[Indicator, Counts]
    overdue: int
    notices: int


def ranked(
    outcomes: Iterable[Outcome], notices: Mapping[UnitAddress, int], names: Mapping[UnitAddress, str], scheme: Scheme
) -> tuple[RankingRow, ...]:
    """By score; then fewer OVERDUE, more on time, fewer urgings and orders; else the rank is shared.

    A unit of which nothing was decided is not ranked: deductions alone would put whoever did nothing first.
    """
    by_unit: dict[UnitAddress, list[Outcome]] = {}
    for outcome in outcomes:
        by_unit.setdefault(outcome.ranked_unit, []).append(outcome)
    tallies = {unit: _tally(of_unit, notices.get(unit, 0)) for unit, of_unit in by_unit.items()}
    rows = [_row(unit, names[unit], tally, scheme) for unit, tally in tallies.items() if _measurable(tally, scheme)]
    rows.sort(key=lambda row: (_order(row), row.unit))
    ranks = {_order(row): rank for rank, row in reversed(list(enumerate(rows, 1)))}
    return tuple(row.model_copy(update={"rank": ranks[_order(row)]}) for row in rows)


def _tally(outcomes: list[Outcome], notices: int) -> Tally:
    pairs = {indicator: [outcome.counts[indicator] for outcome in outcomes] for indicator in outcomes[0].counts}
    counts = {indicator: (sum(n for n, _ in each), sum(d for _, d in each)) for indicator, each in pairs.items()}
    return Tally(counts, sum(outcome.overdue for outcome in outcomes), notices)


def _measurable(tally: Tally, scheme: Scheme) -> bool:
    return any(tally.counts[m.indicator][1] for m in scheme.measures if m.method is Method.RATIO)


def _row(unit: UnitAddress, name: str, tally: Tally, scheme: Scheme) -> RankingRow:
    scores = tuple(_score(measure, tally.counts[measure.indicator]) for measure in scheme.measures)
    applicable = [(score.points, score.weight) for score in scores if score.points is not None]
    total = sum((points for points, _ in applicable), Decimal(0))
    won, decided = tally.counts[Indicator.CLOSED_IN_TIME]
    return RankingRow(
        rank=0,
        unit=unit,
        name=name,
        score=rounded(FULL * total / sum(weight for _, weight in applicable)),
        scores=scores,
        overdue=tally.overdue,
        on_time_original=rounded(FULL * won / decided) if decided else None,
        notices=tally.notices,
    )


def _score(measure: Measure, counts: Counts) -> Score:
    return Score(
        indicator=measure.indicator,
        numerator=Decimal(counts[0]),
        denominator=Decimal(counts[1]),
        points=measure.points(counts),
        weight=measure.weight,
    )


def _order(row: RankingRow) -> tuple[Decimal, int, Decimal, int]:
    on_time = Decimal(-1) if row.on_time_original is None else row.on_time_original
    return (-row.score, row.overdue, -on_time, row.notices)
