"""In which months an assignment counts at all."""

import pytest

from contracts.terms import Indicator
from tests.ranking.outcomes import DONE, NOTHING, NOVEMBER, OCTOBER, SEPTEMBER, counted, outcome_of
from tests.story import Matter, Story
from tests.story.province import YAODU


@pytest.fixture
def matter() -> Matter:
    matter = Story("2026-09-01 10:00").register(lead=YAODU, deadline="2026年10月15日")
    matter.acknowledge()
    return matter


def test_what_is_suspended_or_cancelled_counts_nowhere(matter: Matter):
    matter.story.at("2026-10-10 10:00")
    matter.suspend()
    assert outcome_of(matter, overdue=("2026-10-05 10:00",)) is None
    matter.story.at("2026-10-20 10:00")
    matter.resume()
    assert outcome_of(matter) is not None
    matter.cancel()
    assert outcome_of(matter) is None


def test_a_later_cancellation_leaves_the_month_before_it_as_it_was(matter: Matter):
    before = outcome_of(matter)
    matter.story.at("2026-11-20 10:00")
    matter.cancel()
    assert before is not None and outcome_of(matter) == before
    assert outcome_of(matter, NOVEMBER) is None


def test_a_closed_matter_is_in_nobodys_hands_the_month_after():
    matter = Story("2026-09-01 10:00").register(lead=YAODU, deadline="2026年9月30日")
    matter.story.at("2026-09-29 10:00")
    matter.finish()
    assert counted(matter, Indicator.CLOSED_IN_TIME, SEPTEMBER) == DONE
    assert outcome_of(matter, OCTOBER) is None


def test_clocks_that_ran_out_before_an_import_count_for_nothing():
    matter = Story("2026-10-10 10:00").register(
        lead=YAODU, deadline="2026年10月9日", t0="2026-09-28 10:00", historical_before="2026-10-10 10:00"
    )
    outcome = outcome_of(matter)
    assert outcome is not None
    assert [outcome.counts[each] for each in Indicator if each is not Indicator.DAYS_OVERDUE] == [NOTHING] * 3
