"""How the clocks of an assignment are shown: as tasks decided them, by position."""

from datetime import timedelta

from services.portal.task.clocks import Progress, steps
from tests.story import Story
from tests.story.province import LINFEN, calendar

START = "2026-11-16 10:00"  # a Monday


def visible(story, matter):
    return [(step.kind.value, step.progress.value) for step in steps(matter.part(), story.now, calendar())]


def test_the_first_clock_that_is_not_over_runs_and_the_rest_lie_ahead():
    story = Story(START)
    matter = story.register(lead=LINFEN)
    assert visible(story, matter) == [
        ("deploy_1d", "running"), ("feedback_3d", "ahead"), ("resolve_7d", "ahead"), ("zero", "ahead"),
    ]  # fmt: skip


def test_a_clock_met_too_late_is_late_and_one_that_ran_out_is_missed_by_so_many_working_days():
    story = Story(START)
    matter = story.register(lead=LINFEN)
    matter.acknowledge()
    story.at("2026-11-18 10:00")
    matter.deploy()
    assert visible(story, matter)[:2] == [("deploy_1d", "late"), ("feedback_3d", "running")]
    story.at("2026-11-23 10:00")
    missed = steps(matter.part(), story.now, calendar())[1]
    assert missed.progress is Progress.MISSED and missed.days == 2


def test_zero_is_met_by_closure_alone():
    story = Story(START)
    matter = story.register(lead=LINFEN)
    matter.finish()
    assert visible(story, matter)[-1] == ("zero", "met")


def test_a_task_followed_to_the_end_has_no_resolving_clock():
    story = Story(START)
    matter = story.register(lead=LINFEN, deadline="持续推进")
    assert [kind for kind, _ in visible(story, matter)] == ["deploy_1d", "feedback_3d", "zero"]


def test_suspended_clocks_stand_where_they_stood():
    story = Story(START)
    matter = story.register(lead=LINFEN)
    matter.suspend()
    before = steps(matter.part(), story.now, calendar())
    assert steps(matter.part(), story.now + timedelta(days=30), calendar()) == before
