"""What one part counts for in a month: decided at one moment, and in the month of that moment."""

from datetime import date, datetime, timedelta

import pytest

from contracts.events.assignment import AssignmentDueChanged, AssignmentEvent, AssignmentIssued
from contracts.events.delivery import DeliverySent
from contracts.events.light import LightChanged
from contracts.terms import Light, NoticeKind, ReportKind, Role
from contracts.workdays import ClockKind, closing
from services.ranking.domain.evidence import Evidence, Red, Window, evidence
from services.ranking.domain.part import Part, after, opened, ranked, reddens, urged
from services.ranking.domain.period import Period
from tests.ranking.story import HOUR, Story, at

COUNTY = "14.10.02.000.gov"
LATER = at(12, 1)
SEPTEMBER, OCTOBER, NOVEMBER = Period(2026, 9), Period(2026, 10), Period(2026, 11)


def part_of(story: Story) -> Part:
    """The only part of a story."""
    first, *later = [event for event in story.told if isinstance(event, AssignmentEvent)]
    assert isinstance(first, AssignmentIssued)
    part = opened(first, ranked(first))
    for event in later:
        part = after(part, event)
    return part


def counted(story: Story, period: Period = OCTOBER, now: datetime = LATER, reds: tuple[Red, ...] = ()) -> Evidence:
    """What it counts for."""
    found = evidence(part_of(story), reds, Window.of(period, now))
    assert found is not None
    return found


@pytest.fixture
def story() -> Story:
    return Story()


def test_a_month_ends_at_midnight_in_beijing():
    assert (OCTOBER.start, OCTOBER.end) == (at(10, 1, 0), at(11, 1, 0))
    assert Period(2026, 12).next == Period(2027, 1)
    assert Period.of(at(11, 1, 0) - timedelta(microseconds=1)) == OCTOBER
    assert Period.read(str(OCTOBER)) == OCTOBER


def test_a_receipt_is_due_at_the_end_of_the_next_working_day(story):
    part = story.issue(COUNTY, at(10, 12))
    story.acknowledge(part, at(10, 13, 18))
    assert counted(story).acknowledged is True


def test_a_receipt_a_moment_too_late_does_not_count(story):
    part = story.issue(COUNTY, at(10, 12))
    story.acknowledge(part, at(10, 13, 18) + timedelta(microseconds=1))
    assert counted(story).acknowledged is False


def test_what_is_neither_done_nor_due_is_not_decided(story):
    story.issue(COUNTY, at(10, 12), date(2026, 10, 30))
    row = counted(story, now=at(10, 12, 12))
    assert (row.acknowledged, row.fed_back, row.reported, row.closed) == (None, None, None, None)


def test_what_was_done_early_counts_at_once(story):
    part = story.issue(COUNTY, at(10, 12))
    story.acknowledge(part, at(10, 12, 11))
    assert counted(story, now=at(10, 12, 12)).acknowledged is True


def test_what_was_decided_in_one_month_counts_in_no_other(story):
    part = story.issue(COUNTY, at(9, 29))
    story.acknowledge(part, at(10, 20))
    assert counted(story, SEPTEMBER).acknowledged is False
    assert counted(story, OCTOBER).acknowledged is None


@pytest.mark.parametrize(
    ("kind", "fed_back"), [(ReportKind.PROGRESS, True), (ReportKind.IMPORTED, True), (ReportKind.DEPLOYMENT, False)]
)
def test_feedback_is_the_first_progress(story, kind, fed_back):
    part = story.issue(COUNTY, at(10, 12))
    story.report(part, at(10, 13), kind)
    assert counted(story).fed_back is fed_back


def test_a_submission_is_feedback_too(story):
    part = story.issue(COUNTY, at(10, 12), date(2026, 10, 30))
    story.submit(part, at(10, 14))
    assert counted(story).fed_back is True


def test_whoever_has_a_part_when_the_month_begins_owes_a_report_in_it(story):
    part = story.issue(COUNTY, at(9, 10))
    assert counted(story).reported is False
    story.report(part, at(10, 31, 23), ReportKind.DEPLOYMENT)
    assert counted(story).reported is True


def test_the_months_report_is_missed_only_when_the_month_is_over(story):
    story.issue(COUNTY, at(9, 10))
    assert counted(story, now=at(11, 1, 0) - timedelta(microseconds=1)).reported is None
    assert counted(story, now=at(11, 1, 0)).reported is False


def test_no_report_is_owed_in_the_month_of_issue_nor_while_a_submission_is_reviewed(story):
    part = story.issue(COUNTY, at(8, 31), date(2026, 12, 1))
    story.submit(part, at(9, 29))
    assert counted(story, Period(2026, 8)).reported is None
    assert counted(story, SEPTEMBER).reported is True
    assert counted(story, OCTOBER).reported is None


def test_what_came_back_is_owed_a_report_from_the_next_month_on(story):
    part = story.issue(COUNTY, at(8, 31), date(2026, 12, 1))
    story.submit(part, at(9, 29))
    story.rework(part, at(10, 5))
    assert counted(story, OCTOBER).reported is None
    assert counted(story, NOVEMBER).reported is False


def test_a_closure_counts_when_it_is_closed_and_was_submitted_on_time(story):
    part = story.issue(COUNTY, at(9, 1), date(2026, 9, 30))
    story.submit(part, at(9, 30, 18))
    assert counted(story, SEPTEMBER).closed is None
    story.close(part, at(10, 9))
    assert counted(story, SEPTEMBER).closed is None
    assert counted(story, OCTOBER).closed is True


def test_an_extension_does_not_move_the_date_it_is_judged_by(story):
    part = story.issue(COUNTY, at(9, 1), date(2026, 10, 15))
    story.extend(part, at(10, 14), date(2026, 11, 30))
    story.submit(part, at(10, 20))
    story.close(part, at(10, 25))
    assert counted(story).closed is False


def test_an_on_time_submission_sent_back_after_the_due_date_is_lost_then(story):
    part = story.issue(COUNTY, at(9, 1), date(2026, 9, 30))
    story.submit(part, at(9, 30))
    story.rework(part, at(10, 5))
    assert counted(story, SEPTEMBER).closed is None
    assert counted(story, OCTOBER).closed is False
    story.submit(part, at(11, 3))
    story.close(part, at(11, 5))
    assert counted(story, OCTOBER).closed is False
    assert counted(story, NOVEMBER).closed is None


def test_one_sent_back_before_the_due_date_may_still_win(story):
    part = story.issue(COUNTY, at(9, 1), date(2026, 10, 15))
    story.submit(part, at(10, 2))
    story.rework(part, at(10, 5))
    story.submit(part, at(10, 15, 18))
    story.close(part, at(10, 20))
    assert counted(story).closed is True


def test_one_sent_back_before_the_due_date_is_lost_only_when_that_passes(story):
    part = story.issue(COUNTY, at(9, 1), date(2026, 10, 15))
    story.submit(part, at(9, 28))
    story.rework(part, at(9, 29))
    assert counted(story, SEPTEMBER).closed is None
    assert counted(story, OCTOBER, at(10, 15, 17)).closed is None
    assert counted(story, OCTOBER).closed is False


def test_what_has_no_due_date_is_never_judged_by_one(story):
    part = story.issue(COUNTY, at(9, 1))
    story.submit(part, at(10, 5))
    story.close(part, at(10, 6))
    assert counted(story).closed is None


def test_clocks_that_ran_out_before_an_import_count_for_nothing(story):
    before = at(10, 10)
    story.issue(COUNTY, at(9, 28), date(2026, 10, 9), time=before, historical_before=before)
    row = counted(story)
    assert (row.acknowledged, row.fed_back, row.reported, row.closed) == (None, None, None, None)


def test_an_imported_part_counts_from_its_import_on(story):
    before = at(10, 10)
    story.issue(COUNTY, at(9, 28), date(2026, 10, 30), time=before, historical_before=before)
    assert counted(story, OCTOBER).closed is False
    assert evidence(part_of(story), (), Window.of(SEPTEMBER, at(12, 1))) is None
    assert counted(story, NOVEMBER).reported is False


def test_what_was_overdue_when_it_became_known_counts_in_that_month(story):
    story.issue(COUNTY, at(9, 1), date(2026, 9, 20), time=at(10, 3))
    assert counted(story, OCTOBER).closed is False


def test_a_day_overdue_is_a_midnight_passed_while_red(story):
    story.issue(COUNTY, at(9, 1))

    def days(*reds: Red, now: datetime = LATER) -> int:
        return counted(story, now=now, reds=reds).days_overdue

    assert days(Red(at(10, 5, 18), at(10, 5, 23))) == 0
    assert days(Red(at(10, 5, 18), at(10, 6, 9))) == 1
    assert days(Red(at(9, 5), at(10, 2, 9))) == 1
    assert days(Red(at(9, 5))) == 31
    assert days(Red(at(10, 5, 18)), now=at(10, 8, 9)) == 3
    assert days(Red(at(10, 5), at(10, 7)), Red(at(10, 9), at(10, 10))) == 3


def test_what_is_red_at_the_end_is_overdue(story):
    story.issue(COUNTY, at(9, 1))
    assert counted(story, reds=(Red(at(10, 5)),)).overdue
    assert counted(story, reds=(Red(at(10, 5), at(11, 1, 0)),)).overdue
    assert not counted(story, reds=(Red(at(10, 5), at(11, 1, 0) - HOUR),)).overdue
    assert not counted(story, reds=(Red(at(11, 1, 0)),)).overdue


def test_what_is_suspended_or_cancelled_counts_nowhere(story):
    part = story.issue(COUNTY, at(9, 1), date(2026, 10, 15))
    story.suspend(part, at(10, 10))
    assert evidence(part_of(story), (Red(at(10, 5)),), Window.of(OCTOBER, LATER)) is None
    story.resume(part, at(10, 20))
    assert counted(story).closed is False
    story.cancel(part, at(10, 21))
    assert evidence(part_of(story), (), Window.of(OCTOBER, LATER)) is None


def test_a_later_cancellation_leaves_the_month_before_it_as_it_was(story):
    part = story.issue(COUNTY, at(9, 1), date(2026, 10, 15))
    before = counted(story)
    story.cancel(part, at(11, 20))
    assert counted(story) == before and before.closed is False
    assert evidence(part_of(story), (), Window.of(NOVEMBER, at(12, 1))) is None


def test_a_suspension_is_no_report(story):
    part = story.issue(COUNTY, at(9, 1))
    story.suspend(part, at(10, 10))
    story.resume(part, at(10, 11))
    assert counted(story).reported is False
    story.submit(part, at(10, 30))
    assert counted(story).reported is True


def test_an_original_date_missed_before_a_suspension_stays_missed_whatever_the_extension(story):
    part = story.issue(COUNTY, at(9, 1), date(2026, 9, 30))
    story.extend(part, at(9, 28), date(2026, 10, 20))
    story.suspend(part, at(10, 10))
    story.extend(part, at(10, 11), date(2026, 10, 21), cause="suspension")
    story.resume(part, at(10, 11))
    story.submit(part, at(10, 19))
    story.close(part, at(10, 25))
    assert evidence(part_of(story), (), Window.of(SEPTEMBER, at(12, 1))).closed is False
    assert counted(story).closed is None


def test_a_suspension_moves_the_date_it_is_judged_by(story):
    part = story.issue(COUNTY, at(9, 1), date(2026, 10, 15))
    story.suspend(part, at(10, 10))
    story.extend(part, at(10, 20), date(2026, 10, 23), cause="suspension")
    story.resume(part, at(10, 20))
    story.submit(part, at(10, 22))
    story.close(part, at(10, 25))
    assert counted(story).closed is True


def test_days_overdue_are_not_counted_while_it_stands_still(story):
    part = story.issue(COUNTY, at(9, 1), date(2026, 9, 30))
    story.suspend(part, at(10, 10))
    story.resume(part, at(10, 20))
    days = {name: counted(story, reds=(red,)).days_overdue for name, red in {
        "around": Red(at(10, 5), at(10, 25)), "begun in it": Red(at(10, 15), at(10, 25)),
        "within": Red(at(10, 12), at(10, 13)), "before": Red(at(10, 5), at(10, 8)), "still": Red(at(10, 5)),
    }.items()}  # fmt: skip
    assert days == {"around": 10, "begun in it": 5, "within": 0, "before": 3, "still": 17}


def test_no_report_is_owed_in_a_month_that_was_stood_still_in(story):
    part = story.issue(COUNTY, at(8, 20))
    story.suspend(part, at(9, 10))
    story.resume(part, at(11, 3))
    assert counted(story, OCTOBER).reported is None
    assert counted(story, NOVEMBER, now=at(12, 1)).reported is None


def test_a_closed_part_is_in_nobodys_hands_the_month_after(story):
    part = story.issue(COUNTY, at(9, 1), date(2026, 9, 30))
    story.submit(part, at(9, 29))
    story.close(part, at(9, 30))
    assert counted(story, SEPTEMBER).closed is True
    assert evidence(part_of(story), (), Window.of(OCTOBER, at(12, 1))) is None


def test_a_calendar_revision_moves_the_first_clocks_but_wakes_no_historical_one(story):
    part = story.issue(COUNTY, at(10, 12))
    story.of(
        AssignmentDueChanged,
        part,
        at(10, 13),
        cause="calendar",
        clock=ClockKind.DEPLOY_1D,
        previous=None,
        due=closing(date(2026, 10, 16)),
        original=None,
        policy_version=1,
    )
    story.acknowledge(part, at(10, 15))
    assert counted(story).acknowledged is True
    other = Story()
    part = other.issue(COUNTY, at(10, 1), time=at(10, 20), historical_before=at(10, 20))
    other.of(
        AssignmentDueChanged,
        part,
        at(10, 21),
        cause="calendar",
        clock=ClockKind.DEPLOY_1D,
        previous=None,
        due=closing(date(2026, 10, 22)),
        original=None,
        policy_version=1,
    )
    assert counted(other).acknowledged is None


def test_a_supporting_units_part_counts_nowhere(story):
    story.issue(COUNTY, at(10, 12), role=Role.SUPPORTING)
    assert ranked(story.told[-1]) is None


def test_only_red_that_is_new_is_counted(story):
    part = story.issue(COUNTY, at(10, 12))

    def turned(light: Light, previous: Light, **more: object) -> bool:
        story.light(part, at(10, 20), light, previous, **more)
        event = story.told[-1]
        assert isinstance(event, LightChanged)
        return reddens(event)

    assert turned(Light.OVERDUE, Light.LAGGING)
    assert turned(Light.STALLED, Light.OVERDUE)
    assert not turned(Light.OVERDUE, Light.OVERDUE)
    assert not turned(Light.STALLED, Light.LAGGING)
    assert not turned(Light.OVERDUE, Light.NONE, historical=True)
    assert not turned(Light.OVERDUE, Light.NORMAL, assignment_id=None)
    assert not turned(Light.OVERDUE, Light.NORMAL, role=Role.SUPPORTING)


@pytest.mark.parametrize(
    ("kind", "copy", "counts"),
    [
        (NoticeKind.URGING, False, True),
        (NoticeKind.ORDER, False, True),
        (NoticeKind.PROMPT, False, False),
        (NoticeKind.ORDER, True, False),
    ],
)
def test_urgings_and_orders_count_but_copies_do_not(story, kind, copy, counts):
    story.urge("14.10.02.000.fgw", at(10, 20), kind, copy_only=copy)
    event = story.told[-1]
    assert isinstance(event, DeliverySent)
    assert (urged(event) is not None) is counts
