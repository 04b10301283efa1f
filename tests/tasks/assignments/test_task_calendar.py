"""A year is published: running provisional clocks are computed anew, never earlier than what was told (R1)."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.commands.task import RegisterTask
from contracts.events.assignment import AssignmentDueChanged
from contracts.events.register import CalendarRevised
from contracts.events.task import TaskAdvanced
from contracts.terms import Role
from contracts.workdays import CalendarDay, Weight, closing
from services.chassis import commands, outbox
from services.chassis.service import Service
from services.tasks import ticks
from services.tasks.assignments import ticks as revising
from services.tasks.assignments.domain.task import TaskAggregate
from services.tasks.assignments.ticks import recompute
from services.tasks.register.calendar_seed import calendar_days
from services.tasks.register.domain.timetable import Timetable
from tests.tasks.assignments.builders import DAY, LEAD, TIMETABLE, draft, task_of
from tests.tasks.commands import LINFEN, emitted, registration

T0 = datetime(2026, 12, 28, 2, 0, tzinfo=UTC)
LATER = T0 + DAY
BEFORE = TIMETABLE.revised(calendar_days(2027, 2027))


def published(*resting: int, working: tuple[int, ...] = ()) -> list[CalendarDay]:
    """2027 as the State Council might publish it: these days of January rest, those weekend days are worked."""
    days = [day.model_copy(update={"provisional": False, "source": "published"}) for day in calendar_days(2027, 2027)]
    for n in (*resting, *working):
        days[n - 1] = days[n - 1].model_copy(update={"is_workday": n in working})
    return days


def task(deadline: str = "7个工作日", t0: datetime = T0) -> TaskAggregate:
    """A task of one unit."""
    clocks = BEFORE.clocks(BEFORE.deadline(deadline, t0, Weight.ORDINARY), t0)
    return task_of(draft((LEAD, Role.LEAD), t0=t0, deadline_text=deadline, clocks=clocks), t0)


def settled(existing: TaskAggregate, timetable: Timetable, now: datetime) -> list[AssignmentDueChanged]:
    """What the timetable does to its assignment."""
    return [event for event in recompute(existing, timetable, now) if isinstance(event, AssignmentDueChanged)]


def test_a_longer_holiday_moves_the_date_on():
    (moved,) = settled(task(), BEFORE.revised(published(4, 5)), LATER)
    assert (moved.previous, moved.due) == (closing(date(2027, 1, 7)), closing(date(2027, 1, 11)))
    after = moved.assignment
    assert (after.original_due, after.resolving.provisional) == (closing(date(2027, 1, 7)), False)
    assert moved.cause == "calendar"


def test_the_tasks_own_deadline_follows():
    *_, advanced = recompute(task(), BEFORE.revised(published(4, 5)), LATER)
    assert isinstance(advanced, TaskAdvanced)
    assert advanced.task.deadline.due == closing(date(2027, 1, 11))


def test_a_make_up_day_never_brings_it_forward_but_settles_it():
    (kept,) = settled(task(), BEFORE.revised(published(working=(2, 3))), LATER)
    assert kept.due == kept.previous == closing(date(2027, 1, 7))
    assert not kept.assignment.resolving.provisional


def test_a_span_of_its_own_is_read_again_from_its_words():
    (moved,) = settled(task("15个工作日"), BEFORE.revised(published(4, 5)), LATER)
    assert moved.due == moved.previous + 2 * DAY


def test_every_running_clock_of_a_part_moves_in_turn():
    existing = task(t0=T0 + 3 * DAY)
    events = settled(existing, BEFORE.revised(published(4, 5)), LATER)
    assert [event.clock for event in events] == ["deploy_1d", "feedback_3d", "resolve_7d"]
    assert [event.version for event in events] == [2, 3, 4]
    before, after = existing.lead.clocks, events[-1].assignment.clocks
    assert [clock.original for clock in after] == [clock.due for clock in before]
    assert [clock.due for clock in after] == [event.due for event in events]


@pytest.mark.parametrize("deadline", ["2027-01-20", "2027年1月", "持续推进", "3个工作日"])
def test_what_was_not_provisional_stays(deadline):
    assert settled(task(deadline), BEFORE.revised(published(20, 21, 22)), LATER) == []


def test_a_clock_that_has_ended_stays():
    assert settled(task(), BEFORE.revised(published(4, 5)), closing(date(2027, 1, 7))) == []


@given(st.sets(st.integers(1, 60)), st.sets(st.integers(1, 60)))
def test_no_calendar_makes_any_date_earlier(resting, working):
    existing = task("20个工作日")
    before = existing.lead
    for event in settled(existing, BEFORE.revised(published(*resting - working, working=tuple(working))), LATER):
        after = event.assignment
        assert all(new.due >= old.due for old, new in zip(before.clocks, after.clocks, strict=True))
        assert after.original_due == before.original_due
        before = after
    assert not any(each.provisional for each in before.clocks)


async def revised(service: Service) -> int:
    async with service.pool.acquire() as db, db.transaction():
        events = await ticks.revise_calendar(db, T0 + DAY, service)
        await outbox.emit(db, service.handlers, events)
    return len(events)


@pytest.fixture
def release(monkeypatch) -> Callable[[str, list[CalendarDay]], None]:
    """Run as a release that knows 2027 so."""

    def install(edition: str, days: list[CalendarDay]) -> None:
        monkeypatch.setattr(revising, "EDITION", edition)
        monkeypatch.setattr(revising, "calendar_days", lambda a, b: days if a == 2027 else calendar_days(a, b))

    return install


async def test_a_release_that_knows_the_year_emits_it_once_and_moves_running_clocks(service, release):
    await service.pool.execute("insert into mark (name) values ('demo')")
    body = registration().model_dump_json().encode()
    answer, _ = await commands.answer(service, RegisterTask, body, T0.isoformat())
    assert answer.ok
    assert await revised(service) == 0

    release("2027 published", published(4, 5))
    assert await revised(service) == 4
    (year,) = [event for event in await emitted(service, "calendar.revised") if event["version"] == 2]
    assert CalendarRevised.model_validate(year).days == tuple(published(4, 5))
    moved = await emitted(service, "assignment.due_changed")
    assert {event["due"] for event in moved} == {"2027-01-11T10:00:00Z"}
    row = await service.pool.fetchrow("select document, provisional from assignment where unit = $1", LINFEN)
    assert json.loads(row["document"])["due"] == "2027-01-11T10:00:00Z"
    assert not row["provisional"]
    assert await revised(service) == 0

    release("an older release", calendar_days(2027, 2027))
    assert await revised(service) == 0
    assert await service.pool.fetchval("select version from calendar where year = 2027") == 2
