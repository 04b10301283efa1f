"""The light of one part (R2): colours, precedence, boundaries, and the moment time alone will change it."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.terms import Board, Light, LightReason, ReportKind
from contracts.workdays import ClockKind, Weight
from services.alerts.domain.light import COLOUR, SEVERITY
from services.alerts.store import WATCH
from tests.alerts.story import RULES, Story, at, colour, lit, watched

INSTANT = timedelta(microseconds=1)
T0 = at("2026-09-18 10:00")


def major(**more: object) -> Story:
    """Issued on Friday 2026-09-18; resolve_1m ends on 10-19, 17 working days later."""
    return Story(T0, weight=Weight.MAJOR, **more)


def working(story: Story, percent: object = 0, when: str = "2026-09-20 09:00"):
    """Both first clocks answered in time, with some progress."""
    now = at(when)
    return (story.issued(), story.reported(now, kind=ReportKind.DEPLOYMENT), story.reported(now, percent))


GOLDEN = """
2026-09-20 18:00  lagging  deploy_missed
2026-09-21 18:00  lagging  behind_plan deploy_missed
2026-09-22 18:00  lagging  behind_plan deploy_missed feedback_missed
2026-10-09 18:00  stalled  no_move behind_plan deploy_missed feedback_missed
2026-10-19 18:00  overdue  past_due no_move behind_plan deploy_missed feedback_missed
2026-11-18 18:00  overdue  past_due no_move reports_missed behind_plan deploy_missed feedback_missed
"""


def test_a_part_nobody_touches_goes_through_every_colour_over_the_holidays():
    watch, now, seen = watched(major().issued()), T0, []
    while (verdict := lit(watch, now)).next_change_at:
        now = verdict.next_change_at
        changed = lit(watch, now)
        seen.append((now - INSTANT, changed.light, changed.reasons))
    expected = [line.split() for line in GOLDEN.strip().splitlines()]
    assert seen == [(at(f"{d} {t}"), Light(light), tuple(map(LightReason, why))) for d, t, light, *why in expected]


def test_the_last_instant_of_the_due_date_is_still_in_time():
    watch = watched(*working(major(), 95))
    due = at("2026-10-19 18:00")
    assert LightReason.PAST_DUE not in lit(watch, due).reasons
    assert lit(watch, due + INSTANT).light is Light.OVERDUE


@pytest.mark.parametrize(("percent", "light"), [("1.76", Light.LAGGING), ("1.77", Light.NORMAL)])
def test_ten_points_behind_lags_and_nine_ninety_nine_does_not(percent: str, light: Light):
    watch = watched(*working(major(), percent))
    after_two_days = at("2026-09-21 18:00") + INSTANT
    assert lit(watch, after_two_days).planned == Decimal("11.76")
    assert colour(watch, after_two_days) is light
    assert colour(watch, after_two_days - INSTANT) is Light.NORMAL


@pytest.mark.parametrize(("percent", "light"), [("56.67", Light.LAGGING), ("56.68", Light.NORMAL)])
def test_the_plan_is_compared_as_it_is_shown_with_two_places(percent: str, light: Light):
    watch = watched(*working(Story(T0, "3个工作日"), percent))
    after_two_of_three_days = at("2026-09-21 18:00") + INSTANT
    assert lit(watch, after_two_of_three_days).planned == Decimal("66.67")
    assert colour(watch, after_two_of_three_days) is light


@pytest.mark.parametrize(("board", "last"), [(Board.KEY_WORK, "2026-10-10 18:00"), (Board.DAILY, "2026-09-23 18:00")])
def test_a_part_stalls_when_the_nth_working_day_without_a_move_has_ended(board: Board, last: str):
    watch = watched(*working(major(board=board), 60))
    assert LightReason.NO_MOVE not in lit(watch, at(last)).reasons
    assert LightReason.NO_MOVE in lit(watch, at(last) + INSTANT).reasons


def test_words_without_increase_or_evidence_are_a_report_but_no_move():
    story = major(board=Board.DAILY)
    events = [*working(story, 90), story.reported(at("2026-09-23 09:00"), 90, increased=False)]
    now = at("2026-09-30 18:00")
    assert lit(watched(*events), now).reasons == (LightReason.NO_MOVE,)
    events.append(story.reported(at("2026-09-28 09:00"), evidence=("a" * 64,)))
    assert colour(watched(*events), now) is Light.NORMAL


def test_two_missed_reports_stall_the_daily_board_though_evidence_came_with_the_last():
    watch = watched(*working(major(board=Board.DAILY), 100, "2026-09-20 09:00"))
    sixth = at("2026-09-29 18:00")  # 21 22 23 24 28 29; the 25th is a holiday
    assert LightReason.REPORTS_MISSED not in lit(watch, sixth).reasons
    assert LightReason.REPORTS_MISSED in lit(watch, sixth + INSTANT).reasons


def test_a_late_report_ends_the_lag_of_a_missed_clock():
    story = major()
    issued, late = story.issued(), at("2026-09-21 09:00")
    assert lit(watched(issued), late).reasons == (LightReason.DEPLOY_MISSED,)
    assert colour(watched(issued, story.reported(late, kind=ReportKind.DEPLOYMENT)), late) is Light.NORMAL


def test_a_progress_report_does_not_answer_the_deploy_clock():
    story = major()
    watch = watched(story.issued(), story.reported(at("2026-09-20 09:00"), 50))
    assert lit(watch, at("2026-09-21 09:00")).reasons == (LightReason.DEPLOY_MISSED,)


def test_the_progress_a_ledger_came_with_answers_both_first_clocks_but_nothing_done_answers_none():
    story = major()
    issued, now = story.issued(), at("2026-09-23 09:00")
    assert colour(watched(issued, story.reported(now, 55, kind=ReportKind.IMPORTED)), now) is Light.NORMAL
    nothing = watched(issued, story.reported(now, 0, kind=ReportKind.IMPORTED, increased=False))
    assert {LightReason.DEPLOY_MISSED, LightReason.FEEDBACK_MISSED} < set(lit(nothing, now).reasons)


def test_an_on_time_submission_freezes_the_light():
    story = major()
    watch = watched(*working(story, 40), story.submitted(at("2026-10-19 18:00")))
    verdict = lit(watch, at("2027-03-01 09:00"))
    assert (verdict.light, verdict.reasons) == (Light.NORMAL, (LightReason.SUBMITTED_ON_TIME,))
    assert verdict.next_change_at is None


def test_a_late_submission_stays_overdue_and_nothing_else():
    story = major()
    watch = watched(story.issued(), story.submitted(at("2026-10-20 09:00")))
    assert lit(watch, at("2027-03-01 09:00")).reasons == (LightReason.PAST_DUE,)


def test_a_rejected_submission_is_judged_by_the_original_due_date():
    story = major()
    events = [*working(story, 90), story.submitted(at("2026-10-16 09:00")), story.reworked(at("2026-10-20 09:00"), 90)]
    verdict = lit(watched(*events), at("2026-10-20 09:00"))
    assert (verdict.light, verdict.since) == (Light.OVERDUE, at("2026-10-19 18:00") + INSTANT)


def test_a_rejection_gives_the_unit_its_days_to_move_again():
    story = Story(T0, "2026-12-31")
    events = [*working(story, 90), story.submitted(at("2026-09-24 09:00")), story.reworked(at("2026-11-20 09:00"), 90)]
    assert colour(watched(*events), at("2026-11-20 09:00")) is Light.NORMAL


def test_a_closed_part_shows_no_light():
    story = major()
    events = [story.issued(), story.submitted(at("2026-10-20 09:00")), story.closed(at("2026-10-22 09:00"))]
    verdict = lit(watched(*events), at("2026-12-01 09:00"))
    assert (verdict.light, verdict.reasons, verdict.next_change_at) == (Light.NONE, (LightReason.CLOSED,), None)


def test_a_zero_clock_has_no_plan_and_is_never_overdue_but_stalls():
    watch = watched(*working(Story(T0, "长期坚持"), 0))
    verdict = lit(watch, at("2027-06-01 09:00"))
    assert (verdict.light, verdict.planned) == (Light.STALLED, None)
    assert verdict.reasons == (LightReason.NO_MOVE, LightReason.REPORTS_MISSED)


def test_a_moved_due_date_moves_the_plan_and_the_end():
    story = major()
    events = [*working(story, 90), story.moved(at("2026-10-12 09:00"), at("2026-11-30 18:00"), ClockKind.RESOLVE_1M)]
    watch = watched(*events)
    assert LightReason.PAST_DUE not in lit(watch, at("2026-11-30 18:00")).reasons
    assert LightReason.PAST_DUE in lit(watch, at("2026-11-30 18:00") + INSTANT).reasons


def test_a_due_date_on_the_day_of_assignment_plans_everything_at_its_end():
    watch = watched(*working(Story(T0, "2026-09-18"), 50, "2026-09-18 11:00"))
    assert lit(watch, at("2026-09-18 18:00")).planned == 0
    assert lit(watch, at("2026-09-18 18:00") + INSTANT).planned == 100


def test_an_unknown_report_period_is_an_error_that_names_the_field():
    watch = watched(major().issued().model_copy(update={"report_every": "weekly"}))
    with pytest.raises(ValueError, match="report_every：“weekly”"):
        lit(watch, T0)


GAPS = st.timedeltas(timedelta(0), timedelta(days=12))
DEEDS = st.sampled_from(
    ["acknowledged", "deployed", "reported", "evidence", "submitted", "reworked", "moved", "closed"]
)
PERCENT = st.decimals(0, 100, places=2)


def deed(story: Story, what: str, now: datetime, percent: Decimal):
    """The event of one deed, where the state allows it."""
    if what == "reworked" or story.submitted_at:
        return story.reworked(now, percent) if story.submitted_at else None
    match what:
        case "acknowledged":
            return story.acknowledged(now)
        case "deployed":
            return story.reported(now, kind=ReportKind.DEPLOYMENT)
        case "reported":
            return story.reported(now, percent)
        case "evidence":
            return story.reported(now, evidence=("a" * 64,))
        case "submitted":
            return story.submitted(now)
        case "moved":
            return story.moved(now, now + timedelta(days=9))
        case _:
            return story.closed(now)


@st.composite
def lives(draw: st.DrawFn):
    """Events of one part in order, and a moment after the last."""
    story = Story(
        now := at("2026-01-01 00:00") + draw(st.timedeltas(timedelta(0), timedelta(days=500))),
        draw(st.sampled_from(["", "年底前", "长期坚持", "15天内", "3个月内", "2个工作日"])),
        draw(st.sampled_from(Weight)),
        board=draw(st.sampled_from([Board.DAILY, Board.REFORM])),
    )
    events = [story.issued()]
    for what, gap, percent in draw(st.lists(st.tuples(DEEDS, GAPS, PERCENT), max_size=6)):
        now += gap
        if event := deed(story, what, now, percent):
            events.append(event)
        if what == "closed" and event:
            break
    return events, now + draw(st.timedeltas(timedelta(0), timedelta(days=200)))


@given(lives())
def test_next_change_at_is_exactly_the_first_moment_at_which_anything_differs(life):
    events, now = life
    watch = watched(*events)
    verdict = lit(watch, now)
    shown = (verdict.light, verdict.reasons)
    if verdict.next_change_at is None:
        end = lit(watch, now + timedelta(days=1500))
        assert (end.light, end.reasons) == shown
        return
    before, then = lit(watch, verdict.next_change_at - INSTANT), lit(watch, verdict.next_change_at)
    assert verdict.next_change_at > now
    assert (before.light, before.reasons) == shown
    assert (then.light, then.reasons) != shown


@given(lives(), st.timedeltas(timedelta(0), timedelta(days=400)))
def test_time_alone_never_makes_a_light_better(life, later):
    events, now = life
    watch = watched(*events)
    first, then = lit(watch, now), lit(watch, now + later)
    assert SEVERITY[then.light] >= SEVERITY[first.light]
    assert set(then.reasons) >= set(first.reasons)


@given(lives())
def test_the_gravest_reason_gives_the_colour_and_all_are_kept(life):
    events, now = life
    verdict = lit(watched(*events), now)
    colours = [COLOUR[reason] for reason in verdict.reasons if reason in COLOUR]
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
    watch = watched(*events)
    verdict = lit(watch, now)
    if watch.closed or watch.reviewed or verdict.planned is None:
        assert LightReason.BEHIND_PLAN not in verdict.reasons
        return
    behind = verdict.planned - watch.percent >= RULES.policy.lag_points
    assert (LightReason.BEHIND_PLAN in verdict.reasons) == behind


@given(lives())
def test_the_light_follows_from_the_kept_facts_and_the_moment_alone(life):
    events, now = life
    watch = watched(*events)
    kept = WATCH.validate_json(WATCH.dump_json(watch))
    assert kept == watch
    assert lit(kept, now) == lit(watch, now)
