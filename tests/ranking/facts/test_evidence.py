"""Evidence is the last state, and what the difference of two states tells."""

from datetime import timedelta

import pytest

from contracts.assignment import Assignment
from contracts.envelope import Event
from contracts.events.assignment import AssignmentEvent
from contracts.terms import Light, Role
from contracts.workdays import ClockKind
from services.ranking.facts.domain.evidence import Evidence, evolve, overdue_turns
from tests.ranking.others import Others
from tests.ranking.outcomes import evidence_of
from tests.story import Story, moment
from tests.story.province import LINFEN, NODE, POLICE, YAODU, YAODU_OFFICE, YAODU_REFORM, supervisor


@pytest.fixture
def story() -> Story:
    return Story("2026-09-10 10:00")


def clock(part: Assignment, kind: ClockKind):
    return next(clock for clock in part.clocks if clock.kind is kind)


def test_clocks_and_what_met_them_are_those_of_tasks(story: Story):
    matter = story.register(lead=YAODU, deadline="2026年10月15日")
    story.at("2026-09-11 09:00")
    matter.acknowledge()
    matter.deploy()
    story.at("2026-09-20 09:00")
    matter.complete()
    part, evidence = matter.part(), evidence_of(matter)
    receipt, feedback = clock(part, ClockKind.DEPLOY_1D), clock(part, ClockKind.FEEDBACK_3D)
    assert (evidence.receipt_due, evidence.acknowledged_at) == (receipt.due, moment("2026-09-11 09:00"))
    assert (evidence.feedback_due, evidence.fed_back_at) == (feedback.due, feedback.met_at)
    assert (evidence.rated_due, evidence.on_time) == (part.original_due, True)


def test_the_unit_has_the_matter_in_turns(story: Story):
    matter = story.register(lead=YAODU, deadline="2026年10月15日")
    matter.acknowledge()
    moments = [story.now]
    for day, step in ((11, "complete"), (12, "rework"), (13, "suspend"), (14, "resume"), (15, "complete")):
        story.at(f"2026-09-{day} 10:00")
        getattr(matter, step)()
        moments.append(story.now)
    matter.verify()
    matter.close()
    assert evidence_of(matter).turns == tuple(moments)


def test_a_suspension_under_review_takes_nothing_out_of_the_units_hands(story: Story):
    matter = story.register(lead=YAODU, deadline="2026年10月15日")
    matter.acknowledge()
    matter.complete()
    turns = evidence_of(matter).turns
    story.later(days=1)
    matter.suspend()
    story.later(days=1)
    matter.resume()
    evidence = evidence_of(matter)
    assert evidence.turns == turns
    assert evidence.pauses == (moment("2026-09-11 10:00"), moment("2026-09-12 10:00"))


def test_months_are_kept_of_every_report_and_submission(story: Story):
    matter = story.register(lead=YAODU, deadline="2026年12月15日")
    matter.acknowledge()
    assert evidence_of(matter).months == ()
    matter.report(10)
    story.at("2026-10-31 23:59")
    matter.report(20)
    story.at("2026-12-01 00:00")
    matter.complete()
    assert evidence_of(matter).months == ("2026-09", "2026-10", "2026-12")


def test_a_cancelled_matter_left_when_it_was_suspended(story: Story):
    matter = story.register(lead=YAODU)
    story.at("2026-09-11 10:00")
    matter.suspend()
    story.at("2026-09-14 10:00")
    matter.cancel()
    evidence = evidence_of(matter)
    assert evidence.left_at == moment("2026-09-11 10:00")
    assert evidence.pauses == (moment("2026-09-11 10:00"),)
    assert evidence.closed_at is None


def test_a_resumed_matter_counts_again(story: Story):
    matter = story.register(lead=YAODU)
    matter.suspend()
    story.later(days=1)
    matter.resume()
    assert evidence_of(matter).left_at is None
    matter.cancel()
    assert evidence_of(matter).left_at == story.now


def test_clocks_that_ran_out_before_an_import_owe_nothing(story: Story):
    matter = story.register(
        lead=YAODU, deadline="2026年9月9日", t0="2026-08-28 10:00", historical_before="2026-09-10 10:00"
    )
    evidence = evidence_of(matter)
    assert (evidence.receipt_due, evidence.feedback_due, evidence.rated_due) == (None, None, None)
    assert evidence.issued_at == evidence.turns[0] == moment("2026-09-10 10:00")


def test_a_moved_clock_counts_by_its_new_end_but_none_that_was_historical_wakes(story: Story):
    matter = story.register(lead=YAODU)
    before = evidence_of(matter)
    assert before.receipt_due
    later = before.receipt_due + timedelta(days=3)
    assert moved(matter.part(), story, before, later).receipt_due == later
    old = story.register(lead=YAODU, t0="2026-08-28 10:00", historical_before="2026-09-10 10:00")
    assert moved(old.part(), story, evidence_of(old), later).receipt_due is None


def moved(part: Assignment, story: Story, before: Evidence, due) -> Evidence:
    """The evidence after `deploy_1d` was moved, as a revised calendar does."""
    first, *others = part.clocks
    after = part.model_copy(update={"clocks": (first.model_copy(update={"due": due}), *others)})
    evidence = evolve(before, after, NODE, story.now)
    assert evidence
    return evidence


def test_an_event_nobody_has_heard_of_changes_what_its_state_says(story: Story):
    matter = story.register(lead=YAODU)
    before, part = evidence_of(matter), matter.part().model_copy(update={"acknowledged_at": story.now})
    event = AssignmentEvent(
        time=story.now, aggregate="assignment/x", version=2, owner=NODE, address=YAODU, actor="", assignment=part
    )
    assert isinstance(event, Event)
    after = evolve(before, event.assignment, NODE, event.time)
    assert after and after.acknowledged_at == story.now


@pytest.mark.parametrize(
    ("unit", "role", "by", "counts"),
    [
        (YAODU, Role.LEAD, None, True),
        (YAODU, Role.RESPONSIBLE, None, True),
        (YAODU, Role.SUPPORTING, None, False),
        (YAODU_REFORM, Role.LEAD, YAODU_OFFICE, False),
    ],
)
def test_what_supports_and_what_another_office_issued_counts_nowhere(story: Story, unit, role, by, counts):
    by = supervisor(by) if by else None
    if role is Role.LEAD:
        matter = story.register(lead=unit, by=by)
    else:
        matter = story.register(lead=POLICE, by=by, **{role.value: [unit]})
    assert (evolve(None, matter.part(unit), NODE, story.now) is not None) is counts


def test_only_lights_that_turned_red_here_are_counted(story: Story):
    others, part, turns = Others(story), story.register(lead=LINFEN).part(), ()

    def after(light: Light, historical: bool = False) -> int:
        nonlocal turns
        story.later(days=1)
        others.light(part, light, historical=historical)
        turns = overdue_turns(turns, story.events[-1].light, story.now)
        return len(turns)

    assert after(Light.LAGGING) == 0
    assert after(Light.OVERDUE) == 1
    assert after(Light.OVERDUE) == 1
    assert after(Light.STALLED) == 2
    assert after(Light.OVERDUE, historical=True) == 2
    assert after(Light.NORMAL) == 2
    assert turns == (moment("2026-09-12 10:00"), moment("2026-09-14 10:00"))
