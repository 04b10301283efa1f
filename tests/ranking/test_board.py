"""From evidence to ranks: exact points, shared places, and what may never change them."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.ranking import RankingRow
from contracts.terms import Indicator, PeerGroup
from services.ranking.domain.board import points, standings
from services.ranking.domain.evidence import Evidence
from services.ranking.domain.period import Period
from services.ranking.domain.scheme import SCHEME, Measure, Method, Scheme, in_force
from services.ranking.domain.snapshot import Snapshot, SnapshotUnreadable, heading, read, written

PLACES = [f"14.01.{n:02}.000.gov" for n in range(1, 6)]
NAMES = {place: place for place in PLACES}
maybe = st.sampled_from([True, False, None])
rows = st.builds(
    Evidence, st.sampled_from(PLACES), st.uuids(), maybe, maybe, maybe, maybe, st.integers(0, 31), st.booleans()
)
evidences = st.lists(rows, max_size=30, unique_by=lambda row: row.assignment_id)
notices = st.dictionaries(st.sampled_from(PLACES), st.integers(0, 3))


def row(place: str = PLACES[0], *said: bool | None, days: int = 0, overdue: bool = False) -> Evidence:
    """One part's evidence; `said` in the order acknowledged, fed back, reported, closed."""
    return Evidence(place, UUID(int=random.getrandbits(128)), *said, days_overdue=days, overdue=overdue)


def ranks(board: Sequence[RankingRow]) -> list[tuple[int, str]]:
    return [(standing.rank, standing.unit) for standing in board]


def test_points_are_rounded_half_up_to_four_places():
    ratio = Measure(indicator=Indicator.CLOSED_IN_TIME, weight=Decimal(40))
    assert points(ratio, 1, 3) == Decimal("13.3333")
    assert points(ratio, 2, 3) == Decimal("26.6667")
    assert points(ratio.model_copy(update={"weight": Decimal("0.0001")}), 1, 2) == Decimal("0.0001")
    assert points(ratio, 0, 0) is None
    assert points(ratio, 5, 4) == Decimal(40)


def test_a_deduction_stops_at_its_floor():
    deduct = Measure(
        indicator=Indicator.DAYS_OVERDUE,
        weight=Decimal(10),
        method=Method.DEDUCT,
        per_unit=Decimal(1),
        floor=Decimal(2),
    )
    assert points(deduct, 0, 7) == Decimal(10)
    assert points(deduct, 7, 7) == Decimal(9)
    assert points(deduct, 700, 7) == Decimal(2)


def test_what_does_not_apply_is_removed_from_the_denominator():
    (standing,) = standings([row(PLACES[0], True), row(PLACES[0], False)], {}, NAMES, SCHEME)
    cells = {cell.indicator: cell.points for cell in standing.cells}
    assert cells == {
        Indicator.ACKNOWLEDGED_IN_TIME: Decimal(10),
        Indicator.REPORTED_IN_TIME: None,
        Indicator.CLOSED_IN_TIME: None,
        Indicator.DAYS_OVERDUE: Decimal(10),
    }
    assert standing.score == Decimal("66.6667")
    assert standing.on_time_original is None


def test_a_place_of_which_nothing_was_decided_is_not_ranked():
    assert standings([row(PLACES[0]), row(PLACES[1], days=3)], {PLACES[0]: 1}, NAMES, SCHEME) == ()


def test_equal_scores_fall_to_fewer_overdue_then_fewer_urgings_and_else_share_their_rank():
    best, second, third, fourth, last = PLACES
    evidence = [
        *(row(place, True) for place in (best, second, third)),
        row(fourth, True, overdue=True),
        row(last, False),
    ]
    board = standings(evidence, {best: 0, second: 1, third: 1}, NAMES, SCHEME)
    assert ranks(board) == [(1, best), (2, second), (2, third), (4, fourth), (5, last)]


def test_equal_scores_fall_to_more_on_time_by_the_original_due_date():
    weights = [Decimal(30), Decimal(20), Decimal(20), Decimal(30)]
    measures = tuple(m.model_copy(update={"weight": w}) for m, w in zip(SCHEME.measures, weights, strict=True))
    even = SCHEME.model_copy(update={"measures": measures})
    evidence = [row(PLACES[0], None, True, None, False), row(PLACES[1], None, False, None, True)]
    board = standings(evidence, {}, NAMES, even)
    assert board[0].score == board[1].score
    assert ranks(board) == [(1, PLACES[1]), (2, PLACES[0])]


@given(evidences, notices, st.randoms(use_true_random=False))
def test_the_order_of_the_evidence_does_not_matter(evidence, received, dice):
    board = standings(evidence, received, NAMES, SCHEME)
    dice.shuffle(evidence)
    assert standings(evidence, received, NAMES, SCHEME) == board


@given(evidences, st.integers(0, 3))
def test_one_more_success_never_lowers_a_ratio(evidence, field):
    names = ("acknowledged", "fed_back", "reported", "closed")
    target = Evidence(PLACES[0], UUID(int=1), True, True, True, True)
    before = points_of([*evidence, replace(target, **{names[field]: None})])
    after = points_of([*evidence, target])
    for indicator, measure in ((m.indicator, m) for m in SCHEME.measures if m.method is Method.RATIO):
        assert after[indicator] >= before.get(indicator, Decimal(0)), measure


def points_of(evidence: Sequence[Evidence]) -> dict[Indicator, Decimal]:
    board = standings(evidence, {}, NAMES, SCHEME)
    return {c.indicator: c.points for s in board if s.unit == PLACES[0] for c in s.cells if c.points is not None}


@given(evidences, notices)
def test_ranks_are_shared_and_as_many_are_left_out_after(evidence, received):
    board = standings(evidence, received, NAMES, SCHEME)
    for standing in board:
        ahead = [o for o in board if order(o) < order(standing)]
        assert standing.rank == len(ahead) + 1
        assert Decimal(0) <= standing.score <= Decimal(100)


def order(standing: RankingRow) -> tuple[Decimal, int, Decimal, int]:
    on_time = standing.on_time_original
    return (-standing.score, standing.overdue, Decimal(1) if on_time is None else -on_time, standing.notices)


@given(evidences, st.lists(st.tuples(st.sampled_from(PLACES), st.uuids()), max_size=5, unique=True))
def test_what_is_written_down_can_be_read_again(evidence, received):
    text = written(heading(Period(2026, 10), PeerGroup.COUNTY, SCHEME), Snapshot(tuple(evidence), tuple(received)))
    scheme, snapshot = read(text)
    assert scheme.canonical() == SCHEME.canonical()
    assert set(snapshot.evidence) == set(evidence)
    assert set(snapshot.notices) == set(received)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda text: text.replace("duban", "other"), "第1行"),
        (lambda text: text.replace("2026-10", "October"), "第2行"),
        (lambda text: text.replace('"20"', '"21"'), "第2行应为月份和组别，第3行应为考核方案"),
        (lambda text: text + "P|14.01.01.000.gov|x\n", "第4行"),
        (lambda text: text + "Q|14.01.01.000.gov|x\n", "第4行"),
        (lambda text: "", "第1行"),
    ],
)
def test_what_is_not_the_input_of_a_board_is_refused_with_its_line(spoil, said):
    text = written(heading(Period(2026, 10), PeerGroup.COUNTY, SCHEME), Snapshot((), ()))
    with pytest.raises(SnapshotUnreadable, match=said):
        read(spoil(text))


def test_a_scheme_is_whole():
    assert sum(measure.weight for measure in SCHEME.measures) == 100
    with pytest.raises(ValidationError, match="权重之和应为 100"):
        Scheme(version=2, effective=date(2026, 1, 1), measures=SCHEME.measures[:3])
    with pytest.raises(ValidationError, match="只能出现一次"):
        Scheme(version=2, effective=date(2026, 1, 1), measures=SCHEME.measures + SCHEME.measures[:1])
    with pytest.raises(ValueError, match="4个"):
        SCHEME.reweighted([Decimal(100)])


def test_a_scheme_holds_for_the_months_that_begin_after_it():
    later = SCHEME.model_copy(update={"version": 2, "effective": date(2026, 10, 2)})
    assert in_force([SCHEME, later], Period(2026, 10)) is SCHEME
    assert in_force([SCHEME, later], Period(2026, 11)) is later
