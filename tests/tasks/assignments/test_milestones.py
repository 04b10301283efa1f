"""Milestones: which plans the gate lets pass, and what a report says of them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from contracts.assignment import Assignment, Milestone
from contracts.commands.assignment import Acknowledge, Report
from contracts.commands.task import RegisterTask, RequestedMilestone
from contracts.refusals import Refused
from contracts.terms import AssignmentState
from contracts.workdays import closing
from services.tasks.assignments.domain import work
from services.tasks.assignments.domain.gate import faults
from tests.tasks.assignments.builders import (
    HELPER,
    LEAD,
    NOW,
    REGISTER,
    at_unit,
    clerk_of,
    code,
    draft,
    events_of,
    evolve,
    id_of,
    issued,
    issued_to,
)
from tests.tasks.commands import ask, granted, registration

TEXT = "已按要求办理"


def plan(*steps: tuple[str, int, int], month: int = 12) -> tuple[Milestone, ...]:
    return tuple(
        Milestone(name=name, due=closing(date(2026, month, day)), weight=weight) for name, day, weight in steps
    )


GOOD = plan(("立项", 1, 40), ("完工", 8, 60))


@pytest.mark.parametrize(
    ("milestones", "more", "result"),
    [
        (GOOD, {}, []),
        (plan(("立项", 1, 40), ("完工", 8, 59)), {}, ["weights"]),
        (plan(("立项", 1, 40), ("立项", 8, 60)), {}, ["milestone_twice"]),
        (plan(("立项", 1, 40), ("完工", 31, 60)), {}, ["milestone_outside"]),
        (plan(("立项", 1, 100), month=1), {}, ["milestone_outside"]),
        (GOOD, {"deadline": "持续推进"}, ["no_due_date"]),
    ],
)
def test_a_plan_lies_before_the_due_date_and_has_a_hundred_points(milestones, more, result):
    made = draft(**({"deadline": "12月10日前"} | more), milestones=milestones)
    assert [fault.code for fault in faults(made, REGISTER)] == result


@pytest.fixture
def task():
    new = issued(deadline="12月10日前", milestones=GOOD)
    command = Acknowledge(actor=clerk_of(HELPER), assignment_id=id_of(new, HELPER), responsible_person="张三")
    return evolve(new, work.acknowledge(new, command, NOW))


def report(task, *milestones: str) -> Report:
    return Report(
        actor=clerk_of(HELPER), assignment_id=id_of(task, HELPER), percent=Decimal(40), text=TEXT, milestones=milestones
    )


def test_every_part_is_issued_with_the_plan_and_a_report_reaches_its_milestones_once(task):
    events = work.report(task, report(task, "立项", "立项"), NOW)
    assert events[0].milestones == ("立项",)
    task = evolve(task, events)
    assignment = at_unit(task, HELPER)
    assert [step.reached_at for step in assignment.milestones] == [NOW, None]
    assert assignment.state is AssignmentState.WORKING
    assert work.report(task, report(task, "立项"), NOW)[0].milestones == ()


def test_a_milestone_that_is_not_in_the_plan_is_refused_with_those_that_are(task):
    refused = work.report(task, report(task, "验收"), NOW)
    assert code(refused) == "milestone_unknown" and refused.pointer == "/milestones" and "立项" in refused.message


def test_the_lead_has_the_plan_too():
    assert issued_to(events_of(draft(milestones=GOOD)), LEAD).assignment.milestones == GOOD


async def test_a_registration_with_milestones_is_kept_and_one_out_of_bounds_names_the_field(service):
    steps = [RequestedMilestone(name="完工", due="2099-01-01", weight=100)]
    answer = await ask(service, registration(milestones=steps))
    assert isinstance(answer, Refused) and (answer.code, answer.pointer) == ("milestone_outside", "/milestones")
    year = 1 + datetime.now(UTC).year
    steps = [
        RequestedMilestone(name="立项", due=f"{year}-03-01", weight=40),
        RequestedMilestone(name="完工", due=f"{year}-03-31", weight=60),
    ]
    command: RegisterTask = registration(milestones=steps, deadline_text=f"{year}-04-01")
    done = await granted(service, command)
    kept = await service.pool.fetch("select document from assignment where task_id = $1", done.detail["task_id"])
    plans = [Assignment.model_validate_json(row["document"]).milestones for row in kept]
    assert [[step.name for step in plan] for plan in plans] == [["立项", "完工"]] * 2
