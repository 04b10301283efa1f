"""The demo's two months: plausible, in order, the same every time."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid5

from contracts.assignment import Assignment
from contracts.events.notice import NoticeDrafted
from contracts.terms import Board, NoticeCause
from contracts.workdays import Calendar
from deploy.local.demo.ledger import moved, shifted
from deploy.local.demo.papers import SIGNED, overdue_of_different_units
from deploy.local.demo.plan import lead_finish, plan
from services.tasks.register.calendar_seed import calendar_days
from tests.story import Story
from tests.story.documents import draft
from tests.story.province import province

TODAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
START = TODAY - timedelta(days=61)
CALENDAR = Calendar.of(calendar_days(2026, 2027))
TASKS = UUID(int=0)
PLACES = [unit.address for unit in province() if unit.level == "province" and unit.kind == "department"]
UNITS = ("14.05.81.000.gov", "14.10.02.000.gov", "14.00.00.000.slt", "14.05.00.000.gov")


def assignment(task: int, unit: str) -> Assignment:
    story = Story(datetime(2026, 9, 1, 1, tzinfo=UTC) + timedelta(days=task))
    others = [each for each in UNITS if each != UNITS[0]]
    matter = story.register(
        f"事项{task}", UNITS[0], others, deadline="2026-12-31", board=Board.DAILY, id=uuid5(TASKS, str(task))
    )
    return matter.part(unit)


PARTS = [assignment(task, unit) for task in range(12) for unit in UNITS]


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
    story, causes = Story(TODAY), (NoticeCause.OVERDUE, NoticeCause.OVERDUE, NoticeCause.STALLED)
    for n, cause in enumerate(causes * 10):
        part = story.register(f"事项{n}", PLACES[n % 10]).part()
        draft(story, part, cause=cause, title=f"催办单{n}")
    drafts = [event for event in story.events if isinstance(event, NoticeDrafted)]
    chosen = overdue_of_different_units(drafts)
    assert chosen == overdue_of_different_units(drafts[::-1]) and len(chosen) == SIGNED
    assert {event.notice.cause for event in chosen} == {NoticeCause.OVERDUE}
    assert len({event.recipients[0].unit for event in chosen}) == SIGNED
