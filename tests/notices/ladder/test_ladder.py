"""The ladder, rung by rung: when it acts, when it waits, when it takes back (R3)."""

from datetime import timedelta

import pytest

from contracts.terms import AssignmentState, Light, NoticeCause, NoticeKind, Role
from services.notices.ladder.domain.escalation import ActivityKind, UnitActivity, runs_out
from services.notices.ladder.domain.evaluation import Raise, Reason, Withdraw
from tests.notices.ladder.walk import CALENDAR, POLICY, Walk, at

PROMPT, ASSIGNMENT, URGING, ORDER = NoticeKind.PROMPT, NoticeKind.ASSIGNMENT, NoticeKind.URGING, NoticeKind.ORDER
MONDAY = at("2026-11-23 10:00")


def stalled(when: str = "2026-11-23 10:00", **facts: object) -> Walk:
    """An assignment that has just stalled, urged at once."""
    walk = Walk(**facts)
    walk.turn(Light.STALLED, at(when))
    assert walk.raised(at(when)) == [(URGING, Reason.STALLED)]
    return walk


def test_the_first_lagging_prompts_and_no_later_one_does():
    walk = Walk()
    walk.turn(Light.LAGGING, MONDAY)
    assert walk.raised(MONDAY) == [(PROMPT, Reason.FIRST_LAGGING)]
    walk.sign(at("2026-11-23 17:30"))
    walk.receive(at("2026-11-24 09:00"))
    walk.turn(Light.NORMAL, at("2026-11-24 10:00"))
    walk.turn(Light.LAGGING, at("2026-12-01 10:00"))
    assert walk.raised(at("2026-12-01 10:00")) == []


def test_a_due_date_three_working_days_ahead_prompts_once_and_again_when_it_moves():
    walk = Walk(due=at("2026-11-26 18:00"), due_soon_for=at("2026-11-26 18:00"), due_soon_at=MONDAY)
    assert walk.raised(MONDAY) == [(PROMPT, Reason.DUE_SOON)]
    walk.sign(at("2026-11-23 17:30"))
    walk.receive(at("2026-11-24 09:00"))
    assert walk.raised(at("2026-11-24 10:00")) == []
    moved = {
        "due": at("2026-12-10 18:00"),
        "due_soon_for": at("2026-12-10 18:00"),
        "due_soon_at": at("2026-12-07 09:00"),
    }
    walk.change(**moved)
    assert walk.raised(at("2026-12-07 09:00")) == [(PROMPT, Reason.DUE_SOON)]
    assert [rung.occurrence for rung in walk.rungs] == [1, 2]


def test_a_badge_for_a_due_date_that_no_longer_holds_prompts_nobody():
    walk = Walk(due=at("2026-12-30 18:00"), due_soon_for=at("2026-11-26 18:00"), due_soon_at=MONDAY)
    assert walk.raised(MONDAY) == []


@pytest.mark.parametrize(
    ("facts", "light", "reason"),
    [
        ({}, Light.STALLED, Reason.STALLED),
        ({"due": MONDAY}, Light.OVERDUE, Reason.OVERDUE),
        ({"feedback_missed_at": MONDAY}, Light.LAGGING, Reason.FEEDBACK_MISSED),
    ],
)
def test_standstill_a_passed_due_date_and_missing_feedback_urge(facts, light, reason):
    walk = Walk(**facts)
    walk.turn(light, MONDAY)
    assert walk.raised(MONDAY) == [(URGING, reason)]


def test_late_feedback_takes_the_unsent_urging_back():
    walk = Walk(feedback_missed_at=MONDAY)
    assert walk.raised(MONDAY) == [(URGING, Reason.FEEDBACK_MISSED)]
    walk.report(at("2026-11-23 11:00"))
    [proposal] = walk.evaluate(at("2026-11-23 11:00"))
    assert proposal == Withdraw(walk.rungs[0].notice_id, Reason.CAUSE_GONE)


def test_an_urging_waits_for_its_click_and_nothing_else_is_drafted_meanwhile():
    walk = stalled()
    assert walk.raised(at("2026-12-20 10:00")) == []


def test_a_second_urging_follows_after_three_working_days_without_an_answer():
    walk = stalled()
    walk.sign(MONDAY)
    assert walk.rungs[0].reply_by == at("2026-11-26 18:00")
    assert walk.raised(at("2026-11-26 17:59")) == []
    assert walk.next_at == at("2026-11-26 18:00")
    assert walk.raised(at("2026-11-26 18:00")) == [(URGING, Reason.URGING_UNANSWERED)]


def test_an_answered_urging_is_not_repeated_for_the_same_standstill():
    walk = stalled()
    walk.sign(MONDAY)
    walk.report(at("2026-11-25 10:00"))
    assert walk.raised(at("2026-12-10 10:00")) == []


def test_a_new_standstill_urges_anew_but_never_a_third_time():
    walk = stalled()
    for again, expected in (("2026-12-08 10:00", [(URGING, Reason.STALLED)]), ("2026-12-28 10:00", [])):
        walk.sign(at(again) - timedelta(days=7))
        walk.report(at(again) - timedelta(days=6))
        walk.turn(Light.NORMAL, at(again) - timedelta(days=6))
        assert walk.evaluate(at(again) - timedelta(days=6)) == []
        walk.turn(Light.STALLED, at(again))
        assert walk.raised(at(again)) == expected


def test_a_due_date_that_passes_right_after_an_answered_urging_waits_until_three_working_days_are_over():
    walk = stalled(due=at("2026-11-24 18:00"))
    walk.sign(MONDAY)
    walk.report(at("2026-11-23 16:00"))
    walk.turn(Light.OVERDUE, at("2026-11-24 18:01"))
    assert walk.raised(at("2026-11-24 18:01")) == []
    assert walk.next_at == at("2026-11-26 18:00")
    assert walk.raised(at("2026-11-26 18:00")) == [(URGING, Reason.OVERDUE)]


def test_two_unanswered_urgings_put_an_order_before_the_leader():
    walk = stalled()
    walk.sign(MONDAY)
    walk.evaluate(at("2026-11-26 18:00"))
    walk.sign(at("2026-11-27 09:00"))
    assert walk.raised(at("2026-12-02 17:59")) == []
    assert walk.raised(at("2026-12-02 18:00")) == [(ORDER, Reason.URGINGS_UNANSWERED)]
    assert walk.rungs[-1].draft


def test_five_working_days_past_due_put_an_order_before_the_leader():
    walk = Walk(due=at("2026-11-20 18:00"))
    walk.turn(Light.OVERDUE, at("2026-11-20 18:01"))
    assert walk.raised(at("2026-11-20 18:01")) == [(URGING, Reason.OVERDUE)]
    walk.sign(at("2026-11-23 09:00"))
    walk.report(at("2026-11-24 09:00"))
    assert walk.raised(at("2026-11-27 08:59")) == []
    assert walk.next_at == at("2026-11-27 09:00")
    assert walk.raised(at("2026-11-27 09:00")) == [(ORDER, Reason.LONG_OVERDUE)]


def test_an_order_is_never_the_first_document_and_waits_for_the_one_before_it():
    walk = Walk(due=at("2026-11-02 18:00"))
    walk.turn(Light.OVERDUE, MONDAY)
    assert walk.raised(MONDAY) == [(URGING, Reason.OVERDUE)]
    assert walk.raised(at("2026-11-25 09:00")) == []
    walk.sign(at("2026-11-25 09:00"))
    assert walk.raised(at("2026-11-25 09:01")) == []
    assert walk.raised(at("2026-11-30 18:00")) == [(ORDER, Reason.LONG_OVERDUE)]


def test_an_order_made_void_by_a_person_is_not_drafted_again():
    walk = Walk(due=at("2026-11-10 18:00"))
    walk.turn(Light.OVERDUE, at("2026-11-10 18:01"))
    walk.evaluate(at("2026-11-10 18:01"))
    walk.sign(at("2026-11-11 09:00"))
    walk.report(at("2026-11-11 10:00"))
    assert walk.raised(MONDAY) == [(ORDER, Reason.LONG_OVERDUE)]
    walk.void(ORDER)
    assert walk.raised(at("2026-12-23 10:00")) == []


def test_a_prompt_unanswered_for_three_working_days_asks_the_office_for_an_assignment_slip():
    walk = Walk()
    walk.turn(Light.LAGGING, MONDAY)
    walk.evaluate(MONDAY)
    walk.sign(at("2026-11-23 17:30"))
    assert walk.raised(at("2026-11-26 17:59")) == []
    assert walk.raised(at("2026-11-26 18:00")) == [(ASSIGNMENT, Reason.PROMPT_UNANSWERED)]
    assert walk.rungs[-1].draft


def test_a_received_prompt_is_answered():
    walk = Walk()
    walk.turn(Light.LAGGING, MONDAY)
    walk.evaluate(MONDAY)
    walk.sign(at("2026-11-23 17:30"))
    walk.receive(at("2026-11-25 10:00"))
    assert walk.raised(at("2026-12-10 10:00")) == []


def test_a_standstill_replaces_the_prompt_that_has_not_gone_out():
    walk = Walk()
    walk.turn(Light.LAGGING, MONDAY)
    walk.evaluate(MONDAY)
    walk.turn(Light.STALLED, at("2026-11-23 15:00"))
    taken, raised = walk.evaluate(at("2026-11-23 15:00"))
    assert taken == Withdraw(walk.rungs[0].notice_id, Reason.CAUSE_GONE)
    assert isinstance(raised, Raise) and raised.kind is URGING


def test_an_urging_takes_an_assignment_slip_back_that_still_waits():
    walk = Walk()
    walk.turn(Light.LAGGING, MONDAY)
    walk.evaluate(MONDAY)
    walk.sign(at("2026-11-23 17:30"))
    walk.evaluate(at("2026-11-26 18:00"))
    walk.turn(Light.OVERDUE, at("2026-11-27 18:00"))
    proposals = walk.evaluate(at("2026-11-27 18:00"))
    assert Withdraw(walk.rungs[1].notice_id, Reason.OVERTAKEN) in proposals
    assert [rung.kind for rung in walk.rungs if rung.draft] == [URGING]


@pytest.mark.parametrize(
    ("state", "reason"), [(AssignmentState.SUBMITTED, Reason.SUBMITTED), (AssignmentState.CLOSED, Reason.CLOSED)]
)
def test_submission_and_closure_take_every_own_draft_back_and_raise_nothing(state, reason):
    walk = stalled()
    walk.change(state=state)
    assert walk.evaluate(at("2026-11-24 10:00")) == [Withdraw(walk.rungs[0].notice_id, reason)]
    walk.turn(Light.OVERDUE, at("2026-11-25 10:00"))
    assert walk.evaluate(at("2026-12-25 10:00")) == []


def test_a_report_stops_the_reply_clock_and_its_rejection_restarts_it_with_the_time_left():
    walk = stalled()
    walk.sign(MONDAY)
    walk.act(ActivityKind.REPORTED, at("2026-11-24 16:00"))
    assert runs_out(walk.rungs[0], walk.escalation.activities, CALENDAR, POLICY) is None
    walk.act(ActivityKind.REWORKED, at("2026-12-01 10:00"))
    assert runs_out(walk.rungs[0], walk.escalation.activities, CALENDAR, POLICY) == at("2026-12-03 18:00")
    walk.act(ActivityKind.REPORTED, at("2026-12-03 17:00"))
    walk.act(ActivityKind.REWORKED, at("2026-12-04 10:00"))
    assert runs_out(walk.rungs[0], walk.escalation.activities, CALENDAR, POLICY) == at("2026-12-07 18:00")


def test_a_reply_clock_counts_make_up_days_as_the_law_does():
    walk = stalled("2026-02-13 10:00")
    walk.sign(at("2026-02-13 10:00"))
    assert walk.rungs[0].reply_by == at("2026-02-25 18:00")


def test_what_was_so_before_an_import_raises_no_rung_but_the_offices_list():
    walk = Walk(due=at("2026-10-01 18:00"), historical_before=MONDAY)
    walk.turn(Light.OVERDUE, MONDAY, historical=True)
    assert walk.evaluate(MONDAY) == [Raise(NoticeKind.SUPERVISION, NoticeCause.HISTORICAL, 1, Reason.PAST_AT_IMPORT)]
    assert walk.evaluate(at("2027-01-10 10:00")) == []


def test_a_light_that_was_already_slow_before_an_import_is_silent():
    walk = Walk(historical_before=MONDAY)
    walk.turn(Light.STALLED, MONDAY, historical=True)
    assert walk.evaluate(MONDAY) == []


@pytest.mark.parametrize("light", [Light.LAGGING, Light.STALLED, Light.OVERDUE])
def test_a_supporting_unit_is_prompted_and_never_urged_or_ordered(light):
    walk = Walk(role=Role.SUPPORTING, due=at("2026-11-10 18:00"))
    walk.turn(light, MONDAY)
    walk.evaluate(MONDAY)
    walk.sign(at("2026-11-23 17:30"))
    walk.evaluate(at("2026-12-23 10:00"))
    assert [rung.kind for rung in walk.rungs] == [PROMPT]


def test_a_draft_made_void_by_a_person_is_not_drafted_again_for_the_same_standstill():
    walk = stalled()
    walk.void(URGING)
    assert walk.raised(at("2026-12-10 10:00")) == []
    walk.turn(Light.OVERDUE, at("2026-12-11 10:00"))
    assert walk.raised(at("2026-12-11 10:00")) == [(URGING, Reason.OVERDUE)]


def test_a_suspension_takes_the_draft_back_and_freezes_the_ladder_until_it_ends():
    walk = stalled()
    walk.change(paused_at=MONDAY)
    assert [(type(proposal), proposal.reason) for proposal in walk.evaluate(MONDAY)] == [(Withdraw, Reason.SUSPENDED)]
    assert walk.evaluate(at("2026-12-10 10:00")) == []
    walk.change(paused_at=None)
    walk.turn(Light.OVERDUE, at("2026-12-11 10:00"))
    assert walk.evaluate(at("2026-12-11 10:00")) != []


def test_a_cancelled_task_takes_the_drafts_of_the_ladder_back():
    walk = stalled()
    walk.change(state=AssignmentState.CANCELLED)
    assert [(type(proposal), proposal.reason) for proposal in walk.evaluate(MONDAY)] == [(Withdraw, Reason.CANCELLED)]


def test_a_suspension_stops_the_reply_clock_and_its_end_gives_the_rest_back():
    walk = stalled()
    walk.sign(at("2026-11-23 11:00"))
    rung = walk.rungs[-1]
    stops = UnitActivity(at("2026-11-24 09:00"), ActivityKind.SUSPENDED)
    assert runs_out(rung, (stops,), CALENDAR, POLICY) is None
    resumed = (stops, UnitActivity(at("2026-12-07 09:00"), ActivityKind.RESUMED))
    assert runs_out(rung, resumed, CALENDAR, POLICY) == at("2026-12-09 18:00")
    answered = (UnitActivity(at("2026-11-24 08:00"), ActivityKind.REPORTED), *resumed)
    assert runs_out(rung, answered, CALENDAR, POLICY) is None
