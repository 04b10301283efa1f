"""A suspended part keeps its light, a cancelled one loses it; time brings neither anything (R2, §2)."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from contracts.events.light import ClockMissed, LightChanged
from contracts.terms import Light, LightReason, ReportKind
from contracts.workdays import ClockKind
from services.alerts.domain import registered
from tests.alerts.story import Story, at, colour, lit, told, watched

T0 = at("2026-09-18 10:00")
WORKED, STOPPED, ON = at("2026-09-20 09:00"), at("2026-09-24 09:00"), at("2026-10-20 09:00")
LONG_AFTER = at("2027-03-01 09:00")


def working(story: Story):
    first = story.reported(WORKED, kind=ReportKind.DEPLOYMENT)
    return story.issued(), first, story.reported(WORKED, 60)


def test_a_suspended_part_shows_what_it_showed_however_long_it_stands_still():
    story = Story(T0)
    watch = watched(*working(story), story.suspended(STOPPED))
    assert colour(watch, STOPPED) is colour(watch, LONG_AFTER) is Light.NORMAL
    found = lit(watch, LONG_AFTER)
    assert found.next_change_at is None
    assert found.planned == lit(watch, STOPPED).planned


def test_a_red_part_stays_red_while_it_stands_still():
    story = Story(T0)
    late = at("2026-10-21 09:00")
    watch = watched(*working(story), story.suspended(late))
    assert colour(watch, late) is colour(watch, LONG_AFTER) is Light.OVERDUE


def test_nothing_is_missed_while_it_stands_still_and_the_moved_clock_counts_afterwards():
    story = Story(T0)
    task = registered(story.registered())
    new_due = at("2026-11-02 18:00")
    task, said = told(task, *working(story), story.suspended(STOPPED), until=at("2026-10-20 08:00"))
    assert not [word for word in said if isinstance(word, ClockMissed)]
    kind = story.clocks[-1].kind
    task, said = told(task, story.moved(ON, new_due, kind, "suspension"), story.resumed(ON), until=new_due)
    assert not [word for word in said if isinstance(word, ClockMissed)]
    assert not [word for word in said if isinstance(word, LightChanged) and word.light is Light.OVERDUE]
    task, said = told(task, until=new_due + timedelta(seconds=1))
    assert [word.clock for word in said if isinstance(word, ClockMissed)] == [ClockKind.RESOLVE_7D]
    assert task.shown.light is Light.OVERDUE


def test_the_wait_for_a_move_begins_anew_with_the_end_of_a_suspension():
    story = Story(T0, deadline="2026-12-31")
    watch = watched(*working(story), story.suspended(STOPPED), story.resumed(ON))
    assert LightReason.NO_MOVE not in lit(watch, ON + timedelta(days=7)).reasons
    assert LightReason.NO_MOVE in lit(watch, ON + timedelta(days=21)).reasons


def test_a_cancelled_part_is_dark_and_so_is_its_task():
    story = Story(T0)
    task = registered(story.registered())
    task, _ = told(task, *working(story), until=at("2026-10-21 09:00"))
    assert task.shown.light is Light.OVERDUE
    task, said = told(task, story.cancelled(at("2026-10-21 10:00")), until=LONG_AFTER)
    assert [(word.light, word.reasons) for word in said] == [(Light.NONE, (LightReason.CANCELLED,))] * 2


@given(st.integers(0, 60), st.integers(0, 4000), st.integers(0, 4000))
def test_time_changes_nothing_of_what_stands_still(days, sooner, later):
    story = Story(T0)
    moment = WORKED + timedelta(days=days)
    watch = watched(*working(story), story.suspended(moment))
    first, second = sorted((moment + timedelta(hours=sooner), moment + timedelta(hours=later)))
    assert lit(watch, first) == lit(watch, second)
