"""From evidence to ranks: points, scores and shared places, in exact decimals (R4, R5)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from contracts.ranking import RankingRow, Score
from contracts.terms import Indicator
from contracts.units import UnitAddress
from services.ranking.domain.evidence import Evidence
from services.ranking.domain.scheme import FULL, Measure, Method, Scheme

PLACES = Decimal("0.0001")
Counts = tuple[int, int]
"""A numerator and a denominator."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What one place did in a month; overdue, notices: parts OVERDUE at the end, urgings and orders received."""

    counts: Mapping[Indicator, Counts]
    overdue: int
    notices: int


def tally(evidence: Iterable[Evidence], notices: int = 0) -> Tally:
    """Add up the evidence of one place."""
    rows = list(evidence)
    counts = {
        Indicator.ACKNOWLEDGED_IN_TIME: _counted(row.acknowledged for row in rows),
        Indicator.REPORTED_IN_TIME: _counted(said for row in rows for said in (row.fed_back, row.reported)),
        Indicator.CLOSED_IN_TIME: _counted(row.closed for row in rows),
        Indicator.DAYS_OVERDUE: (sum(row.days_overdue for row in rows), len(rows)),
    }
    return Tally(counts, sum(row.overdue for row in rows), notices)


def cell(measure: Measure, counts: Counts) -> Cell:
    """One indicator of one place."""
    return Score(
        indicator=measure.indicator,
        numerator=Decimal(counts[0]),
        denominator=Decimal(counts[1]),
        points=points(measure, *counts),
        weight=measure.weight,
    )


def points(measure: Measure, num: int, den: int) -> Decimal | None:
    """Points to four places; None where the indicator does not apply. Multiplied first: one rounding in all."""
    if den == 0:
        return None
    if measure.method is Method.RATIO:
        return _rounded(measure.weight * min(num, den) / den)
    return _rounded(max(measure.floor, measure.weight - measure.per_unit * num / den))


def standings(
    evidence: Iterable[Evidence], notices: Mapping[UnitAddress, int], names: Mapping[UnitAddress, str], scheme: Scheme
) -> tuple[RankingRow, ...]:
    """The board: by score; then fewer OVERDUE, more on time, fewer urgings and orders; else the rank is shared.

    A place of which nothing was decided is not ranked: deductions alone would put whoever did nothing first.
    """
    rows: dict[UnitAddress, list[Evidence]] = {}
    for row in evidence:
        rows.setdefault(row.place, []).append(row)
    tallies = {place: tally(of_place, notices.get(place, 0)) for place, of_place in rows.items()}
    found = [_standing(p, names[p], t, scheme) for p, t in tallies.items() if _measurable(t, scheme)]
    found.sort(key=lambda standing: (_order(standing), standing.unit))
    ranks = {_order(standing): rank for rank, standing in reversed(list(enumerate(found, 1)))}
    return tuple(standing.model_copy(update={"rank": ranks[_order(standing)]}) for standing in found)


def _measurable(counted: Tally, scheme: Scheme) -> bool:
    return any(counted.counts[m.indicator][1] for m in scheme.measures if m.method is Method.RATIO)


def _standing(place: UnitAddress, name: str, counted: Tally, scheme: Scheme) -> Standing:
    cells = tuple(cell(measure, counted.counts[measure.indicator]) for measure in scheme.measures)
    applicable = [(c.points, c.weight) for c in cells if c.points is not None]
    total = sum((got for got, _ in applicable), Decimal(0))
    won, decided = counted.counts[Indicator.CLOSED_IN_TIME]
    return RankingRow(
        rank=0,
        unit=place,
        name=name,
        score=_rounded(FULL * total / sum(weight for _, weight in applicable)),
        cells=cells,
        overdue=counted.overdue,
        on_time_original=_rounded(FULL * won / decided) if decided else None,
        notices=counted.notices,
    )


def _order(standing: RankingRow) -> tuple[Decimal, int, Decimal, int]:
    on_time = Decimal(-1) if standing.on_time_original is None else standing.on_time_original
    return (-standing.score, standing.overdue, -on_time, standing.notices)


def _counted(said: Iterable[bool | None]) -> Counts:
    decided = [one for one in said if one is not None]
    return sum(decided), len(decided)


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(PLACES, ROUND_HALF_UP)
