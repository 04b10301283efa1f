"""The light of one assignment (R2): colours, precedence, boundaries, and the moment time alone will change it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.assignment import Assignment
from contracts.light import planned
from contracts.terms import Board, Light, LightReason
from services.alerts.domain.light import LIGHT_OF, SEVERITY
from tests.alerts.judge import CALENDAR, INSTANT, RULES, T0, begin, light_at, lit, under_way
from tests.alerts.lives import last, lives
from tests.story import moment

GOLDEN = """
2026-09-20 18:00  lagging  deploy_missed
2026-09-21 18:00  lagging  behind_plan deploy_missed
2026-09-22 18:00  lagging  behind_plan deploy_missed feedback_missed
2026-10-09 18:00  stalled  no_move behind_plan deploy_missed feedback_missed
2026-10-19 18:00  overdue  past_due no_move behind_plan deploy_missed feedback_missed
2026-11-18 18:00  overdue  past_due no_move reports_missed behind_plan deploy_missed feedback_missed
"""


def test_an_assignment_nobody_touches_goes_through_every_light_over_the_holidays():
    _, matter = begin()
    assignment, now, seen = matter.part(), T0, []
    while (verdict := lit(assignment, now)).next_change_at:
        now = verdict.next_change_at
        changed = lit(assignment, now)
        seen.append((now - INSTANT, changed.light, changed.reasons))
    expected = [line.split() for line in GOLDEN.strip().splitlines()]
    assert seen == [(moment(f"{d} {t}"), Light(light), tuple(map(LightReason, why))) for d, t, light, *why in expected]


def test_the_last_instant_of_the_due_date_is_still_in_time():
    _, matter = under_way(95)
    due = moment("2026-10-19 18:00")
    assert LightReason.PAST_DUE not in lit(matter.part(), due).reasons
    assert light_at(matter.part(), due + INSTANT) is Light.OVERDUE


@pytest.mark.parametrize(("percent", "light"), [("1.76", Light.LAGGING), ("1.77", Light.NORMAL)])
def test_ten_points_behind_lags_and_nine_ninety_nine_does_not(percent: str, light: Light):
    _, matter = under_way(percent)
    after_two_days = moment("2026-09-21 18:00") + INSTANT
    assert planned(matter.part(), after_two_days, CALENDAR) == Decimal("11.76")
    assert light_at(matter.part(), after_two_days) is light
    assert light_at(matter.part(), after_two_days - INSTANT) is Light.NORMAL


@pytest.mark.parametrize(("percent", "light"), [("56.67", Light.LAGGING), ("56.68", Light.NORMAL)])
def test_the_plan_is_compared_as_it_is_shown_with_two_places(percent: str, light: Light):
    _, matter = under_way(percent, deadline="3个工作日")
    after_two_of_three_days = moment("2026-09-21 18:00") + INSTANT
    assert planned(matter.part(), after_two_of_three_days, CALENDAR) == Decimal("66.67")
    assert light_at(matter.part(), after_two_of_three_days) is light


@pytest.mark.parametrize(("board", "end"), [(Board.KEY_WORK, "2026-10-10 18:00"), (Board.DAILY, "2026-09-23 18:00")])
def test_an_assignment_stalls_when_the_nth_working_day_without_a_move_has_ended(board: Board, end: str):
    _, matter = under_way(60, board=board)
    assert LightReason.NO_MOVE not in lit(matter.part(), moment(end)).reasons
    assert LightReason.NO_MOVE in lit(matter.part(), moment(end) + INSTANT).reasons


def test_words_without_increase_or_evidence_are_a_report_but_no_move():
    story, matter = under_way(90, board=Board.DAILY)
    story.at("2026-09-23 09:00")
    matter.report(90)
    now = moment("2026-09-30 18:00")
    assert lit(matter.part(), now).reasons == (LightReason.NO_MOVE,)
    story.at("2026-09-28 09:00")
    matter.report(evidence=("a" * 64,))
    assert light_at(matter.part(), now) is Light.NORMAL


def test_two_missed_reports_stall_the_daily_board_though_all_was_done_in_the_last():
    _, matter = under_way(100, board=Board.DAILY)
    sixth = moment("2026-09-29 18:00")  # 21 22 23 24 28 29; the 25th is a holiday
    assert LightReason.REPORTS_MISSED not in lit(matter.part(), sixth).reasons
    assert LightReason.REPORTS_MISSED in lit(matter.part(), sixth + INSTANT).reasons


def test_a_late_report_ends_the_lag_of_a_missed_clock():
    story, matter = begin()
    late = moment("2026-09-21 09:00")
    assert lit(matter.part(), late).reasons == (LightReason.DEPLOY_MISSED,)
    story.at(late)
    matter.acknowledge()
    matter.deploy()
    assert light_at(matter.part(), late) is Light.NORMAL


def test_a_progress_report_does_not_answer_the_deploy_clock():
    story, matter = begin()
    story.at("2026-09-20 09:00")
    matter.acknowledge()
    matter.report(50)
    assert lit(matter.part(), moment("2026-09-21 09:00")).reasons == (LightReason.DEPLOY_MISSED,)


def test_a_completion_answers_the_feedback_clock_as_tasks_judges_it():
    story, matter = begin()
    story.at("2026-09-20 09:00")
    matter.acknowledge()
    matter.deploy()
    story.at("2026-09-24 09:00")
    assert lit(matter.part(), story.now).reasons == (LightReason.BEHIND_PLAN, LightReason.FEEDBACK_MISSED)
    matter.complete()
    assert lit(matter.part(), story.now).reasons == (LightReason.SUBMITTED_ON_TIME,)
    matter.rework()
    assert LightReason.FEEDBACK_MISSED not in lit(matter.part(), story.now).reasons


def test_the_progress_a_ledger_came_with_answers_both_first_clocks_but_nothing_done_answers_none():
    now = moment("2026-09-23 09:00")
    _, matter = begin(now, t0=T0, percent=55, as_of=now)
    assert light_at(matter.part(), now) is Light.NORMAL
    _, nothing = begin(now, t0=T0, percent=0, as_of=now)
    assert {LightReason.DEPLOY_MISSED, LightReason.FEEDBACK_MISSED} < set(lit(nothing.part(), now).reasons)


def test_an_on_time_submission_freezes_the_light():
    story, matter = under_way(40)
    story.at("2026-10-19 18:00")
    matter.complete()
    verdict = lit(matter.part(), moment("2027-03-01 09:00"))
    assert (verdict.light, verdict.reasons) == (Light.NORMAL, (LightReason.SUBMITTED_ON_TIME,))
    assert verdict.next_change_at is None


def test_a_late_submission_stays_overdue_and_nothing_else():
    story, matter = begin()
    story.at("2026-10-20 09:00")
    matter.acknowledge()
    matter.complete()
    assert lit(matter.part(), moment("2027-03-01 09:00")).reasons == (LightReason.PAST_DUE,)


def test_a_rejected_submission_is_judged_by_the_original_due_date():
    story, matter = under_way(90)
    story.at("2026-10-16 09:00")
    matter.complete()
    story.at("2026-10-20 09:00")
    matter.rework()
    verdict = lit(matter.part(), story.now)
    assert (verdict.light, verdict.since) == (Light.OVERDUE, moment("2026-10-19 18:00") + INSTANT)


def test_a_rejection_gives_the_unit_its_days_to_move_again():
    story, matter = under_way(90, deadline="2026-12-31")
    story.at("2026-09-24 09:00")
    matter.complete()
    story.at("2026-11-20 09:00")
    matter.rework()
    assert light_at(matter.part(), story.now) is Light.NORMAL


def test_a_closed_assignment_shows_no_light():
    story, matter = begin()
    story.at("2026-10-20 09:00")
    matter.finish()
    verdict = lit(matter.part(), moment("2026-12-01 09:00"))
    assert (verdict.light, verdict.reasons, verdict.next_change_at) == (Light.NONE, (LightReason.CLOSED,), None)


def test_a_zero_clock_has_no_plan_and_is_never_overdue_but_stalls():
    _, matter = under_way(0, deadline="长期坚持")
    now = moment("2027-06-01 09:00")
    assert planned(matter.part(), now, CALENDAR) is None
    assert light_at(matter.part(), now) is Light.STALLED
    assert lit(matter.part(), now).reasons == (LightReason.NO_MOVE, LightReason.REPORTS_MISSED)


def test_a_moved_due_date_moves_the_plan_and_the_end():
    story, matter = under_way(90)
    story.at("2026-10-12 09:00")
    matter.change_due("2026-11-10 18:00")
    end = moment("2026-11-10 18:00")
    assert LightReason.PAST_DUE not in lit(matter.part(), end).reasons
    assert LightReason.PAST_DUE in lit(matter.part(), end + INSTANT).reasons


def test_a_due_date_on_the_day_of_assignment_plans_everything_at_its_end():
    _, matter = under_way(50, "2026-09-18 11:00", deadline="2026-09-18")
    end = moment("2026-09-18 18:00")
    assert planned(matter.part(), end, CALENDAR) == 0
    assert planned(matter.part(), end + INSTANT, CALENDAR) == 100
    assert LightReason.BEHIND_PLAN in lit(matter.part(), end + INSTANT).reasons


def test_an_unknown_report_period_is_an_error_that_names_the_field():
    _, matter = begin()
    with pytest.raises(ValueError, match="report_every：“weekly”"):
        lit(matter.part().model_copy(update={"report_every": "weekly"}), T0)


@given(lives())
def test_next_change_at_is_exactly_the_first_moment_at_which_anything_differs(life):
    events, now = life
    assignment = last(events)
    verdict = lit(assignment, now)
    visible = (verdict.light, verdict.reasons)
    if verdict.next_change_at is None:
        end = lit(assignment, now + timedelta(days=1500))
        assert (end.light, end.reasons) == visible
        return
    before, then = lit(assignment, verdict.next_change_at - INSTANT), lit(assignment, verdict.next_change_at)
    assert verdict.next_change_at > now
    assert (before.light, before.reasons) == visible
    assert (then.light, then.reasons) != visible


@given(lives(), st.timedeltas(timedelta(0), timedelta(days=400)))
def test_time_alone_never_makes_a_light_better(life, later):
    events, now = life
    assignment = last(events)
    first, then = lit(assignment, now), lit(assignment, now + later)
    assert SEVERITY[then.light] >= SEVERITY[first.light]
    assert set(then.reasons) >= set(first.reasons)


@given(lives())
def test_the_gravest_reason_gives_the_colour_and_all_are_kept(life):
    events, now = life
    verdict = lit(last(events), now)
    colours = [LIGHT_OF[reason] for reason in verdict.reasons if reason in LIGHT_OF]
    if colours:
        assert verdict.light is max(colours, key=SEVERITY.__getitem__)
        assert [SEVERITY[each] for each in colours] == sorted((SEVERITY[each] for each in colours), reverse=True)
    else:
        assert verdict.light in (Light.NORMAL, Light.NONE)
    assert (verdict.since is None) == (verdict.light in (Light.NORMAL, Light.NONE))
    assert verdict.since is None or verdict.since <= now


@given(lives())
def test_behind_plan_holds_exactly_where_the_shown_plan_is_ten_points_ahead(life):
    events, now = life
    assignment = last(events)
    reasons, plan = lit(assignment, now).reasons, planned(assignment, now, CALENDAR)
    if not assignment.open or assignment.submitted or plan is None:
        assert LightReason.BEHIND_PLAN not in reasons
        return
    behind = plan - (assignment.percent or 0) >= RULES.policy.lag_points
    assert (LightReason.BEHIND_PLAN in reasons) == behind


@given(lives())
def test_the_light_follows_from_the_published_state_and_the_moment_alone(life):
    events, now = life
    assignment = last(events)
    stored = Assignment.model_validate_json(assignment.model_dump_json())
    assert stored == assignment
    assert lit(stored, now) == lit(assignment, now)
