"""What waits is found whole and in order, whoever commits late; and each planted mistake is caught."""

import pytest

from services.chassis.backlog import Horizon
from tests.chassis.torture import Cursor, Unpulled, torture


async def test_nothing_is_lost_or_out_of_order_whoever_commits_late_and_whenever_the_relay_dies(writer):
    outcome = await torture(writer, rows=10_000)
    assert (outcome.lost, outcome.disordered) == (0, 0)
    assert outcome.deaths


@pytest.mark.full
async def test_nothing_is_lost_or_out_of_order_in_a_long_run(writer):
    outcome = await torture(writer, rows=200_000)
    assert (outcome.lost, outcome.disordered) == (0, 0)


@pytest.mark.full
async def test_a_mark_that_follows_what_was_published_loses_who_commits_late(writer):
    assert (await torture(writer, rows=4_000, kind=Cursor, dies=0)).lost


@pytest.mark.full
async def test_lanes_without_pulling_along_break_the_order(writer):
    assert (await torture(writer, rows=4_000, kind=Unpulled, dies=0)).disordered


def test_a_number_is_settled_once_all_have_gone_who_could_still_write_a_smaller_one():
    horizon = Horizon()
    horizon.look(10, {"a", "b"})
    assert horizon.settled == 0
    horizon.look(12, {"b", "c"})
    assert horizon.settled == 0
    horizon.look(15, {"c", "d"})
    assert horizon.settled == 10
    horizon.look(16, {"d"})
    assert horizon.settled == 10
    horizon.look(17, set())
    assert horizon.settled == 17
