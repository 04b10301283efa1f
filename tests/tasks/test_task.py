"""A task: its gate, what is said when it is registered, and how its state follows from its parts."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.commands.task import RegisterTask, RequestedPart
from contracts.envelope import Actor, ActorRole
from contracts.events.assignment import AssignmentIssued, AssignmentReported
from contracts.events.task import TaskAdvanced, TaskRegistered
from contracts.refusals import Refused
from contracts.terms import AssignmentState, Board, ReportKind, Role, TaskState
from contracts.workdays import ClockKind, closing
from services.tasks import seed
from services.tasks.assignments.domain.draft import Draft, parts_of, registered
from services.tasks.assignments.domain.gate import MOST_PARTS, faults, unmeasurable
from services.tasks.assignments.domain.registration import draft_of
from services.tasks.assignments.domain.task import Task, state_of
from services.tasks.register.domain import Register
from tests.tasks.parts import (
    BGT,
    HELPER,
    LEAD,
    NOW,
    SUPERVISOR,
    SUPPORT,
    THREE,
    TIMETABLE,
    draft,
    given_out,
    issued_to,
    task_after,
    unit,
)

REGISTER = Register.of(seed.units("14"))


def wish(*parts: tuple[str, Role], by: Actor = SUPERVISOR, **more: object) -> RegisterTask:
    given = {
        "title": "封闭沿线水井",
        "board": Board.KEY_WORK,
        "lead_official": "分管副省长",
        "target": "封闭水井412眼",
        "verification_form": "销号台账",
        "parts": [RequestedPart(unit=name, role=role) for name, role in parts or (("省公安厅", Role.LEAD),)],
    }
    return RegisterTask(actor=by, **(given | more))


def drafted(command: RegisterTask) -> Draft:
    found = draft_of(command, REGISTER, TIMETABLE, (), NOW)
    assert isinstance(found, Draft), found
    return found


def refused(command: RegisterTask) -> Refused:
    found = draft_of(command, REGISTER, TIMETABLE, (), NOW)
    assert isinstance(found, Refused)
    assert found.message
    return found


def test_names_and_collectives_become_units_each_with_one_part():
    found = drafted(wish(("省公安厅", Role.LEAD), ("太原市政府", Role.SUPPORTING), ("各市政府", Role.RESPONSIBLE)))
    assert found.parts[0] == (REGISTER.units["14.00.00.000.gat"], Role.LEAD)
    roles = {unit.address: role for unit, role in found.parts}
    assert len(found.parts) == len(roles) == 12
    assert roles["14.01.00.000.gov"] is Role.RESPONSIBLE


def test_an_address_is_as_good_as_a_name():
    assert drafted(wish(("14.00.00.000.gat", Role.LEAD))).parts[0][0].short == "省公安厅"


def test_a_bare_name_is_looked_for_in_the_region_of_the_lead():
    found = drafted(wish(("城区政府", Role.RESPONSIBLE), ("晋城市政府", Role.LEAD)))
    assert [unit.address for unit, _ in found.parts] == ["14.05.00.000.gov", "14.05.02.000.gov"]


@pytest.mark.parametrize(
    ("more", "code", "pointer"),
    [
        ({"target": "切实加强领导，持续提升水平"}, "not_measurable", "/target"),
        ({"title": "机密 关于水井的事项"}, "classified", "/title"),
        ({"instruction": "此件绝密"}, "classified", "/instruction"),
        ({"deadline_text": "尽快"}, "deadline_unreadable", "/deadline_text"),
        ({"deadline_text": "下周三"}, "deadline_unreadable", "/deadline_text"),
        ({"deadline_text": "2020年1月底前"}, "due_before_assignment", "/deadline_text"),
    ],
)
def test_what_is_vague_empty_or_classified_does_not_pass_the_gate(more, code, pointer):
    found = refused(wish(**more))
    assert (found.code, found.pointer) == (code, pointer)


@pytest.mark.parametrize(
    "target", ["封闭水井412眼", "欠薪案件动态清零", "全覆盖", "出台配套文件", "覆盖十一个市", "入驻率百分之八十五"]
)
def test_what_can_be_counted_is_measurable(target):
    assert not list(unmeasurable(draft(target=target)))


@pytest.mark.parametrize(("field", "text"), [("target", "  "), ("lead_official", " "), ("title", "零\0字节")])
def test_blanks_are_nothing_and_control_characters_are_no_text(field, text):
    with pytest.raises(ValidationError, match=field):
        wish(**{field: text})


def test_a_refusal_lists_every_fault():
    found = refused(wish(target="加强领导", title="绝密事项"))
    assert {error["code"] for error in found.detail["errors"]} == {"classified", "not_measurable"}


@pytest.mark.parametrize(
    "parts",
    [(("省公安厅", Role.RESPONSIBLE),), (("省公安厅", Role.LEAD), ("省财政厅", Role.LEAD)), (("各市政府", Role.LEAD),)],
)
def test_a_task_has_exactly_one_lead(parts):
    assert refused(wish(*parts)).code == "one_lead"


def test_an_unknown_unit_is_refused_with_its_place_and_what_may_be_meant():
    found = refused(wish(("省公安厅", Role.LEAD), ("省公按厅", Role.RESPONSIBLE)))
    assert (found.code, found.pointer) == ("unit_unknown", "/parts/1/unit")
    assert "省公安厅" in found.message


def test_nobody_assigns_outside_their_own_region():
    county = Actor(person="督查员", unit="14.10.02.000.bgt", roles=(ActorRole.SUPERVISOR,))
    assert refused(wish(("省公安厅", Role.LEAD), by=county)).code == "outside"
    assert drafted(wish(("尧都区公安局", Role.LEAD), by=county)).issuer.address == "14.10.02.000.bgt"


def test_only_supervisors_register():
    clerk = Actor(person="经办人", unit="14.00.00.000.gat", roles=(ActorRole.UNIT_CLERK, ActorRole.UNIT_HEAD))
    assert refused(wish(by=clerk)).code == "forbidden"


def test_a_task_for_too_many_units_is_refused_before_its_event_outgrows_a_message():
    many = [(unit(f"14.10.02.{n:03}.gov", f"第{n}乡"), Role.RESPONSIBLE) for n in range(1, MOST_PARTS + 1)]
    found = list(faults(draft((LEAD, Role.LEAD), *many)))
    assert [fault.code for fault in found] == ["too_many_parts"]
    fits = draft((LEAD, Role.LEAD), *many[1:], target="封" * 2000 + "1", instruction="办" * 4000)
    assert not list(faults(fits))
    assert len(registered(fits, "p", "14.00.00", NOW)[0].model_dump_json().encode()) < 256 * 1024


def test_each_unit_is_told_at_its_own_address_and_nobody_else_sees_it():
    said = registered(draft(), "supervisor", "14.00.00", NOW)
    task, issue = said[0], issued_to(said, HELPER)
    assert isinstance(task, TaskRegistered)
    assert task.address == BGT.address
    assert set(task.audience) == {BGT.address, LEAD.address, HELPER.address, SUPPORT.address}
    assert issue.address == HELPER.address
    assert set(issue.audience) == {BGT.address, LEAD.address, HELPER.address}
    assert (issue.lead, issue.version, issue.state) == (LEAD.address, 1, AssignmentState.ISSUED)


def test_every_clock_runs_from_t0_and_the_due_date_is_the_resolving_one():
    issue = issued_to(registered(draft(), "supervisor", "14.00.00", NOW), LEAD)
    kinds = [clock.kind for clock in issue.clocks]
    assert kinds == [ClockKind.DEPLOY_1D, ClockKind.FEEDBACK_3D, ClockKind.RESOLVE_7D]
    ends = [closing(datetime(2026, month, day, tzinfo=UTC).date()) for month, day in ((11, 24), (11, 26), (12, 2))]
    assert [clock.due for clock in issue.clocks] == ends
    assert issue.due == ends[-1]


def test_the_same_draft_gives_the_same_ids():
    same = draft()
    once, again = (registered(same, "p", "14.00.00", NOW) for _ in range(2))
    assert [event.aggregate for event in once] == [event.aggregate for event in again]


def test_imported_progress_is_one_accepted_report_of_each_part_that_colours_the_task_and_acknowledges_nothing():
    as_of = closing(datetime(2026, 11, 20, tzinfo=UTC).date())
    said = registered(draft(percent=Decimal(60), as_of=as_of), "operator", "14.00.00", NOW)
    reports = [event for event in said if isinstance(event, AssignmentReported)]
    assert [report.role for report in reports] == [Role.LEAD, Role.RESPONSIBLE]
    assert {(report.kind, report.submitted_at, report.percent) for report in reports} == {
        (ReportKind.IMPORTED, as_of, Decimal(60))
    }
    task = task_after(said)
    assert (task.state, task.percent) == (TaskState.IN_PROGRESS, Decimal(60))
    assert {part.state for part in task.parts} == {AssignmentState.ISSUED}
    assert [type(event) for event in said[-2:]] == [AssignmentReported, TaskAdvanced]


def test_imported_progress_is_never_dated_in_the_future():
    said = registered(draft(percent=Decimal(60), as_of=NOW.replace(year=2027)), "operator", "14.00.00", NOW)
    assert next(event.submitted_at for event in said if isinstance(event, AssignmentReported)) == NOW


def test_the_daily_board_reports_every_three_working_days_and_the_others_monthly():
    every = {
        board: issued_to(registered(draft(board=board), "p", "14.00.00", NOW), LEAD).report_every for board in Board
    }
    assert every.pop(Board.DAILY) == "3wd"
    assert set(every.values()) == {"month"}


def in_states(*states: AssignmentState) -> Task:
    """A task whose parts, the lead's first, stand there."""
    task = given_out()
    return replace(task, parts=tuple(replace(p, state=s) for p, s in zip(task.parts, states, strict=True)))


I, A, W, S, V, C, X = AssignmentState  # noqa: E741


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ((I, I, I), TaskState.ASSIGNED),
        ((A, A, I), TaskState.ASSIGNED),
        ((A, W, I), TaskState.IN_PROGRESS),
        ((W, V, C), TaskState.IN_PROGRESS),
        ((I, S, I), TaskState.IN_PROGRESS),
        ((S, V, V), TaskState.COMPLETION_SUBMITTED),
        ((V, W, V), TaskState.COMPLETION_SUBMITTED),
        ((V, V, V), TaskState.VERIFIED),
        ((C, V, C), TaskState.VERIFIED),
        ((C, C, C), TaskState.CLOSED),
        ((X, X, X), TaskState.CANCELLED),
        ((X, C, X), TaskState.CANCELLED),
    ],
)
def test_the_state_of_a_task_follows_from_its_parts(states, expected):
    assert state_of(in_states(*states).parts) is expected


@given(st.permutations(range(3)), st.sampled_from(list(product(AssignmentState, repeat=3))))
def test_the_order_of_the_parts_does_not_matter(order, states):
    parts = in_states(*states).parts
    assert state_of([parts[place] for place in order]) is state_of(parts)


def test_a_task_says_nothing_while_its_state_and_progress_stay():
    task = given_out()
    assert task.advanced(NOW) == ()


@given(st.lists(st.sampled_from([(u, r) for u in (LEAD, HELPER, SUPPORT) for r in Role]), max_size=9))
def test_every_wanted_unit_has_its_weightiest_part_once(wanted):
    kept = parts_of(wanted)
    others = [unit.address for unit, role in kept if role is not Role.LEAD]
    assert len(others) == len(set(others))
    assert {unit.address for unit, _ in kept} == {unit.address for unit, _ in wanted}
    order = list(Role)
    for unit_, role in kept:
        assert order.index(role) == min(order.index(r) for u, r in wanted if u is unit_)
    assert [role for _, role in kept][: sum(r is Role.LEAD for _, r in kept)].count(Role.LEAD) == sum(
        role is Role.LEAD for _, role in kept
    )


def test_three_units_have_three_parts():
    assert parts_of(THREE) == THREE
    assert all(isinstance(event, AssignmentIssued) for event in registered(draft(), "p", "14.00.00", NOW)[1:])
