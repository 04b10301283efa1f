"""A task: its gate, the events of its registration, and how its state follows from its assignments."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.assignment import Assignment
from contracts.commands.assignment import DecideRequest, RequestExtension
from contracts.commands.task import RegisterTask, RequestedPart, Suspend
from contracts.envelope import Actor
from contracts.events.assignment import AssignmentIssued, AssignmentReported
from contracts.events.task import TaskAdvanced, TaskRegistered
from contracts.refusals import Refused
from contracts.region import Level
from contracts.register import Unit
from contracts.terms import AssignmentState, Board, ReportKind, Role, TaskState
from contracts.units import UnitKind
from contracts.workdays import ClockKind, closing, day_of
from services.tasks.assignments.domain import decisions, requests, suspension
from services.tasks.assignments.domain.draft import Draft, aggregate_of, number_of, parts_of, registered
from services.tasks.assignments.domain.gate import MOST_UNITS, faults, unmeasurable, unprintable
from services.tasks.assignments.domain.registration import draft_of
from services.tasks.assignments.domain.successor import Reference
from services.tasks.assignments.domain.task import percent_of, state_of
from tests.story.province import whole_register
from tests.tasks.assignments.builders import (
    BGT,
    HELPER,
    LEAD,
    NOW,
    SUPERVISOR,
    SUPPORT,
    THREE,
    TIMETABLE,
    draft,
    events_of,
    evolve,
    head_of,
    id_of,
    issued,
    issued_to,
    task_of,
)

REGISTER = whole_register()


def registration(*parts: tuple[str, Role], by: Actor = SUPERVISOR, **more: object) -> RegisterTask:
    body = {
        "title": "封闭沿线水井",
        "board": Board.KEY_WORK,
        "lead_official": "分管副省长",
        "target": "封闭水井412眼",
        "verification_form": "销号台账",
        "parts": [RequestedPart(unit=name, role=role) for name, role in parts or (("省公安厅", Role.LEAD),)],
    }
    return RegisterTask(actor=by, **(body | more))


def drafted(command: RegisterTask) -> Draft:
    made = draft_of(command, REGISTER, TIMETABLE, (), NOW)
    assert isinstance(made, Draft), made
    return made


def refused(command: RegisterTask) -> Refused:
    refusal = draft_of(command, REGISTER, TIMETABLE, (), NOW)
    assert isinstance(refusal, Refused)
    assert refusal.message
    return refusal


def test_names_and_collectives_become_units_each_with_one_part():
    result = drafted(
        registration(("省公安厅", Role.LEAD), ("太原市政府", Role.SUPPORTING), ("各市政府", Role.RESPONSIBLE))
    )
    assert result.parts[0] == (REGISTER.units["14.00.00.000.gat"], Role.LEAD)
    roles = {unit.address: role for unit, role in result.parts}
    assert len(result.parts) == len(roles) == 12
    assert roles["14.01.00.000.gov"] is Role.RESPONSIBLE


def test_an_address_is_as_good_as_a_name():
    assert drafted(registration(("14.00.00.000.gat", Role.LEAD))).parts[0][0].short == "省公安厅"


def test_a_bare_name_is_looked_for_in_the_region_of_the_lead():
    result = drafted(registration(("城区政府", Role.RESPONSIBLE), ("晋城市政府", Role.LEAD)))
    assert [unit.address for unit, _ in result.parts] == ["14.05.00.000.gov", "14.05.02.000.gov"]


@pytest.mark.parametrize(
    ("more", "code", "pointer"),
    [
        ({"target": "切实加强领导，持续提升水平"}, "not_measurable", "/target"),
        ({"deadline_text": "尽快"}, "deadline_unreadable", "/deadline_text"),
        ({"deadline_text": "下周三"}, "deadline_unreadable", "/deadline_text"),
        ({"deadline_text": "2020年1月底前"}, "due_before_assignment", "/deadline_text"),
    ],
)
def test_what_is_vague_or_past_does_not_pass_the_gate(more, code, pointer):
    result = refused(registration(**more))
    assert (result.code, result.pointer) == (code, pointer)


@pytest.mark.parametrize(
    "target", ["封闭水井412眼", "欠薪案件动态清零", "全覆盖", "出台配套文件", "覆盖十一个市", "入驻率百分之八十五"]
)
def test_what_can_be_counted_is_measurable(target):
    assert not list(unmeasurable(draft(target=target)))


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("target", "  "),
        ("lead_official", " "),
        ("title", "零\0字节"),
        ("title", "绝密事项"),
        ("instruction", "此件绝密"),
    ],
)
def test_blanks_control_characters_and_classified_matter_are_no_text(field, text):
    with pytest.raises(ValidationError, match=field):
        registration(**{field: text})


def test_a_refusal_lists_every_fault():
    result = refused(registration(target="加强领导", title="封闭水井😀"))
    assert {error["code"] for error in result.detail["errors"]} == {"unprintable", "not_measurable"}


@pytest.mark.parametrize(
    "parts",
    [(("省公安厅", Role.RESPONSIBLE),), (("省公安厅", Role.LEAD), ("省财政厅", Role.LEAD)), (("各市政府", Role.LEAD),)],
)
def test_a_task_has_exactly_one_lead(parts):
    assert refused(registration(*parts)).code == "one_lead"


def test_an_unknown_unit_is_refused_with_its_place_and_what_may_be_meant():
    result = refused(registration(("省公安厅", Role.LEAD), ("省公按厅", Role.RESPONSIBLE)))
    assert (result.code, result.pointer) == ("unit_unknown", "/parts/1/unit")
    assert "省公安厅" in result.message


def many(count: int) -> list[tuple[Unit, Role]]:
    """So many county departments, of as many counties and lines as there are: the widest audience."""
    counties = [
        each for each in REGISTER.units.values() if each.level is Level.COUNTY and each.kind is UnitKind.DEPARTMENT
    ]
    wide = sorted(
        counties, key=lambda each: (int(each.place.replace(".", "")) * 31 + sum(map(ord, each.address))) % 997
    )
    return [(each, Role.RESPONSIBLE) for each in wide[:count]]


LONGEST = {
    "title": "封" * 300,
    "target": "封" * 1999 + "1",
    "instruction": "办" * 4000,
    "verification_form": "账" * 500,
}


@pytest.mark.parametrize("units_", [134, MOST_UNITS])
def test_the_largest_event_of_a_task_stays_below_64_kib(units_):
    new = draft((LEAD, Role.LEAD), *many(units_ - 1), **LONGEST)
    assert not list(faults(new, REGISTER))
    events = registered(new, "p", "14.00.00", NOW, REGISTER)
    task = aggregate_of(new, "14.00.00", NOW, REGISTER)
    still = Suspend(actor=SUPERVISOR, task_id=new.task_id, reason="停" * 2000)
    events += suspension.suspend(task, still, NOW)
    assert max(len(event.model_dump_json().encode()) for event in events) < 64 * 1024


def test_a_task_for_more_units_than_an_event_can_name_is_refused():
    refusal = list(faults(draft((LEAD, Role.LEAD), *many(MOST_UNITS)), REGISTER))
    assert [fault.code for fault in refusal] == ["too_many_units"]


def test_an_assignment_is_seen_by_its_issuer_lead_unit_and_the_offices_and_line_above_it():
    county = REGISTER.units["14.10.02.000.jyt"]
    events = registered(draft((LEAD, Role.LEAD), (county, Role.RESPONSIBLE)), "p", "14.00.00", NOW, REGISTER)
    issue = issued_to(events, county)
    assert issue.address == county.address
    assert issue.audience == (
        "14.00.00.000.bgt", "14.00.00.000.gat", "14.00.00.000.ggb", "14.00.00.000.jyt",
        "14.10.00.000.bgt", "14.10.00.000.ggb", "14.10.00.000.jyt",
        "14.10.02.000.bgt", "14.10.02.000.ggb", "14.10.02.000.jyt",
    )  # fmt: skip
    assert "14.00.00.000.gov" not in issue.audience, "leaders read with the places of their office"


def test_a_task_is_seen_by_all_who_see_one_of_its_assignments_and_keeps_that_audience():
    task = issued()
    every = {place for audience in task.audiences.values() for place in audience}
    assert task.audience == tuple(sorted(every | {BGT.address}))
    command = Suspend(actor=SUPERVISOR, task_id=task.task.task_id, reason="汛期停工")
    _, advanced = task.evolve(suspension.suspend(task, command, NOW), NOW)
    assert [event.audience for event in advanced] == [task.audience]


def test_the_registration_names_the_task_and_each_unit_has_an_issue_of_its_own():
    first, *issues = events_of(draft())
    assert isinstance(first, TaskRegistered)
    assert (first.address, first.task.lead_name, first.task.assignments) == (BGT.address, LEAD.short, 3)
    assert (first.task.issuer_name, first.task.leadership) == (BGT.short, "14.00.00.000.gov")
    assert [each.assignment.unit for each in issues] == [unit.address for unit, _ in THREE]
    assert {(each.assignment.lead, each.version, each.assignment.state) for each in issues} == {
        (LEAD.address, 1, AssignmentState.ISSUED)
    }


def test_every_clock_runs_from_t0_and_the_due_date_is_the_resolving_one():
    issue = issued_to(events_of(draft()), LEAD)
    issue = issue.assignment
    kinds = [clock.kind for clock in issue.clocks]
    assert kinds == [ClockKind.DEPLOY_1D, ClockKind.FEEDBACK_3D, ClockKind.RESOLVE_7D]
    ends = [closing(datetime(2026, month, day, tzinfo=UTC).date()) for month, day in ((11, 24), (11, 26), (12, 2))]
    assert [clock.due for clock in issue.clocks] == ends
    assert issue.due == ends[-1]


def test_the_same_draft_gives_the_same_ids():
    same = draft()
    once, again = (events_of(same) for _ in range(2))
    assert [event.aggregate for event in once] == [event.aggregate for event in again]


def test_imported_progress_is_one_accepted_report_of_each_part_that_colours_the_task_and_acknowledges_nothing():
    as_of = closing(datetime(2026, 11, 20, tzinfo=UTC).date())
    new = draft(percent=Decimal(60), as_of=as_of)
    events = events_of(new)
    reports = [event for event in events if isinstance(event, AssignmentReported)]
    assert [report.assignment.role for report in reports] == [Role.LEAD, Role.RESPONSIBLE]
    assert {(report.kind, report.submitted_at, report.percent) for report in reports} == {
        (ReportKind.IMPORTED, as_of, Decimal(60))
    }
    task = task_of(new)
    assert (task.task.state, task.task.percent) == (TaskState.IN_PROGRESS, Decimal(60))
    assert {each.state for each in task.assignments} == {AssignmentState.ISSUED}
    assert [type(event) for event in events[-2:]] == [AssignmentReported, TaskAdvanced]


def test_imported_progress_is_never_dated_in_the_future():
    events = events_of(draft(percent=Decimal(60), as_of=NOW.replace(year=2027)))
    assert next(event.submitted_at for event in events if isinstance(event, AssignmentReported)) == NOW


def test_the_daily_board_reports_every_three_working_days_and_the_others_monthly():
    every = {board: issued_to(events_of(draft(board=board)), LEAD).assignment.report_every for board in Board}
    assert every.pop(Board.DAILY) == "3wd"
    assert set(every.values()) == {"month"}


def in_states(*states: AssignmentState) -> tuple[Assignment, ...]:
    """Three assignments, the lead's first, that stand there."""
    each = zip(issued().assignments, states, strict=True)
    return tuple(assignment.model_copy(update={"state": state}) for assignment, state in each)


I, Q, A, W, S, V, C, X, R = AssignmentState  # noqa: E741


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
        ((I, R, W), TaskState.IN_PROGRESS),
        ((V, R, V), TaskState.VERIFIED),
        ((C, R, R), TaskState.CLOSED),
        ((I, Q, I), TaskState.ASSIGNED),
    ],
)
def test_the_state_of_a_task_follows_from_its_parts(states, expected):
    assert state_of(in_states(*states)) is expected


LED = [states for states in product(AssignmentState, repeat=3) if states[0] is not R]
"""The lead's part is never one that another unit has: its successor's is."""


@given(st.permutations(range(3)), st.sampled_from(LED))
def test_the_order_of_the_assignments_does_not_matter(order, states):
    parts = in_states(*states)
    assert state_of([parts[place] for place in order]) is state_of(parts)


def test_a_task_emits_nothing_while_nothing_of_it_changes():
    task = issued()
    assert task.evolve((), NOW) == (task, ())


def test_a_task_follows_its_leads_due_date():
    task = issued()
    later = task.lead.due + timedelta(days=1)
    for unit, expected in ((HELPER, []), (LEAD, [later])):
        body = {"assignment_id": id_of(task, unit), "reason": "汛期停工"}
        request = RequestExtension(actor=head_of(unit), due=day_of(later), plan="汛期过后分段推进", **body)
        task = evolve(task, requests.request_extension(task, request, NOW, TIMETABLE))
        grants = DecideRequest(actor=SUPERVISOR, approved=True, **body)
        task, advanced = task.evolve(
            decisions.decide_request(task, grants, NOW, Reference(TIMETABLE, REGISTER, {})), NOW
        )
        assert [event.task.deadline.due for event in advanced] == expected


def reporting(*figures: object, states: dict[int, AssignmentState] | None = None) -> tuple[Assignment, ...]:
    """Assignments of a lead and of others, all responsible, with this accepted progress."""
    lead = issued().assignments[0]
    return tuple(
        lead.model_copy(
            update={
                "role": Role.RESPONSIBLE if place else Role.LEAD,
                "percent": None if figure is None else Decimal(str(figure)),
                "state": (states or {}).get(place, AssignmentState.WORKING),
            }
        )
        for place, figure in enumerate(figures)
    )


@pytest.mark.parametrize(
    ("figures", "percent"),
    [
        ((100, 50, 0), "50.00"),
        ((None, None), None),
        ((None, 50), "25.00"),
        ((10, 10, 15), "11.67"),
        ((100, 100, 100), "100"),
        ((100, 100, "99.99"), "99.99"),
        ((100,) * 200 + ("99.99",), "99.99"),
        (("0.01", 0), "0.01"),
    ],
)
def test_a_tasks_progress_is_the_mean_of_those_that_colour_it_and_100_only_when_all_are(figures, percent):
    assert percent_of(reporting(*figures)) == (percent and Decimal(percent))


def test_what_is_cancelled_or_only_supports_does_not_count():
    lead, helper, support = issued().assignments
    assert percent_of(reporting(40, 80, states={1: AssignmentState.CANCELLED})) == 40
    figures = {"percent": Decimal(100)}
    assert percent_of((lead, helper, support.model_copy(update=figures))) is None


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
    assert all(isinstance(event, AssignmentIssued) for event in events_of(draft())[1:])


@pytest.mark.parametrize("text", ["1", "1.0", "01", "１", " 1. ", "001.00"])
def test_a_number_has_one_spelling(text):
    assert number_of(text) == "1"


@pytest.mark.parametrize("text", ["2026-0001", "1.1", "一", "A01", "1-0", ""])
def test_what_is_no_plain_number_stays_as_written(text):
    assert number_of(text) == text


@pytest.mark.parametrize("text", ["封闭水井412眼", "㐂𠀀吉", "①★√×～“”", "完成率≥85%", "第一行\n第二行"])
def test_what_documents_can_print_passes(text):
    assert unprintable(text) == ""


@pytest.mark.parametrize("sign", ["😀", "\ue000", "\u0378", "𝟏", "✅", "❤\ufe0f"[1], "\U000f0000", "🇨"])
def test_what_no_document_can_print_is_refused_at_the_door_by_its_name(sign):
    for field in ("title", "target", "instruction"):
        refusal = refused(registration(**{field: f"封闭水井412眼{sign}"}))
        assert (refusal.code, refusal.pointer) == ("unprintable", f"/{field}")
        assert f"U+{ord(sign):04X}" in refusal.message and "请删除" in refusal.message
