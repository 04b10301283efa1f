"""The war room's figures made ready to be looked at."""

from hypothesis import given
from hypothesis import strategies as st

from contracts.terms import Light
from services.portal.wall import panels


@given(st.integers(0, 300), st.integers(0, 300))
def test_the_alarm_is_on_exactly_when_one_that_is_due_is_not_closed(required, done):
    done = min(required, done)
    counted = {"reform": {"total": 300, "closed": 300, "required": required, "done": done}}
    (bars,) = [each for each in panels.bars(counted) if each.total]
    assert bars.behind == required - done


def test_the_headline_shares_are_the_sources_own():
    assert panels.percent(102, 256) == 39.8 and panels.percent(725, 1414) == 51.3 and panels.percent(0, 0) == 0


def test_a_place_shows_its_worst_light():
    (tile,) = panels.tiles([("14.05", "晋城市")], {"14.05": {"open": 3, "stalled": 1, "lagging": 1, "normal": 1}})
    assert tile.light is Light.STALLED and tile.open == 3 and tile.overdue == 0
    assert panels.tiles([("14.06", "朔州市")], {})[0].light is Light.NONE


def test_a_ranking_shows_its_first_seven_and_its_last_two():
    class Ranking:
        rows = tuple(range(11))

    assert panels.ends(Ranking()) == ([0, 1, 2, 3, 4, 5, 6], [9, 10]) and panels.ends(None) == ([], [])
