"""The demo's two months: plausible, in order, the same every time."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid5

from contracts.events.assignment import AssignmentIssued
from contracts.events.notice import NoticeDrafted
from contracts.notice import Recipient
from contracts.terms import AssignmentState, Board, NoticeCause, NoticeKind, Role
from contracts.workdays import DEFAULT_POLICY, Calendar, Weight, clocks_of, deadline_of
from deploy.local.demo.ledger import moved, shifted
from deploy.local.demo.papers import SIGNED, picked
from deploy.local.demo.plan import lead_finish, plan
from services.tasks.register.calendar_seed import calendar_days

TODAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
START = TODAY - timedelta(days=61)
CALENDAR = Calendar.of(calendar_days(2026, 2027))
UNITS = ("14.05.81.000.gov", "14.10.02.000.gov", "14.00.00.000.slt", "14.01.00.000.gov")


def issued(task: int, unit: str, role: Role) -> AssignmentIssued:
    t0 = datetime(2026, 9, 1, 1, tzinfo=UTC) + timedelta(days=task)
    deadline = deadline_of("2026-12-31", t0, Weight.MAJOR, CALENDAR)
    task_id = uuid5(UUID(int=0), str(task))
    return AssignmentIssued(
        time=START, aggregate=f"assignment/{uuid5(task_id, unit)}", version=1, owner="14.00.00", address=unit,
        assignment_id=uuid5(task_id, unit), task_id=task_id, title="事项", unit=unit, unit_name="某单位", role=role,
        state=AssignmentState.ISSUED, actor="督查室", number=str(task), board=Board.DAILY, weight=Weight.MAJOR,
        lead=UNITS[0], issuer="14.00.00.000.bgt", issuer_name="省政府督查室", t0=t0, due=deadline.due,
        clocks=clocks_of(deadline, t0, CALENDAR, DEFAULT_POLICY),
    )  # fmt: skip


PARTS = [
    issued(task, unit, Role.LEAD if unit == UNITS[0] else Role.RESPONSIBLE) for task in range(12) for unit in UNITS
]


def test_the_plan_is_the_same_every_time_and_nothing_lies_in_the_future():
    steps = plan(PARTS, START, TODAY, CALENDAR)
    assert steps == plan(PARTS, START, TODAY, CALENDAR) and len(steps) > 100
    assert all(START <= step.now < TODAY for step in steps)
    assert [step.now for step in steps] == sorted(step.now for step in steps)


def test_nobody_works_on_a_day_of_rest():
    rest = {step.now.astimezone(UTC).date() for step in plan(PARTS, START, TODAY, CALENDAR)} & {
        date(2026, 10, 1) + timedelta(days=n) for n in range(7)
    }
    assert rest == set()


def test_three_persons_end_a_part():
    steps = [step.command for step in lead_finish(PARTS[:4], START, CALENDAR)]
    for part in PARTS[:4]:
        ends = [c.actor.person for c in steps if c.assignment_id == part.assignment_id][-3:]
        assert len(set(ends)) == 3


def test_the_sample_is_itself_on_its_own_day_and_moves_with_every_other():
    assert shifted(date(2026, 11, 23)) == shifted(date(2026, 11, 23))
    assert moved("2026-11-18、2026年9月、11月底前、7个工作日", timedelta(days=1)) == (
        "2026-11-19、2026年9月、11月底前、7个工作日"
    )
    assert moved("2026年11月26日、2026年11月", timedelta(days=40)) == "2027年1月5日、2026年12月"


def test_the_office_signs_a_few_urgings_of_what_is_overdue_the_same_ones_in_any_order():
    causes = (NoticeCause.OVERDUE, NoticeCause.OVERDUE, NoticeCause.STALLED)
    drafted = [
        NoticeDrafted(
            time=TODAY, aggregate=f"notice/{uuid5(UUID(int=n), cause)}", version=1, owner="14.00.00", address=UNITS[0],
            notice_id=uuid5(UUID(int=n), cause), kind=NoticeKind.URGING, issuer=UNITS[0], issuer_name="督查室",
            recipients=(Recipient(unit=f"14.10.{n % 10:02}.000.gov", name="某"),), title=f"催办单{n}", cause=cause,
            actor="system",
        )
        for n, cause in enumerate(causes * 10)
    ]  # fmt: skip
    chosen = picked(drafted)
    assert chosen == picked(drafted[::-1]) and len(chosen) == SIGNED
    assert {n.cause for n in chosen} == {NoticeCause.OVERDUE}
    assert len({n.recipients[0].unit for n in chosen}) == SIGNED
