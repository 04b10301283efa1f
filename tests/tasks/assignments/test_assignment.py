"""One unit's part: who may do what, when, and what it leaves on record."""

from datetime import datetime
from decimal import Decimal
from uuid import uuid4

import pytest

from contracts.assignment import Assignment
from contracts.commands.assignment import Acknowledge, Close, Complete, Report, Rework, Verify
from contracts.commands.task import Suspend
from contracts.envelope import Actor, ActorRole
from contracts.refusals import Kind
from contracts.register import Unit
from contracts.terms import AssignmentState, Grade, ReportKind, Role
from services.tasks.assignments.domain import review, suspension, work
from services.tasks.assignments.domain.task import TaskAggregate
from tests.tasks.assignments.builders import (
    BGT,
    DAY,
    HELPER,
    INSPECTOR,
    LEAD,
    LEADER,
    NOW,
    SUPERVISOR,
    SUPPORT,
    actor,
    at_unit,
    clerk_of,
    code,
    confirm,
    draft,
    evolve,
    head_of,
    id_of,
    issued,
    submit,
    task_of,
)

EVIDENCE = ("a" * 64,)
TEXT = "已按要求办理"


def acknowledge(at: Unit, task: TaskAggregate, by: Actor | None = None, **more: object) -> Acknowledge:
    return Acknowledge(actor=by or clerk_of(at), assignment_id=id_of(task, at), responsible_person="张三", **more)


def report(at: Unit, task: TaskAggregate, percent: int | None = 50, **more: object) -> Report:
    body = {"actor": clerk_of(at), "assignment_id": id_of(task, at), "percent": percent, "text": TEXT}
    return Report(**(body | more))


def complete(at: Unit, task: TaskAggregate, by: Actor | None = None) -> Complete:
    return Complete(actor=by or head_of(at), assignment_id=id_of(task, at), text=TEXT, evidence=EVIDENCE)


def verify(at: Unit, task: TaskAggregate, by: Actor | None = None) -> Verify:
    return Verify(actor=by or (INSPECTOR if at is LEAD else clerk_of(LEAD)), assignment_id=id_of(task, at))


def rework(at: Unit, task: TaskAggregate, by: Actor | None = None) -> Rework:
    return Rework(actor=by or clerk_of(LEAD), assignment_id=id_of(task, at), reason="佐证不足")


def close(at: Unit, task: TaskAggregate, by: Actor = SUPERVISOR) -> Close:
    return Close(actor=by, assignment_id=id_of(task, at), grade=Grade.EXCELLENT)


def step(task: TaskAggregate, decide, command, now: datetime = NOW, **more: object) -> TaskAggregate:
    """The task after a command that must be granted."""
    events = decide(task, command, now, **more)
    assert code(events) == "", events
    return evolve(task, events, now)


def standing(task: TaskAggregate, at: Unit, state: AssignmentState, now: datetime = NOW) -> TaskAggregate:
    """The task with one assignment brought to a state; it is at 50 while worked on, at 100 once submitted."""
    path = [
        (AssignmentState.ACKNOWLEDGED, work.acknowledge, acknowledge),
        (AssignmentState.WORKING, work.report, report),
        (AssignmentState.SUBMITTED, submit, complete),
        (AssignmentState.VERIFIED, confirm, verify),
        (AssignmentState.CLOSED, review.close, close),
    ]
    order = [AssignmentState.ISSUED, *(reached for reached, *_ in path)]
    first, last = order.index(at_unit(task, at).state), order.index(state)
    for reached, decide, command in path[first:last]:
        if reached is AssignmentState.SUBMITTED and at_unit(task, at).percent != 100:
            task = step(task, work.report, report(at, task, 100), now)
        task = step(task, decide, command(at, task), now)
        assert at_unit(task, at).state is reached
    return task


def done(task: TaskAggregate, at: Unit, now: datetime = NOW) -> TaskAggregate:
    """The task with one assignment worked on and stated as 100."""
    task = standing(task, at, AssignmentState.WORKING, now)
    return step(task, work.report, report(at, task, 100), now)


@pytest.fixture
def task() -> TaskAggregate:
    return issued()


def part(task: TaskAggregate, at: Unit) -> Assignment:
    return at_unit(task, at)


def test_a_part_walks_from_issued_to_closed(task):
    closed = part(standing(task, HELPER, AssignmentState.CLOSED), HELPER)
    assert (closed.state, closed.version, closed.percent) == (AssignmentState.CLOSED, 7, Decimal(100))
    assert (closed.grade, closed.closed_at) == (Grade.EXCELLENT, NOW)


def test_the_first_report_sets_to_work(task):
    task = standing(task, HELPER, AssignmentState.ACKNOWLEDGED)
    assert part(step(task, work.report, report(HELPER, task)), HELPER).state is AssignmentState.WORKING


def test_a_report_before_the_acknowledgement_is_refused(task):
    assert code(work.report(task, report(HELPER, task), NOW)) == "not_acknowledged"


def test_a_completion_without_any_report_is_refused(task):
    task = standing(task, HELPER, AssignmentState.ACKNOWLEDGED)
    assert code(submit(task, complete(HELPER, task), NOW)) == "acknowledged"


def test_the_first_report_names_the_responsible_person_if_the_acknowledgement_did_not(task):
    bare = Acknowledge(actor=clerk_of(HELPER), assignment_id=id_of(task, HELPER))
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
    task = task_of(draft(percent=Decimal(60)))
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


def test_only_a_growth_counts_as_a_move(task):
    task = standing(task, HELPER, AssignmentState.WORKING)
    later = NOW + DAY
    moved = [work.report(task, report(HELPER, task, percent=p), later)[0].assignment.moved_at for p in (50, 51, None)]
    assert moved == [NOW, later, NOW]


def test_only_the_units_own_people_acknowledge(task):
    for stranger in (clerk_of(LEAD), SUPERVISOR, actor("boss", HELPER, ActorRole.LEADER)):
        assert code(work.acknowledge(task, acknowledge(HELPER, task, stranger), NOW)) == "forbidden"


def test_a_clerk_may_not_complete(task):
    task = standing(task, HELPER, AssignmentState.WORKING)
    assert code(submit(task, complete(HELPER, task, clerk_of(HELPER)), NOW)) == "forbidden"


def test_a_completion_needs_its_evidence_in_the_store(task):
    task = done(task, HELPER)
    refused = submit(task, complete(HELPER, task), NOW, absent=EVIDENCE)
    assert (code(refused), refused.pointer) == ("evidence_missing", "/evidence")


def test_a_nodes_evidence_may_follow_but_verification_waits_for_it(task):
    task = done(task, HELPER)
    node = actor("14.10.00/head", HELPER, ActorRole.UNIT_HEAD)
    task = step(task, submit, complete(HELPER, task, node), absent=EVIDENCE)
    assert code(confirm(task, verify(HELPER, task), NOW, absent=EVIDENCE)) == "evidence_missing"
    assert code(confirm(task, verify(HELPER, task), NOW)) == ""


def test_the_lead_completes_last(task):
    task = done(task, LEAD)
    task = standing(task, HELPER, AssignmentState.VERIFIED)
    task = standing(task, SUPPORT, AssignmentState.SUBMITTED)
    refused = submit(task, complete(LEAD, task), NOW)
    assert code(refused) == "assignments_unfinished"
    assert refused.detail == {"units": ["省水利厅"]}
    task = standing(task, SUPPORT, AssignmentState.VERIFIED)
    assert code(submit(task, complete(LEAD, task), NOW)) == ""


def test_the_lead_waits_again_when_another_part_was_sent_back(task):
    for at in (HELPER, SUPPORT, LEAD):
        task = standing(task, at, AssignmentState.SUBMITTED if at is LEAD else AssignmentState.VERIFIED)
    task = step(task, review.rework, rework(HELPER, task, SUPERVISOR))
    assert code(confirm(task, verify(LEAD, task), NOW)) == "assignments_unfinished"


def test_the_lead_unit_verifies_the_others_and_the_inspectorate_the_lead(task):
    task = standing(task, HELPER, AssignmentState.SUBMITTED)
    assert code(confirm(task, verify(HELPER, task, INSPECTOR), NOW)) == "forbidden"
    for at in (HELPER, SUPPORT, LEAD):
        task = standing(task, at, AssignmentState.SUBMITTED if at is LEAD else AssignmentState.VERIFIED)
    assert code(confirm(task, verify(LEAD, task, head_of(LEAD)), NOW)) == "forbidden"
    assert code(confirm(task, verify(LEAD, task, SUPERVISOR), NOW)) == ""


def test_submitter_verifier_and_closer_are_three_persons(task):
    both = Actor(person="one", unit=LEAD.address, roles=(ActorRole.UNIT_HEAD,))
    alone = issued((LEAD, Role.LEAD), (HELPER, Role.RESPONSIBLE))
    helper_by_one = Actor(person="one", unit=HELPER.address, roles=(ActorRole.UNIT_HEAD,))
    alone = done(alone, HELPER)
    alone = step(alone, submit, complete(HELPER, alone, helper_by_one))
    assert code(confirm(alone, verify(HELPER, alone, both), NOW)) == "same_person"
    assert code(review.rework(alone, rework(HELPER, alone, both), NOW)) == "same_person"
    alone = step(alone, confirm, verify(HELPER, alone))
    for person in ("one", clerk_of(LEAD).person):
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
    ]
    assert [code(decision) for decision in decisions] == ["forbidden"] * 2


def test_a_closed_part_takes_nothing(task):
    task = standing(task, HELPER, AssignmentState.CLOSED)
    decisions = [
        work.acknowledge(task, acknowledge(HELPER, task), NOW),
        work.report(task, report(HELPER, task, percent=100), NOW),
        submit(task, complete(HELPER, task), NOW),
        confirm(task, verify(HELPER, task), NOW),
        review.close(task, close(HELPER, task), NOW),
    ]
    assert [code(decision) for decision in decisions] == ["closed"] * 5
    assert code(review.rework(task, rework(HELPER, task), NOW)) == "closed"


def test_rework_keeps_the_due_date_and_gives_the_earlier_progress_back(task):
    task = standing(task, HELPER, AssignmentState.SUBMITTED)
    before = part(task, HELPER)
    task = step(task, review.rework, rework(HELPER, task))
    again = part(task, HELPER)
    assert (again.state, again.percent, again.due) == (AssignmentState.WORKING, Decimal(50), before.due)
    assert (again.submitted_by, again.submitted_at, again.on_time) == ("", None, None)


def test_rework_of_what_reported_nothing_before_its_100_begins_at_nothing(task):
    task = step(standing(task, HELPER, AssignmentState.ACKNOWLEDGED), work.report, report(HELPER, task, None))
    task = standing(task, HELPER, AssignmentState.SUBMITTED)
    (event,) = review.rework(task, rework(HELPER, task), NOW)
    assert event.assignment.percent == 0


def test_a_verified_part_is_sent_back_by_the_inspectorate_alone(task):
    task = standing(task, HELPER, AssignmentState.VERIFIED)
    assert code(review.rework(task, rework(HELPER, task), NOW)) == "forbidden"
    assert part(step(task, review.rework, rework(HELPER, task, INSPECTOR)), HELPER).verified_by == ""


def test_nothing_is_sent_back_once_the_lead_is_closed(task):
    for at in (HELPER, SUPPORT, LEAD):
        task = standing(task, at, AssignmentState.CLOSED if at is LEAD else AssignmentState.VERIFIED)
    assert code(review.rework(task, rework(HELPER, task, SUPERVISOR), NOW)) == "lead_closed"


def test_on_time_is_judged_at_the_moment_of_submission(task):
    task = done(task, HELPER)
    end = part(task, HELPER).due
    for moment, on_time in ((end, True), (end + DAY, False)):
        (event,) = submit(task, complete(HELPER, task), moment)
        assert (event.assignment.on_time, event.assignment.on_time_original) == (on_time, on_time)
    late = standing(step(task, submit, complete(HELPER, task), end), HELPER, AssignmentState.VERIFIED)
    (event,) = review.close(late, close(HELPER, late), end + 30 * DAY)
    assert (event.assignment.on_time, event.assignment.submitted_at) == (True, end)


def test_a_part_without_a_due_date_is_never_late():
    task = done(issued(deadline="持续推进"), HELPER)
    (event,) = submit(task, complete(HELPER, task), NOW + 900 * DAY)
    assert (event.assignment.on_time, event.assignment.on_time_original) == (None, None)


def test_who_decided_on_an_older_version_is_told_the_current_one(task):
    task = standing(task, HELPER, AssignmentState.WORKING)
    stale = work.report(task, report(HELPER, task, expected_version=2), NOW)
    assert (code(stale), stale.kind, stale.version) == ("stale", Kind.STALE, 3)
    assert code(work.report(task, report(HELPER, task, expected_version=3), NOW)) == ""


def test_an_assignment_of_another_task_is_none_of_this_one(task):
    with pytest.raises(StopIteration):
        task.assignment(uuid4())


def test_a_completion_below_100_is_refused_and_says_what_to_do(task):
    task = standing(task, HELPER, AssignmentState.WORKING)
    refused = submit(task, complete(HELPER, task), NOW)
    assert (refused.code, refused.kind) == ("progress_not_100", Kind.CONFLICT)
    assert "50%" in refused.message and "100%" in refused.message
    task = step(task, work.report, report(HELPER, task, 100))
    (event,) = submit(task, complete(HELPER, task), NOW)
    assert event.assignment.percent == 100


def test_one_credential_of_a_node_is_not_two_of_the_three(task):
    one, other = (actor(f"14.10.00/{name}", HELPER, ActorRole.UNIT_HEAD) for name in ("甲", "乙"))
    task = step(done(task, HELPER), submit, complete(HELPER, task, one))
    at_lead = other.model_copy(update={"unit": LEAD.address})
    assert code(confirm(task, verify(HELPER, task, at_lead), NOW)) == "same_credential"
    assert code(confirm(task, verify(HELPER, task, at_lead.model_copy(update={"person": "14.01.00/乙"})), NOW)) == ""


def test_closing_is_never_a_nodes(task):
    task = standing(task, HELPER, AssignmentState.VERIFIED)
    node = actor("14.00.00/主任", BGT, ActorRole.SUPERVISOR)
    assert code(review.close(task, close(HELPER, task, node), NOW)) == "node_may_not_close"


def test_a_person_disguised_by_invisible_or_wide_characters_is_the_same_person(task):
    task = standing(task, HELPER, AssignmentState.SUBMITTED, NOW)
    submitter = part(task, HELPER).submitted_by
    disguised = actor(f"{submitter}\u200b".replace("1", "１"), LEAD, ActorRole.UNIT_CLERK)
    assert code(confirm(task, verify(HELPER, task, disguised), NOW)) == "same_person"


def test_a_leader_acts_for_the_office_where_a_leader_is_asked_for_and_reviews_nothing(task):
    stop = Suspend(actor=LEADER, task_id=task.task.task_id, reason="汛期停工")
    assert code(suspension.suspend(task, stop, NOW)) == ""
    elsewhere = [actor("其他领导", at, ActorRole.LEADER) for at in (BGT, HELPER, LEAD)]
    stops = [suspension.suspend(task, stop.model_copy(update={"actor": by}), NOW) for by in elsewhere]
    assert {code(each) for each in stops} == {"forbidden"}
    for at in (HELPER, SUPPORT, LEAD):
        task = standing(task, at, AssignmentState.SUBMITTED if at is LEAD else AssignmentState.VERIFIED)
    assert code(confirm(task, verify(LEAD, task, LEADER), NOW)) == "forbidden"


def test_an_operator_decides_nothing(task):
    operator = actor("运行中心", BGT, ActorRole.OPERATOR)
    task = standing(task, HELPER, AssignmentState.VERIFIED)
    decisions = [
        review.close(task, close(HELPER, task, operator), NOW),
        review.rework(task, rework(HELPER, task, operator), NOW),
    ]
    assert {code(decision) for decision in decisions} == {"forbidden"}
