"""One unit's part: who may do what, when, and what it leaves on record."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

import pytest
from services.tasks.domain import due, review, work

from contracts.commands.assignment import Acknowledge, ChangeDue, Close, Complete, Report, Rework, Verify
from contracts.envelope import Actor, ActorRole
from contracts.terms import AssignmentState, DueChangeCause, Grade, ReportKind, Role
from contracts.workdays import closing
from services.tasks.assignments.domain.draft import registered
from services.tasks.assignments.domain.task import Task
from services.tasks.register.domain import Unit
from tests.tasks.parts import (
    BGT,
    DAY,
    HELPER,
    INSPECTOR,
    LEAD,
    NOW,
    SUPERVISOR,
    SUPPORT,
    actor,
    clerk,
    code,
    draft,
    given_out,
    head,
    id_of,
    task_after,
)

EVIDENCE = ("a" * 64,)
TEXT = "已按要求办理"


def acknowledge(at: Unit, task: Task, by: Actor | None = None, **more: object) -> Acknowledge:
    return Acknowledge(actor=by or clerk(at), assignment_id=id_of(task, at), responsible_person="张三", **more)


def report(at: Unit, task: Task, percent: int | None = 50, **more: object) -> Report:
    given = {"actor": clerk(at), "assignment_id": id_of(task, at), "percent": percent, "text": TEXT}
    return Report(**(given | more))


def complete(at: Unit, task: Task, by: Actor | None = None) -> Complete:
    return Complete(actor=by or head(at), assignment_id=id_of(task, at), text=TEXT, evidence=EVIDENCE)


def verify(at: Unit, task: Task, by: Actor | None = None) -> Verify:
    return Verify(actor=by or (INSPECTOR if at is LEAD else clerk(LEAD)), assignment_id=id_of(task, at))


def rework(at: Unit, task: Task, by: Actor | None = None) -> Rework:
    return Rework(actor=by or clerk(LEAD), assignment_id=id_of(task, at), reason="佐证不足")


def close(at: Unit, task: Task, by: Actor = SUPERVISOR) -> Close:
    return Close(actor=by, assignment_id=id_of(task, at), grade=Grade.EXCELLENT)


def move(at: Unit, task: Task, to: datetime, by: Actor = SUPERVISOR, **more: object) -> ChangeDue:
    cause = more.pop("cause", DueChangeCause.EXTENSION)
    return ChangeDue(actor=by, assignment_id=id_of(task, at), due=to, reason="汛期停工", cause=cause, **more)


def step(task: Task, decide, command, now: datetime = NOW, **more: object) -> Task:
    """The task after a command that must be granted."""
    said = decide(task, command, now, **more)
    assert code(said) == ""
    return task_after([*said, *task.after(said).advanced(now)], task)


def standing(task: Task, at: Unit, state: AssignmentState, now: datetime = NOW) -> Task:
    """The task with one part brought to a state."""
    path = [
        (AssignmentState.ACKNOWLEDGED, work.acknowledge, acknowledge),
        (AssignmentState.WORKING, work.report, report),
        (AssignmentState.SUBMITTED, work.complete, complete),
        (AssignmentState.VERIFIED, review.verify, verify),
        (AssignmentState.CLOSED, review.close, close),
    ]
    order = list(AssignmentState)
    first, last = order.index(task.part(id_of(task, at)).state), order.index(state)
    for reached, decide, command in path[first:last]:
        task = step(task, decide, command(at, task), now)
        assert task.part(id_of(task, at)).state is reached
    return task


@pytest.fixture
def task() -> Task:
    return given_out()


def part(task: Task, at: Unit):
    return task.part(id_of(task, at))


def test_a_part_walks_from_issued_to_closed(task):
    done = part(standing(task, HELPER, AssignmentState.CLOSED), HELPER)
    assert (done.state, done.version, done.percent) == (AssignmentState.CLOSED, 6, Decimal(100))


def test_the_first_report_sets_to_work(task):
    task = standing(task, HELPER, AssignmentState.ACKNOWLEDGED)
    assert part(step(task, work.report, report(HELPER, task)), HELPER).state is AssignmentState.WORKING


def test_a_report_before_the_acknowledgement_is_refused(task):
    assert code(work.report(task, report(HELPER, task), NOW)) == "not_acknowledged"


def test_a_completion_without_any_report_is_refused(task):
    task = standing(task, HELPER, AssignmentState.ACKNOWLEDGED)
    assert code(work.complete(task, complete(HELPER, task), NOW)) == "acknowledged"


def test_the_first_report_names_the_responsible_person_if_the_acknowledgement_did_not(task):
    bare = Acknowledge(actor=clerk(HELPER), assignment_id=id_of(task, HELPER))
    task = step(task, work.acknowledge, bare)
    assert code(work.report(task, report(HELPER, task), NOW)) == "responsible_missing"
    task = step(task, work.report, report(HELPER, task, responsible_person="李四"))
    assert part(task, HELPER).responsible_person == "李四"
    assert part(step(task, work.report, report(HELPER, task)), HELPER).responsible_person == "李四"


@pytest.mark.parametrize("kind", [ReportKind.COMPLETION, ReportKind.IMPORTED])
def test_a_report_is_deployment_or_progress_and_nothing_else(task, kind):
    task = standing(task, HELPER, AssignmentState.WORKING)
    assert code(work.report(task, report(HELPER, task, kind=kind), NOW)) == "wrong_kind"


def test_a_first_figure_may_correct_the_progress_a_ledger_came_with():
    ledger_row = draft(percent=Decimal(60))
    task = task_after(registered(ledger_row, "operator", "14.00.00", NOW))
    task = step(task, work.acknowledge, acknowledge(HELPER, task))
    task = step(task, work.report, report(HELPER, task, kind=ReportKind.DEPLOYMENT, percent=None))
    task = step(task, work.report, report(HELPER, task, percent=20))
    assert part(task, HELPER).percent == 20
    assert code(work.report(task, report(HELPER, task, percent=19), NOW)) == "percent_falls"


def test_progress_never_falls_and_the_refusal_names_what_was_accepted(task):
    task = standing(task, HELPER, AssignmentState.WORKING)
    refused = work.report(task, report(HELPER, task, percent=49), NOW)
    assert code(refused) == "percent_falls"
    assert "50" in refused.message
    assert refused.pointer == "/percent"


def test_only_a_growth_counts_as_increased(task):
    task = standing(task, HELPER, AssignmentState.WORKING)
    increased = [work.report(task, report(HELPER, task, percent=p), NOW)[0].increased for p in (50, 51, None)]
    assert increased == [False, True, False]


def test_only_the_units_own_people_acknowledge(task):
    for stranger in (clerk(LEAD), SUPERVISOR, actor("boss", HELPER, ActorRole.LEADER)):
        assert code(work.acknowledge(task, acknowledge(HELPER, task, stranger), NOW)) == "forbidden"


def test_a_clerk_may_not_complete(task):
    task = standing(task, HELPER, AssignmentState.WORKING)
    assert code(work.complete(task, complete(HELPER, task, clerk(HELPER)), NOW)) == "forbidden"


def test_a_completion_needs_its_evidence_in_the_store(task):
    task = standing(task, HELPER, AssignmentState.WORKING)
    refused = work.complete(task, complete(HELPER, task), NOW, absent=EVIDENCE)
    assert (code(refused), refused.pointer) == ("evidence_missing", "/evidence")


def test_a_nodes_evidence_may_follow_but_verification_waits_for_it(task):
    task = standing(task, HELPER, AssignmentState.WORKING)
    node = actor("14.10.00.000/head", HELPER, ActorRole.UNIT_HEAD)
    task = step(task, work.complete, complete(HELPER, task, node), absent=EVIDENCE)
    assert code(review.verify(task, verify(HELPER, task), NOW, absent=EVIDENCE)) == "evidence_missing"
    assert code(review.verify(task, verify(HELPER, task), NOW)) == ""


def test_the_lead_completes_last(task):
    task = standing(task, LEAD, AssignmentState.WORKING)
    task = standing(task, HELPER, AssignmentState.VERIFIED)
    task = standing(task, SUPPORT, AssignmentState.SUBMITTED)
    refused = work.complete(task, complete(LEAD, task), NOW)
    assert code(refused) == "parts_unfinished"
    assert refused.detail == {"units": ["省水利厅"]}
    task = standing(task, SUPPORT, AssignmentState.VERIFIED)
    assert code(work.complete(task, complete(LEAD, task), NOW)) == ""


def test_the_lead_waits_again_when_another_part_was_sent_back(task):
    for at in (HELPER, SUPPORT, LEAD):
        task = standing(task, at, AssignmentState.SUBMITTED if at is LEAD else AssignmentState.VERIFIED)
    task = step(task, review.rework, rework(HELPER, task, SUPERVISOR))
    assert code(review.verify(task, verify(LEAD, task), NOW)) == "parts_unfinished"


def test_the_lead_unit_verifies_the_others_and_the_inspectorate_the_lead(task):
    task = standing(task, HELPER, AssignmentState.SUBMITTED)
    assert code(review.verify(task, verify(HELPER, task, INSPECTOR), NOW)) == "forbidden"
    for at in (HELPER, SUPPORT, LEAD):
        task = standing(task, at, AssignmentState.SUBMITTED if at is LEAD else AssignmentState.VERIFIED)
    assert code(review.verify(task, verify(LEAD, task, head(LEAD)), NOW)) == "forbidden"
    assert code(review.verify(task, verify(LEAD, task, SUPERVISOR), NOW)) == ""


def test_submitter_verifier_and_closer_are_three_persons(task):
    both = Actor(person="one", unit=LEAD.address, roles=(ActorRole.UNIT_HEAD,))
    alone = given_out((LEAD, Role.LEAD), (HELPER, Role.RESPONSIBLE))
    helper_by_one = Actor(person="one", unit=HELPER.address, roles=(ActorRole.UNIT_HEAD,))
    alone = standing(alone, HELPER, AssignmentState.WORKING)
    alone = step(alone, work.complete, complete(HELPER, alone, helper_by_one))
    assert code(review.verify(alone, verify(HELPER, alone, both), NOW)) == "same_person"
    assert code(review.rework(alone, rework(HELPER, alone, both), NOW)) == "same_person"
    alone = step(alone, review.verify, verify(HELPER, alone))
    for person in ("one", clerk(LEAD).person):
        closer = actor(person, BGT, ActorRole.SUPERVISOR)
        assert code(review.close(alone, close(HELPER, alone, closer), NOW)) == "same_person"
    assert code(review.close(alone, close(HELPER, alone), NOW)) == ""


def test_an_inspector_may_not_close(task):
    task = standing(task, HELPER, AssignmentState.VERIFIED)
    assert code(review.close(task, close(HELPER, task, INSPECTOR), NOW)) == "forbidden"


def test_the_supervisor_of_another_office_decides_nothing(task):
    other = actor("其他督查室", LEAD, ActorRole.SUPERVISOR, ActorRole.INSPECTOR)
    task = standing(task, HELPER, AssignmentState.VERIFIED)
    decisions = [
        review.close(task, close(HELPER, task, other), NOW),
        review.rework(task, rework(HELPER, task, other), NOW),
        due.change_due(task, move(HELPER, task, NOW + 30 * DAY, other), NOW),
    ]
    assert [code(decision) for decision in decisions] == ["forbidden"] * 3


def test_a_closed_part_takes_nothing(task):
    task = standing(task, HELPER, AssignmentState.CLOSED)
    decisions = [
        work.acknowledge(task, acknowledge(HELPER, task), NOW),
        work.report(task, report(HELPER, task, percent=100), NOW),
        work.complete(task, complete(HELPER, task), NOW),
        review.verify(task, verify(HELPER, task), NOW),
        review.close(task, close(HELPER, task), NOW),
        due.change_due(task, move(HELPER, task, NOW + 30 * DAY), NOW),
    ]
    assert [code(decision) for decision in decisions] == ["closed"] * 6
    assert code(review.rework(task, rework(HELPER, task), NOW)) == "closed"


def test_rework_keeps_the_due_date_and_gives_the_earlier_progress_back(task):
    task = standing(task, HELPER, AssignmentState.SUBMITTED)
    before = part(task, HELPER)
    task = step(task, review.rework, rework(HELPER, task))
    again = part(task, HELPER)
    assert (again.state, again.percent, again.due) == (AssignmentState.WORKING, Decimal(50), before.due)
    assert (again.submitter, again.evidence, again.on_time) == ("", (), None)


def test_rework_of_what_never_reported_a_percentage_begins_at_nothing(task):
    task = step(standing(task, HELPER, AssignmentState.ACKNOWLEDGED), work.report, report(HELPER, task, None))
    task = standing(task, HELPER, AssignmentState.SUBMITTED)
    (said,) = review.rework(task, rework(HELPER, task), NOW)
    assert said.percent == 0


def test_a_verified_part_is_sent_back_by_the_inspectorate_alone(task):
    task = standing(task, HELPER, AssignmentState.VERIFIED)
    assert code(review.rework(task, rework(HELPER, task), NOW)) == "forbidden"
    assert part(step(task, review.rework, rework(HELPER, task, INSPECTOR)), HELPER).verifier == ""


def test_nothing_is_sent_back_once_the_lead_is_closed(task):
    for at in (HELPER, SUPPORT, LEAD):
        task = standing(task, at, AssignmentState.CLOSED if at is LEAD else AssignmentState.VERIFIED)
    assert code(review.rework(task, rework(HELPER, task, SUPERVISOR), NOW)) == "lead_closed"


def test_on_time_is_judged_at_the_moment_of_submission(task):
    task = standing(task, HELPER, AssignmentState.WORKING)
    end = part(task, HELPER).due
    for moment, on_time in ((end, True), (end + DAY, False)):
        (said,) = work.complete(task, complete(HELPER, task), moment)
        assert (said.on_time, said.on_time_original) == (on_time, on_time)
    late = standing(step(task, work.complete, complete(HELPER, task), end), HELPER, AssignmentState.VERIFIED)
    (said,) = review.close(late, close(HELPER, late), end + 30 * DAY)
    assert (said.on_time, said.submitted_at) == (True, end)


def test_after_an_extension_both_on_time_rates_are_known(task):
    task = standing(task, HELPER, AssignmentState.WORKING)
    original = part(task, HELPER).due
    task = step(task, due.change_due, move(HELPER, task, original + 3 * DAY))
    (said,) = work.complete(task, complete(HELPER, task), original + DAY)
    assert (said.on_time, said.on_time_original) == (True, False)


def test_a_part_without_a_due_date_is_never_late():
    task = standing(given_out(deadline="持续推进"), HELPER, AssignmentState.WORKING)
    (said,) = work.complete(task, complete(HELPER, task), NOW + 900 * DAY)
    assert (said.on_time, said.on_time_original) == (None, None)


def test_an_extension_is_asked_before_due_at_most_twice_each_at_most_the_original_term(task):
    end = part(task, HELPER).due
    term = end - NOW
    leader = actor("leader", BGT, ActorRole.LEADER)
    asked = [
        (move(HELPER, task, end + DAY), end + DAY / 24, "already_due"),
        (move(HELPER, task, end + term + DAY), NOW, "term_exceeded"),
        (move(HELPER, task, end - DAY), NOW, "not_later"),
        (move(HELPER, task, end), NOW, "due_unchanged"),
        (move(HELPER, task, NOW - DAY), NOW, "due_passed"),
        (move(HELPER, task, end + DAY, clerk(HELPER)), NOW, "forbidden"),
        (move(HELPER, task, end + DAY, INSPECTOR), NOW, "forbidden"),
    ]
    assert [code(due.change_due(task, command, now)) for command, now, _ in asked] == [why for *_, why in asked]
    task = step(task, due.change_due, move(HELPER, task, end + DAY))
    assert code(due.change_due(task, move(HELPER, task, end + 2 * DAY), NOW)) == "forbidden"
    task = step(task, due.change_due, move(HELPER, task, end + 2 * DAY, leader))
    assert code(due.change_due(task, move(HELPER, task, end + 3 * DAY, leader), NOW)) == "extended_enough"


def test_a_due_change_says_what_it_was_what_it_is_and_what_it_was_at_first(task):
    end = part(task, HELPER).due
    task = step(task, due.change_due, move(HELPER, task, end + DAY))
    (said,) = due.change_due(task, move(HELPER, task, end + 4 * DAY, cause=DueChangeCause.RESOLUTION_PLAN), NOW)
    assert (said.previous, said.due, said.original) == (end + DAY, end + 4 * DAY, end)


def test_a_plan_gives_an_endless_part_a_date_and_an_extension_does_not():
    task, day = given_out(deadline="持续推进"), closing(datetime(2026, 12, 20, tzinfo=UTC).date())
    assert code(due.change_due(task, move(HELPER, task, day), NOW)) == "no_due"
    task = step(task, due.change_due, move(HELPER, task, day, cause=DueChangeCause.RESOLUTION_PLAN))
    assert part(task, HELPER).due == day


def test_who_decided_on_an_older_version_is_told_the_current_one(task):
    task = standing(task, HELPER, AssignmentState.WORKING)
    stale = work.report(task, report(HELPER, task, expected_version=2), NOW)
    assert (code(stale), stale.version) == ("stale", 3)
    assert code(work.report(task, report(HELPER, task, expected_version=3), NOW)) == ""


def test_an_event_that_does_not_follow_is_never_folded(task):
    (said,) = work.acknowledge(task, acknowledge(HELPER, task), NOW)
    with pytest.raises(ValueError, match="does not follow"):
        task_after([said, said], task)
    with pytest.raises(StopIteration):
        task.part(uuid4())
