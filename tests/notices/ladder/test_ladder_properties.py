"""Whatever happens to an assignment in whatever order: the promises of the ladder hold (R3)."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.terms import AssignmentState, Light, NoticeKind, Role
from contracts.workdays import day_of
from services.notices.ladder.domain.escalation import ActivityKind, End, Rung, runs_out
from services.notices.ladder.domain.evaluation import Raise
from services.notices.ladder.domain.policy import LEVEL, LadderPolicy
from tests.notices.ladder.walk import CALENDAR, POLICY, Walk, at

BEGIN = at("2026-11-02 09:00")
LIGHTS = (Light.NORMAL, Light.LAGGING, Light.STALLED, Light.OVERDUE)
OPEN = (AssignmentState.WORKING, AssignmentState.ISSUED)

DEEDS = ["sign"] * 3 + ["report", "submit", "rework", "close", "receive", "void", "feedback", "badge", "wait", "due"]
light = st.tuples(st.just("light"), st.sampled_from((*LIGHTS, Light.STALLED, Light.OVERDUE)))
historical = st.tuples(st.just("historical"), st.sampled_from(LIGHTS[1:]))
deed = st.tuples(st.sampled_from(DEEDS), st.none())
happening = st.integers(0, 9).flatmap(lambda n: light if n < 3 else historical if n == 3 else deed)
steps = st.lists(st.tuples(st.integers(1, 120), happening), min_size=12, max_size=40)
"""Things that happen, each some hours after the one before."""


def happen(walk: Walk, what: str, colour: Light | None, now) -> None:
    """One thing that people or other services do."""
    state = walk.part.state
    if what in ("light", "historical") and state is not AssignmentState.CLOSED:
        walk.turn(colour, now, historical=what == "historical")
    elif what == "report" and state in OPEN:
        walk.report(now)
    elif what == "submit" and state in OPEN:
        walk.report(now)
        walk.change(state=AssignmentState.SUBMITTED)
    elif what == "rework" and state is AssignmentState.SUBMITTED:
        walk.act(ActivityKind.REWORKED, now)
        walk.change(state=AssignmentState.WORKING)
    elif what == "close" and state is AssignmentState.SUBMITTED:
        walk.change(state=AssignmentState.CLOSED, light=Light.NONE)
    elif what == "receive":
        walk.receive(now)
    elif what == "sign":
        walk.sign(now)
    elif what == "void":
        walk.void(NoticeKind.URGING)
    elif what == "feedback":
        walk.change(feedback_missed_at=walk.escalation.feedback_missed_at or now)
    elif what == "badge" and walk.part.due:
        walk.change(due_soon_at=now, due_soon_for=walk.part.due)
    elif what == "due":
        walk.change(due=now + timedelta(days=5))


def running(rung: Rung, walk: Walk, now) -> bool:
    """Signed, not answered, and its reply clock has not ended."""
    end = runs_out(rung, walk.escalation.activities, CALENDAR, POLICY)
    return end is not None and now < end


def hold(walk: Walk, now, proposals) -> None:
    """Every promise, as it stands after one evaluation."""
    rungs = [rung for rung in walk.rungs if rung.kind in LEVEL]
    keys = [(rung.kind, rung.cause, rung.occurrence) for rung in walk.rungs]
    assert len(set(keys)) == len(keys)
    assert sum(rung.draft for rung in rungs) <= 1
    urgings = [rung for rung in rungs if rung.kind is NoticeKind.URGING and rung.ended is not End.WITHDRAWN]
    assert sum(rung.ended is None for rung in urgings) <= POLICY.urging_max
    for before, after in pairwise(urgings):
        apart = CALENDAR.workdays_between(day_of(before.signed_at or before.raised_at), day_of(after.raised_at))
        assert apart >= POLICY.urging_gap
    raised = [proposal for proposal in proposals if isinstance(proposal, Raise) and proposal.kind in LEVEL]
    assert len(raised) <= 1
    for proposal in raised:
        assert walk.part.state in OPEN
        assert all(LEVEL[rung.kind] < LEVEL[proposal.kind] for rung in rungs[:-1] if running(rung, walk, now))


@settings(max_examples=300)
@given(steps, st.sampled_from(Role))
def test_keys_are_unique_one_rung_is_live_and_urgings_stay_within_their_bounds(happenings, role):
    walk, now = Walk(role=role, due=at("2026-11-20 18:00")), BEGIN
    for hours, (what, colour) in happenings:
        now += timedelta(hours=hours)
        happen(walk, what, colour, now)
        hold(walk, now, walk.evaluate(now))
        assert walk.next_at is None or walk.next_at > now
    for kind in {rung.kind for rung in walk.rungs}:
        event(f"raised {kind}")
    if role is Role.SUPPORTING:
        assert {rung.kind for rung in walk.rungs} <= {NoticeKind.PROMPT, NoticeKind.SUPERVISION}


@settings(max_examples=150)
@given(steps)
def test_each_signed_rung_cites_the_one_signed_before_it(happenings):
    walk, now = Walk(due=at("2026-11-20 18:00")), BEGIN
    for hours, (what, colour) in happenings:
        now += timedelta(hours=hours)
        if what != "void":
            happen(walk, what, colour, now)
        walk.evaluate(now)
    assert walk.cites == ["", *walk.signed][: len(walk.signed)]


@settings(max_examples=150)
@given(steps)
def test_evaluating_only_when_time_asks_for_it_misses_nothing(happenings):
    seldom, often, now = Walk(due=at("2026-11-20 18:00")), Walk(due=at("2026-11-20 18:00")), BEGIN
    for hours, (what, colour) in happenings:
        for hour in range(hours):
            then = now + timedelta(hours=hour)
            if then.hour not in (9, 18):
                continue
            often.evaluate(then)
            if seldom.next_at and seldom.next_at <= then:
                seldom.evaluate(then)
        now += timedelta(hours=hours)
        for walk in (seldom, often):
            happen(walk, what, colour, now)
            walk.evaluate(now)
    assert seldom.history == often.history


@given(steps)
def test_what_was_so_before_an_import_climbs_nowhere(happenings):
    walk, now = Walk(historical_before=BEGIN, due=at("2026-10-01 18:00")), BEGIN
    for hours, (what, colour) in happenings:
        now += timedelta(hours=hours)
        if what not in ("light", "feedback", "badge"):
            happen(walk, what, colour, now)
        walk.evaluate(now)
    assert {rung.kind for rung in walk.rungs} <= {NoticeKind.SUPERVISION}


def test_no_policy_lets_an_order_go_out_by_itself():
    with pytest.raises(ValidationError, match="责令书一律由领导签发"):
        LadderPolicy(automatic=(NoticeKind.PROMPT, NoticeKind.ORDER))
