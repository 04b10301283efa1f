"""按时签收: decided when it was acknowledged, or when it was due."""

import pytest

from contracts.terms import Indicator
from services.ranking.facts.domain.period import INSTANT
from tests.ranking.outcomes import DONE, MISSED, NOTHING, OCTOBER, SEPTEMBER, counted
from tests.story import Matter, Story, moment
from tests.story.province import YAODU

ACKNOWLEDGED = Indicator.ACKNOWLEDGED_IN_TIME


@pytest.fixture
def matter() -> Matter:
    return Story("2026-10-12 10:00").register(lead=YAODU, deadline="2026年10月30日")


def test_it_is_due_at_the_end_of_the_next_working_day(matter: Matter):
    matter.story.at("2026-10-13 18:00")
    matter.acknowledge()
    assert counted(matter, ACKNOWLEDGED) == DONE


def test_a_moment_too_late_is_missed(matter: Matter):
    matter.story.at(moment("2026-10-13 18:00") + INSTANT)
    matter.acknowledge()
    assert counted(matter, ACKNOWLEDGED) == MISSED


def test_what_is_neither_done_nor_due_is_not_decided(matter: Matter):
    assert counted(matter, ACKNOWLEDGED, now="2026-10-12 12:00") == NOTHING


def test_what_was_done_early_counts_at_once(matter: Matter):
    matter.story.at("2026-10-12 11:00")
    matter.acknowledge()
    assert counted(matter, ACKNOWLEDGED, now="2026-10-12 12:00") == DONE


def test_what_was_decided_in_one_month_counts_in_no_other():
    matter = Story("2026-09-29 10:00").register(lead=YAODU)
    matter.story.at("2026-10-20 10:00")
    matter.acknowledge()
    assert counted(matter, ACKNOWLEDGED, SEPTEMBER) == MISSED
    assert counted(matter, ACKNOWLEDGED, OCTOBER) == NOTHING
