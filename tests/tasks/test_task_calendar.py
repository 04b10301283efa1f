"""A year is published: running provisional clocks are computed anew, never earlier than what was told (R1)."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.events.register import CalendarRevised
from contracts.workdays import CalendarDay, Weight, closing
from services.chassis import commands, outbox
from services.chassis.service import Service
from services.tasks import ticks
from services.tasks.assignments.domain.assignment import after
from services.tasks.assignments.domain.draft import registered
from services.tasks.assignments.domain.due import settled
from services.tasks.register.calendar_seed import calendar_days
from tests.tasks.parts import DAY, LEAD, TIMETABLE, draft, issued_to
from tests.tasks.test_tasks_handlers import LINFEN, said, wish

T0 = datetime(2026, 12, 28, 2, 0, tzinfo=UTC)
LATER = T0 + DAY
BEFORE = TIMETABLE.revised(calendar_days(2027, 2027))


def published(*resting: int, working: tuple[int, ...] = ()) -> list[CalendarDay]:
    """2027 as the State Council might publish it: these days of January rest, those weekend days are worked."""
    days = [day.model_copy(update={"provisional": False, "source": "published"}) for day in calendar_days(2027, 2027)]
    for n in (*resting, *working):
        days[n - 1] = days[n - 1].model_copy(update={"is_workday": n in working})
    return days


def part(deadline: str = "7个工作日", t0: datetime = T0):
    clocks = BEFORE.clocks(BEFORE.deadline(deadline, t0, Weight.ORDINARY), t0)
    said = registered(draft(t0=t0, deadline_text=deadline, clocks=clocks), "p", "14.00.00", t0)
    return after(None, issued_to(said, LEAD))


def test_a_longer_holiday_moves_the_date_on():
    (moved,) = settled(part(), BEFORE.revised(published(4, 5)), LATER)
    assert (moved.previous, moved.due) == (closing(date(2027, 1, 7)), closing(date(2027, 1, 11)))
    assert (moved.original, moved.provisional, moved.cause) == (closing(date(2027, 1, 7)), False, "calendar")


def test_a_make_up_day_never_brings_it_forward_but_settles_it():
    (kept,) = settled(part(), BEFORE.revised(published(working=(2, 3))), LATER)
    assert kept.due == kept.previous == closing(date(2027, 1, 7))
    assert not kept.provisional


def test_a_span_of_its_own_is_read_again_from_its_words():
    (moved,) = settled(part("15个工作日"), BEFORE.revised(published(4, 5)), LATER)
    assert moved.due == moved.previous + 2 * DAY


def test_every_running_clock_of_a_part_moves_in_turn():
    known = part(t0=T0 + 3 * DAY)
    said = settled(known, BEFORE.revised(published(4, 5)), LATER)
    assert [event.clock for event in said] == ["deploy_1d", "feedback_3d", "resolve_7d"]
    assert [event.version for event in said] == [2, 3, 4]
    assert all(event.due == event.original + (event.due - event.previous) for event in said)


@pytest.mark.parametrize("deadline", ["2027-01-20", "2027年1月", "持续推进", "3个工作日"])
def test_what_was_not_provisional_stays(deadline):
    assert settled(part(deadline), BEFORE.revised(published(20, 21, 22)), LATER) == ()


def test_a_clock_that_has_ended_stays():
    assert settled(part(), BEFORE.revised(published(4, 5)), closing(date(2027, 1, 7))) == ()


@given(st.sets(st.integers(1, 60)), st.sets(st.integers(1, 60)))
def test_no_calendar_makes_any_date_earlier(resting, working):
    known = part("20个工作日")
    for event in settled(known, BEFORE.revised(published(*resting - working, working=tuple(working))), LATER):
        before = known
        known = after(known, event)
        assert all(new.due >= old.due for old, new in zip(before.clocks, known.clocks, strict=True))
        assert known.original_due == before.original_due
    assert not any(each.provisional for each in known.clocks)


async def revised(service: Service) -> int:
    async with room.pool.acquire() as db, db.transaction():
        events = await ticks.revise(db, T0 + DAY, service)
        await outbox.emit(db, service.handlers, events)
    return len(events)


@pytest.fixture
def release(monkeypatch) -> Callable[[str, list[CalendarDay]], None]:
    """Run as a release that knows 2027 so."""

    def install(edition: str, days: list[CalendarDay]) -> None:
        monkeypatch.setattr(clock, "EDITION", edition)
        monkeypatch.setattr(clock, "calendar_days", lambda a, b: days if a == 2027 else calendar_days(a, b))

    return install


async def test_a_release_that_knows_the_year_says_it_once_and_moves_running_clocks(service, release):
    await service.pool.execute("insert into mark (name) values ('demo')")
    body = wish().model_dump_json().encode()
    answer, _ = await commands.answered(service, service.handlers.desks[type(wish())], body, T0.isoformat())
    assert answer.ok
    assert await revised(service) == 0

    release("2027 published", published(4, 5))
    assert await revised(service) == 3
    (year,) = [event for event in await said(service, "calendar.revised") if event["version"] == 2]
    assert CalendarRevised.model_validate(year).days == tuple(published(4, 5))
    moved = await said(service, "assignment.due_changed")
    assert {event["due"] for event in moved} == {"2027-01-11T10:00:00Z"}
    row = await service.pool.fetchrow("select * from assignment where unit = $1", LINFEN)
    assert '"due": "2027-01-11T10:00:00Z"' in row["clocks"]
    assert row["original_due"] == closing(date(2027, 1, 7))
    assert await revised(service) == 0

    release("an older release", calendar_days(2027, 2027))
    assert await revised(service) == 0
    assert await service.pool.fetchval("select count(*) from calendar_day where provisional") == 366
