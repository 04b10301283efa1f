"""From outcomes to ranks: exact points, shared ranks, and what may never change them."""

import random
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from contracts.ranking import RankingRow
from contracts.terms import Indicator
from services.ranking.indicators.outcome import RULES, Outcome
from services.ranking.rankings.domain.ranks import ranked
from services.ranking.schemes.domain import SCHEME, Method

UNITS = [f"14.01.{n:02}.000.gov" for n in range(1, 6)]
NAMES = {unit: unit for unit in UNITS}
INDICATORS = [rule.indicator for rule in RULES]
ACKNOWLEDGED, REPORTED, CLOSED, DAYS = INDICATORS
counts = st.sampled_from([(0, 0), (0, 1), (1, 1), (1, 2), (2, 2)])
all_counts = st.builds(
    lambda ratios, days: dict(zip(INDICATORS, (*ratios, (days, 1)), strict=True)),
    st.tuples(counts, counts, counts),
    st.integers(0, 31),
)
outcomes = st.builds(Outcome, st.sampled_from(UNITS), st.uuids(), all_counts, st.booleans())
some_outcomes = st.lists(outcomes, max_size=30, unique_by=lambda outcome: outcome.assignment_id)
notices = st.dictionaries(st.sampled_from(UNITS), st.integers(0, 3))


def one(
    unit: str = UNITS[0],
    acknowledged: bool | None = None,
    reported: bool | None = None,
    closed: bool | None = None,
    days: int = 0,
    overdue: bool = False,
) -> Outcome:
    """One assignment's outcome; None: nothing was decided."""
    decided = [(0, 0) if each is None else (int(each), 1) for each in (acknowledged, reported, closed)]
    counts = dict(zip(INDICATORS, (*decided, (days, 1)), strict=True))
    return Outcome(unit, UUID(int=random.getrandbits(128)), counts, overdue)


def ranks(rows: Sequence[RankingRow]) -> list[tuple[int, str]]:
    return [(row.rank, row.unit) for row in rows]


def test_what_does_not_apply_is_removed_from_the_denominator():
    (row,) = ranked([one(acknowledged=True), one(acknowledged=False)], {}, NAMES, SCHEME)
    assert {score.indicator: score.points for score in row.scores} == {
        ACKNOWLEDGED: Decimal(10),
        REPORTED: None,
        CLOSED: None,
        DAYS: Decimal(10),
    }
    assert row.score == Decimal("66.6667")
    assert row.on_time_original is None


def test_a_unit_of_which_nothing_was_decided_is_not_ranked():
    assert ranked([one(), one(UNITS[1], days=3)], {UNITS[0]: 1}, NAMES, SCHEME) == ()


def test_equal_scores_fall_to_fewer_overdue_then_fewer_urgings_and_else_share_their_rank():
    best, second, third, fourth, last = UNITS
    rows = [*(one(unit, True) for unit in (best, second, third)), one(fourth, True, overdue=True), one(last, False)]
    ranking = ranked(rows, {best: 0, second: 1, third: 1}, NAMES, SCHEME)
    assert ranks(ranking) == [(1, best), (2, second), (2, third), (4, fourth), (5, last)]


def test_equal_scores_fall_to_more_on_time_by_the_original_due_date():
    even = SCHEME.reweighted(map(Decimal, (30, 20, 20, 30)))
    rows = [one(UNITS[0], reported=True, closed=False), one(UNITS[1], reported=False, closed=True)]
    ranking = ranked(rows, {}, NAMES, even)
    assert ranking[0].score == ranking[1].score
    assert ranks(ranking) == [(1, UNITS[1]), (2, UNITS[0])]


@given(some_outcomes, notices, st.randoms(use_true_random=False))
def test_the_order_of_the_outcomes_does_not_matter(outcomes, received, dice):
    ranking = ranked(outcomes, received, NAMES, SCHEME)
    dice.shuffle(outcomes)
    assert ranked(outcomes, received, NAMES, SCHEME) == ranking


@given(some_outcomes, st.sampled_from([ACKNOWLEDGED, REPORTED, CLOSED]))
def test_one_more_success_never_lowers_a_ratio(outcomes, indicator):
    target = one(UNITS[0], True, True, True)
    without = replace(target, counts=target.counts | {indicator: (0, 0)})
    before, after = points_of([*outcomes, without]), points_of([*outcomes, target])
    for measure in (m for m in SCHEME.measures if m.method is Method.RATIO):
        assert after[measure.indicator] >= before.get(measure.indicator, Decimal(0)), measure


def points_of(outcomes: Sequence[Outcome]) -> dict[Indicator, Decimal]:
    rows = ranked(outcomes, {}, NAMES, SCHEME)
    return {s.indicator: s.points for row in rows if row.unit == UNITS[0] for s in row.scores if s.points is not None}


@given(some_outcomes, notices)
def test_ranks_are_shared_and_as_many_are_left_out_after(outcomes, received):
    ranking = ranked(outcomes, received, NAMES, SCHEME)
    for row in ranking:
        ahead = [other for other in ranking if order(other) < order(row)]
        assert row.rank == len(ahead) + 1
        assert Decimal(0) <= row.score <= Decimal(100)


def order(row: RankingRow) -> tuple[Decimal, int, Decimal, int]:
    on_time = row.on_time_original
    return (-row.score, row.overdue, Decimal(1) if on_time is None else -on_time, row.notices)
