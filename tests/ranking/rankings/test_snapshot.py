"""The input of a ranking can be written down and read again, or is refused with its line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.terms import PeerGroup
from services.ranking.facts.domain.period import Period
from services.ranking.rankings.domain.snapshot import Snapshot, SnapshotUnreadable, heading, read, write
from services.ranking.schemes.domain import SCHEME
from tests.ranking.rankings.test_ranks import UNITS, some_outcomes

HEADING = heading(Period(2026, 10), PeerGroup.COUNTY, SCHEME)
urgings = st.lists(st.tuples(st.sampled_from(UNITS), st.uuids()), max_size=5, unique=True)


@given(some_outcomes, urgings)
def test_what_is_written_down_can_be_read_again(outcomes, urgings):
    scheme, snapshot = read(write(HEADING, Snapshot(tuple(outcomes), tuple(urgings))))
    assert scheme.canonical() == SCHEME.canonical()
    assert sorted(snapshot.outcomes, key=str) == sorted(outcomes, key=str)
    assert set(snapshot.urgings) == set(urgings)


@given(some_outcomes, urgings, st.randoms(use_true_random=False))
def test_the_same_input_in_any_order_is_the_same_text(outcomes, urgings, dice):
    text = write(HEADING, Snapshot(tuple(outcomes), tuple(urgings)))
    dice.shuffle(outcomes)
    dice.shuffle(urgings)
    assert write(HEADING, Snapshot(tuple(outcomes), tuple(urgings))) == text


@pytest.mark.parametrize(
    ("spoil", "line"),
    [
        (lambda text: text.replace("duban", "other"), "第1行"),
        (lambda text: text.replace("2026-10", "October"), "第2行"),
        (lambda text: text.replace("closed_in_time days", "closed_some_time days"), "第2行"),
        (lambda text: text.replace('"20"', '"21"'), "第2行应为月份、组别和指标，第3行应为考核方案"),
        (lambda text: text + "A|14.01.01.000.gov|x\n", "第4行"),
        (lambda text: text + f"A|14.01.01.000.gov|{'0' * 32}|1/1|1/1|1/1|0\n", "第4行"),
        (lambda text: text + "Q|14.01.01.000.gov|x\n", "第4行"),
        (lambda text: "", "第1行"),
    ],
)
def test_what_is_not_the_input_of_a_ranking_is_refused_with_its_line(spoil, line):
    with pytest.raises(SnapshotUnreadable, match=line):
        read(spoil(write(HEADING, Snapshot((), ()))))
