"""What a unit command of the office, and what another person decides: return, later dates, plans, another unit (§2)."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from contracts.assignment import Assignment
from contracts.commands.assignment import (
    Acknowledge,
    Complete,
    DecideRequest,
    ProposePlan,
    ProposeReassignment,
    Report,
    RequestExtension,
    RequestReclassification,
    RequestReturn,
    WithdrawRequest,
)
from contracts.commands.task import Suspend
from contracts.envelope import Actor, ActorRole
from contracts.register import Unit
from contracts.terms import AssignmentState, DueChangeCause, RequestKind, TaskState
from contracts.workdays import ClockKind, Weight, closing, day_of
from services.tasks.assignments.domain import decisions, requests, suspension, work
from services.tasks.assignments.domain.successor import Reference
from services.tasks.assignments.domain.task import TaskAggregate
from tests.tasks.assignments.builders import (
    BGT,
    DAY,
    HELPER,
    INSPECTOR,
    LEAD,
    LEADER,
    NOW,
    REGISTER,
    SUPERVISOR,
    SUPPORT,
    TIMETABLE,
    actor,
    at_unit,
    clerk_of,
    code,
    evolve,
    head_of,
    id_of,
    issued,
    submit,
)

OTHER = REGISTER.units["14.00.00.000.jtt"]
DIRECTOR = actor("副主任", BGT, ActorRole.SUPERVISOR)
TEXTS = {"target": "封闭水井412眼", "verification_form": "销号台账", "instruction": "先急后缓"}


def extension(task: TaskAggregate, days: int, at: Unit = HELPER, by: Actor | None = None) -> RequestExtension:
    due = day_of(at_unit(task, at).due or NOW) + timedelta(days=days)
    return RequestExtension(
        actor=by or head_of(at), assignment_id=id_of(task, at), due=due, reason="汛期停工", plan="汛期过后分段推进"
    )


def plan(task: TaskAggregate, due: datetime, at: Unit = HELPER) -> ProposePlan:
    return ProposePlan(
        actor=head_of(at), assignment_id=id_of(task, at), due=day_of(due), reason="征地受阻", plan="分三步解决"
    )


def returning(task: TaskAggregate, at: Unit = HELPER, to: str = "") -> RequestReturn:
    return RequestReturn(actor=head_of(at), assignment_id=id_of(task, at), unit=to, reason="不属于本单位职责")


def decision(task: TaskAggregate, at: Unit = HELPER, by: Actor = SUPERVISOR, **more: object) -> DecideRequest:
    return DecideRequest(actor=by, assignment_id=id_of(task, at), **{"approved": True, **more})


def ask(task: TaskAggregate, command: object, now: datetime = NOW):
    decide = {
        RequestExtension: partial(requests.request_extension, timetable=TIMETABLE),
        ProposePlan: partial(requests.propose_plan, timetable=TIMETABLE),
        RequestReclassification: partial(requests.request_reclassification, timetable=TIMETABLE),
        RequestReturn: partial(requests.request_return, timetable=TIMETABLE, register=REGISTER),
        ProposeReassignment: partial(requests.propose_reassignment, timetable=TIMETABLE, register=REGISTER),
        WithdrawRequest: requests.withdraw_request,
        DecideRequest: partial(decisions.decide_request, by=Reference(TIMETABLE, REGISTER, TEXTS)),
    }
    return decide[type(command)](task, command, now)


def done(task: TaskAggregate, *commands: object, now: datetime = NOW) -> TaskAggregate:
    """The task after commands that must be granted."""
    for command in commands:
        events = ask(task, command, now)
        assert code(events) == "", events
        task = evolve(task, events, now)
    return task


def successor(task: TaskAggregate, to: Unit = OTHER) -> Assignment:
    return at_unit(task, to)


def test_until_it_is_decided_no_date_moves_and_then_both_on_time_rates_are_known():
    task = issued()
    before = at_unit(task, HELPER).due
    asked = done(task, extension(task, 3))
    assert at_unit(asked, HELPER).due == before and at_unit(asked, HELPER).request.kind is RequestKind.EXTENSION
    later = done(asked, decision(asked))
    part = at_unit(later, HELPER)
    assert (part.due, part.original_due, part.extensions, part.due_changes) == (before + 3 * DAY, before, 1, 1)
    assert part.request is None
    (event,) = ask(asked, decision(asked))
    assert (event.cause, event.previous, event.due) == (DueChangeCause.EXTENSION, before, before + 3 * DAY)


def test_an_extension_is_asked_before_due_at_most_twice_each_at_most_the_original_term():
    task = issued()
    end = at_unit(task, HELPER).due
    term = (end - NOW).days
    asked = [
        (extension(task, 1), end + DAY, "already_due"),
        (extension(task, term + 1), NOW, "term_exceeded"),
        (extension(task, 0), NOW, "not_later"),
        (extension(task, -1), NOW, "not_later"),
        (extension(task, 1, by=clerk_of(HELPER)), NOW, "forbidden"),
        (extension(task, 1, by=head_of(LEAD)), NOW, "forbidden"),
        (extension(task, 1, by=SUPERVISOR), NOW, ""),
    ]
    assert [code(ask(task, command, now)) for command, now, _ in asked] == [why for *_, why in asked]
    last = (day_of(at_unit(task, HELPER).extend_to) - day_of(end)).days
    assert code(ask(task, extension(task, last))) == "" and last == term, "the day that is named is granted"
    once = done(task, extension(task, 1))
    once = done(once, decision(once))
    twice = done(once, extension(once, 1))
    assert code(ask(twice, decision(twice))) == "forbidden", "the second is a leader's"
    twice = done(twice, decision(twice, by=LEADER))
    assert code(ask(twice, extension(twice, 1))) == "extended_enough"
    assert at_unit(twice, HELPER).extend_to is None


def test_a_granted_date_has_the_same_bounds_as_the_one_asked_for():
    task = issued()
    end, asked = at_unit(task, HELPER).due, done(task, extension(task, 3))
    granted = done(asked, decision(asked, due=day_of(end) + timedelta(days=1)))
    assert at_unit(granted, HELPER).due == end + DAY
    assert code(ask(asked, decision(asked, due=day_of(end) + timedelta(days=60)))) == "term_exceeded"
    assert code(ask(asked, decision(asked), end + 30 * DAY)) == "not_later", "decided too late to help"


def test_nobody_moves_a_date_alone():
    task = issued()
    own = done(task, extension(task, 1, by=SUPERVISOR))
    refused = ask(own, decision(own, by=SUPERVISOR))
    assert (refused.code, refused.pointer) == ("same_person", "/actor/person")
    assert code(ask(own, decision(own, by=DIRECTOR))) == ""
    for stranger in (INSPECTOR, head_of(HELPER), head_of(LEAD), actor("厅长", LEAD, ActorRole.LEADER)):
        assert code(ask(own, decision(own, by=stranger))) == "forbidden"


def test_a_refusal_gives_a_reason_and_changes_nothing():
    task = issued()
    asked = done(task, extension(task, 3))
    assert code(ask(asked, decision(asked, approved=False))) == "reason_missing"
    refused = done(asked, decision(asked, approved=False, reason="材料不足，请先报进展"))
    before, after = at_unit(task, HELPER), at_unit(refused, HELPER)
    assert after == before.model_copy(update={"version": before.version + 2})


def test_one_thing_is_asked_at_a_time_and_may_be_taken_back_by_who_asked():
    task = issued()
    asked = done(task, extension(task, 3))
    assert code(ask(asked, extension(asked, 2))) == "request_pending"
    withdraw = partial(WithdrawRequest, assignment_id=id_of(asked, HELPER))
    assert code(ask(asked, withdraw(actor=head_of(LEAD)))) == "forbidden"
    assert code(ask(asked, withdraw(actor=SUPERVISOR))) == "forbidden"
    free = done(asked, withdraw(actor=head_of(HELPER)))
    assert code(ask(free, extension(free, 2))) == ""
    assert code(ask(free, decision(free))) == "nothing_asked"
    assert code(ask(free, withdraw(actor=head_of(HELPER)))) == "nothing_asked"


def test_the_office_is_under_the_clock_itself():
    task = issued()
    calendar = TIMETABLE.calendar
    for command, days in ((returning(task), 1), (extension(task, 1), 2)):
        request = at_unit(done(task, command), HELPER).request
        assert request.decide_by == closing(calendar.add_workdays(day_of(NOW), days))


def test_a_plan_gives_an_endless_part_a_date_and_an_extension_does_not():
    task, day = issued(deadline="持续推进"), datetime(2026, 12, 20, tzinfo=UTC)
    refused = ask(task, extension(task, 10))
    assert (refused.code, refused.pointer) == ("no_due", "/due") and "解决方案" in refused.message
    asked = done(task, plan(task, day))
    part = at_unit(done(asked, decision(asked)), HELPER)
    assert (part.due, part.resolving.kind) == (closing(day.date()), ClockKind.CUSTOM)


def test_a_plan_reaches_six_months_and_never_back_also_after_the_due_date():
    task = issued()
    end = at_unit(task, HELPER).due
    late = end + 3 * DAY
    assert code(ask(task, plan(task, end + 400 * DAY), late)) == "term_exceeded"
    assert code(ask(task, plan(task, end + DAY), late)) == "not_later"
    asked = done(task, plan(task, end + 150 * DAY), now=late)
    part = at_unit(done(asked, decision(asked), now=late), HELPER)
    assert (part.due, part.extensions) == (end + 150 * DAY, 0)


def test_an_ordinary_matter_becomes_a_major_one_while_its_seven_days_run():
    task = issued(deadline="", weight=Weight.ORDINARY)
    command = RequestReclassification(actor=head_of(LEAD), assignment_id=id_of(task, LEAD), reason="涉及多个部门")
    end = task.lead.due
    asked = done(task, command)
    assert code(ask(asked, decision(asked, LEAD), end + DAY)) == "already_due"
    major = done(asked, decision(asked, LEAD))
    month = TIMETABLE.deadline("", NOW, Weight.MAJOR)
    assert (major.lead.due, major.lead.resolving.kind) == (month.due, ClockKind.RESOLVE_1M)
    assert (major.lead.weight, major.task.weight) == (Weight.MAJOR, Weight.MAJOR)
    assert at_unit(major, HELPER).weight is Weight.ORDINARY


def test_what_is_due_on_a_written_date_is_not_reclassified():
    task = issued(deadline="2026年12月20日")
    command = RequestReclassification(actor=head_of(LEAD), assignment_id=id_of(task, LEAD), reason="涉及多个部门")
    assert code(ask(task, command)) == "not_seven_days"


def test_a_return_is_asked_once_by_the_head_within_one_working_day():
    task = issued()
    assert code(ask(task, returning(task), at_unit(task, HELPER).return_until)) == ""
    late = ask(task, returning(task), at_unit(task, HELPER).return_until + DAY)
    assert late.code == "return_late" and "2026-11-24" in late.message
    by_clerk = returning(task).model_copy(update={"actor": clerk_of(HELPER)})
    assert code(ask(task, by_clerk)) == "forbidden"
    asked = done(task, returning(task))
    refused = done(asked, decision(asked, approved=False, reason="属于贵单位职责"))
    assert code(ask(refused, returning(refused))) == "return_once"


def test_while_a_return_is_asked_for_the_clocks_run_on_and_nothing_is_reported():
    task = issued()
    asked = done(task, returning(task))
    part = at_unit(asked, HELPER)
    assert part.state is AssignmentState.RETURN_REQUESTED and part.clocks == at_unit(task, HELPER).clocks
    report = Report(actor=head_of(HELPER), assignment_id=id_of(task, HELPER), text="已按要求办理", percent=10)
    assert code(work.report(asked, report, NOW)) == "return_requested"
    assert asked.task.state is TaskState.ASSIGNED


@pytest.mark.parametrize("how", ["refused", "taken back"])
def test_a_return_that_is_refused_or_taken_back_leaves_an_acknowledged_part_with_its_t0(how: str):
    task = issued()
    asked = done(task, returning(task))
    back = (
        decision(asked, approved=False, reason="属于贵单位职责")
        if how == "refused"
        else WithdrawRequest(actor=head_of(HELPER), assignment_id=id_of(task, HELPER))
    )
    part = at_unit(done(asked, back, now=NOW + DAY), HELPER)
    assert (part.state, part.acknowledged_at, part.t0) == (AssignmentState.ACKNOWLEDGED, NOW, NOW)
    assert part.clocks == at_unit(task, HELPER).clocks


def test_a_granted_return_gives_the_matter_to_another_unit_with_every_clock_built_anew():
    task, later = issued(), NOW + DAY
    asked = done(task, returning(task, to=OTHER.short))
    returned, new = ask(asked, decision(asked), later)
    assert (returned.assignment.state, returned.successor_name) == (AssignmentState.RETURNED, OTHER.short)
    assert new.assignment.clocks[-1].due == TIMETABLE.deadline("7个工作日", later, Weight.ORDINARY).due
    assert (new.assignment.t0, new.assignment.version, new.target) == (later, 1, TEXTS["target"])
    assert returned.assignment.assignment_id != new.assignment.assignment_id == returned.successor
    after = evolve(asked, (returned, new), later)
    assert after.task.assignments == 3 and OTHER.address in after.audience
    assert (
        code(work.acknowledge(after, Acknowledge(actor=head_of(OTHER), assignment_id=returned.successor), later)) == ""
    )
    old = Acknowledge(actor=head_of(HELPER), assignment_id=returned.assignment.assignment_id)
    assert code(work.acknowledge(after, old, later)) == "returned"


def test_the_office_may_name_another_unit_than_the_one_proposed_and_has_to_name_one():
    task = issued()
    asked = done(task, returning(task))
    refused = ask(asked, decision(asked))
    assert (refused.code, refused.pointer) == ("unit_missing", "/unit")
    wrong = {
        BGT.address: "ok",
        LEAD.address: "already_part",
        "14.00.00.000.gov": "outside",
        "没有的单位": "unit_unknown",
    }
    given = {unit: code(ask(asked, decision(asked, unit=unit))) or "ok" for unit in wrong}
    assert given == wrong
    assert successor(done(asked, decision(asked, unit=OTHER.short))).state is AssignmentState.ISSUED


def test_a_decision_names_no_date_and_no_unit_that_nobody_asked_about():
    task = issued()
    returned, extended = done(task, returning(task)), done(task, extension(task, 3))
    dated = ask(returned, decision(returned, unit=OTHER.short, due=day_of(NOW)))
    placed = ask(extended, decision(extended, unit=OTHER.short))
    assert [(each.code, each.pointer) for each in (dated, placed)] == [("unfitting", "/due"), ("unfitting", "/unit")]


def test_a_reassignment_is_proposed_by_an_inspector_and_decided_by_the_head():
    task = issued()
    propose = partial(ProposeReassignment, assignment_id=id_of(task, HELPER), unit=OTHER.short, reason="职责调整")
    assert code(ask(task, propose(actor=head_of(HELPER)))) == "forbidden"
    asked = done(task, propose(actor=INSPECTOR))
    assert at_unit(asked, HELPER).state is AssignmentState.ISSUED, "nothing has changed yet"
    assert code(ask(asked, decision(asked, by=INSPECTOR))) == "forbidden"
    assert successor(done(asked, decision(asked))).role is at_unit(task, HELPER).role


def test_another_lead_is_known_to_every_other_part_and_sees_it():
    task = issued()
    asked = done(task, returning(task, LEAD, to=OTHER.short))
    events = ask(asked, decision(asked, LEAD))
    assert [event.type.partition(".")[2] for event in events] == ["returned", "issued", "lead_changed", "lead_changed"]
    after, advanced = asked.evolve(events, NOW)
    assert {at_unit(after, unit).lead for unit in (HELPER, SUPPORT, OTHER)} == {OTHER.address}
    assert (after.task.lead, after.task.lead_name) == (OTHER.address, OTHER.short)
    assert all(OTHER.address in event.audience for event in (*events[1:], *advanced))
    assert LEAD.address in after.audience, "who saw the task goes on seeing it"


def test_a_submission_and_the_end_of_a_task_leave_no_request_behind():
    task = issued()
    acknowledged = Acknowledge(actor=head_of(HELPER), assignment_id=id_of(task, HELPER), responsible_person="张三")
    task = evolve(task, work.acknowledge(task, acknowledged, NOW))
    report = Report(actor=head_of(HELPER), assignment_id=id_of(task, HELPER), text="已全部封闭", percent=100)
    task = evolve(task, work.report(task, report, NOW))
    asked = done(task, extension(task, 3))
    complete = Complete(
        actor=head_of(HELPER), assignment_id=id_of(task, HELPER), text="已全部封闭", evidence=("a" * 64,)
    )
    assert at_unit(evolve(asked, submit(asked, complete, NOW)), HELPER).request is None


def test_nothing_is_asked_or_decided_while_the_task_stands_still():
    task = issued()
    asked = done(task, extension(task, 3))
    stop = Suspend(actor=SUPERVISOR, task_id=task.task.task_id, reason="汛期停工")
    still = evolve(asked, suspension.suspend(asked, stop, NOW))
    assert code(ask(still, decision(still))) == "suspended"
    assert code(ask(still, extension(still, 1, LEAD))) == "suspended"
    withdraw = WithdrawRequest(actor=head_of(HELPER), assignment_id=id_of(still, HELPER))
    assert code(ask(still, withdraw)) == "suspended"


def test_who_decided_on_an_older_version_is_told():
    task = issued()
    asked = done(task, extension(task, 3))
    assert code(ask(asked, decision(asked, expected_version=1))) == "stale"


@pytest.mark.parametrize(
    ("written", "later", "due"),
    [
        ("7个工作日", NOW + 20 * DAY, None),
        ("2026年12月20日", NOW + 20 * DAY, "2026-12-20"),
        ("12月20日前", NOW + 20 * DAY, "2026-12-20"),
        ("11月底前", NOW + 12 * DAY, None),
        ("11月底前", NOW + 60 * DAY, None),
        ("", NOW + 20 * DAY, None),
    ],
)
def test_a_successor_has_its_span_from_its_own_t0_or_the_date_that_was_meant_at_first(written, later, due):
    task = issued(deadline=written)
    propose = ProposeReassignment(
        actor=INSPECTOR, assignment_id=id_of(task, HELPER), unit=OTHER.short, reason="职责调整"
    )
    asked = done(task, propose, now=later)
    new = successor(done(asked, decision(asked), now=later))
    seven = TIMETABLE.deadline("7个工作日", later, Weight.ORDINARY).due
    assert new.due == (closing(datetime.fromisoformat(due).date()) if due else seven)
