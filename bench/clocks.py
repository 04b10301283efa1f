"""The tick of alerts: an idle one against `select 1`, 10,000 clocks at once against row by row, relighting everything
against rewriting every row.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from uuid import UUID, uuid4

from asyncpg import Connection

from bench._lab import ROUNDS, Contest, run, service
from contracts.events.assignment import AssignmentEvent
from contracts.events.register import CalendarRevised
from contracts.events.task import TaskEvent
from contracts.workdays import Calendar, Weight
from services.alerts import handlers, store, ticks
from services.chassis import db, outbox
from services.chassis.service import Service
from services.tasks.register.calendar_seed import calendar_days
from tests.story import Story

DUE, SINGLE, TICKS, ALL = 10_000, 500, 2_000, 76_788
CALENDAR = Calendar.of(calendar_days(2026, 2026))
T0 = datetime(2026, 9, 18, 2, tzinfo=UTC)
RUNS_OUT = datetime(2026, 9, 20, 10, 0, 0, 1, tzinfo=UTC)
UNIT, NODE = "14.10.02.000.gov", "14.00.00"
ONE, SMALL, LARGE = "select 1", "idle tick, 100,000 assignments", "idle tick, 1,000,000 assignments"
ROWS, BATCH = "row by row: one assignment a transaction", "1,000 assignments a transaction"
REWRITE, RELIGHT = "rewrite 76,788 assignments, tasks, lights", "relight 76,788, nothing changed"
EVERY_ROW = (
    "update task set audience = audience; update assignment set audience = audience; update light set light = light"
)


async def contest(lab: Contest) -> None:
    """Both in one run; each round of the second has its own assignments, made before the watch starts."""
    async with service(lab.servers, "alerts", handlers, ticks) as here, db.connected(here) as connection:
        await first(connection, here)
        for size, name in ((100_000, SMALL), (1_000_000, LARGE)):
            await fill(connection, size)
            for _ in range(ROUNDS):
                await lab.round(ONE, lambda: ask(connection))
                await lab.round(name, lambda: idle(connection, here))
        await connection.execute("truncate schedule")
        for _ in range(ROUNDS):
            await issue(connection, here, SINGLE)
            await lab.round(ROWS, lambda: strike(connection, here, 1))
            await issue(connection, here, DUE)
            await lab.round(BATCH, lambda: strike(connection, here, 1_000))
        await issue(connection, here, ALL)
        await strike(connection, here, 1_000)
        for _ in range(ROUNDS):
            await connection.execute("vacuum task, assignment, light, schedule")
            await lab.round(REWRITE, lambda: rewrite(connection))
            await connection.execute("vacuum task, assignment, light, schedule")
            await lab.round(RELIGHT, lambda: relit(connection, here))
    per_tick = lab.cpu_us(SMALL), lab.cpu_us(LARGE)
    lab.report(
        {
            "idle tick / select 1, time": (lab.rate(ONE) / lab.rate(SMALL), "≤ 2"),
            "idle tick, CPU of 1,000,000 / 100,000 assignments": (per_tick[1] / per_tick[0], "≤ 1.5"),
            "10,000 at once, speed of batches / row by row": (lab.rate(BATCH) / lab.rate(ROWS), "≥ 40"),
            "10,000 at once, CPU of row by row / batches": (lab.cpu_us(ROWS) / lab.cpu_us(BATCH), "–"),
            "time to relight / to rewrite every row": (lab.rate(REWRITE) / lab.rate(RELIGHT), "≤ 0.25"),
        }
    )


async def first(connection: Connection, here: Service) -> None:
    """The policy and the calendar, as at first start."""
    year = {"time": T0, "aggregate": "calendar/2026", "version": 1, "owner": NODE, "address": f"{NODE}.000.all"}
    async with connection.transaction():
        await outbox.emit(connection, here.handlers, await ticks.pass_time(connection, T0, here))
        await handlers.on_calendar_revised(CalendarRevised(**year, year=2026, days=CALENDAR.days), connection)


async def fill(connection: Connection, size: int) -> None:
    """So many assignments are scheduled, none is due."""
    await connection.execute(
        """
        insert into schedule (assignment_id, task_id, next_at)
        select gen_random_uuid(), gen_random_uuid(), now() + random() * interval '300 days' + interval '1 day'
        from generate_series((select count(*) from schedule) + 1, $1)
        """,
        size,
    )
    await connection.execute("vacuum analyze schedule")


async def ask(connection: Connection) -> int:
    """The least one can ask."""
    for _ in range(TICKS):
        await connection.fetchval("select 1")
    return TICKS


async def idle(connection: Connection, here: Service) -> int:
    """Nothing is due."""
    now = await connection.fetchval("select now()")
    for _ in range(TICKS):
        assert not await ticks.pass_time(connection, now, here)
    return TICKS


async def issue(connection: Connection, here: Service, count: int) -> None:
    """Assignments of one task each, lit and with their badges, whose deploy clocks are the next to run out."""
    await connection.execute("truncate task, assignment, light, alarm, schedule")
    for some in range(0, count, 1_000):
        tasks = [(uuid4(), uuid4()) for _ in range(min(1_000, count - some))]
        async with connection.transaction():
            events = [event for ids in tasks for event in events_of(*ids)]
            emitted = await handlers.on_task_or_assignment(events, connection, here)
            await outbox.emit(connection, here.handlers, emitted)
    while await strike(connection, here, 1_000, RUNS_OUT - timedelta(hours=1)):
        pass
    await connection.execute("truncate outbox, pending")
    await connection.execute("vacuum analyze task, assignment, light, alarm, schedule")


async def strike(connection: Connection, here: Service, at_once: int, until: datetime = RUNS_OUT) -> int:
    """Let time pass as the service does, so many assignments a transaction; how many were judged."""
    store.AT_ONCE, total = at_once, 0
    waiting = "select count(*) from schedule where next_at <= $1"
    count = await connection.fetchval(waiting, until)
    while total < count:
        async with connection.transaction():
            await outbox.emit(connection, here.handlers, await ticks.turn_lights(connection, until))
        total += at_once
    assert not await connection.fetchval(waiting, until)
    return count


async def rewrite(connection: Connection) -> int:
    """Every row anew, in one transaction."""
    async with connection.transaction():
        await connection.execute(EVERY_ROW)
    return ALL


async def relit(connection: Connection, here: Service) -> int:
    """As after a revised calendar: every assignment is judged again, and nothing is emitted."""
    async with connection.transaction():
        await store.judge_again(connection, RUNS_OUT)
    return await strike(connection, here, 1_000)


@lru_cache
def template() -> tuple[TaskEvent, AssignmentEvent]:
    """A task and its lead's assignment as tasks emits them."""
    task, assignment = Story(T0).register("污水处理厂提标改造", UNIT, deadline="", weight=Weight.MAJOR).story.events
    assert isinstance(task, TaskEvent) and isinstance(assignment, AssignmentEvent)
    return task, assignment


def events_of(task_id: UUID, assignment_id: UUID) -> tuple[TaskEvent, AssignmentEvent]:
    """The same, under other ids."""
    task, issued = template()
    state = task.task.model_copy(update={"task_id": task_id})
    part = issued.assignment.model_copy(update={"task_id": task_id, "assignment_id": assignment_id})
    return (
        task.model_copy(update={"id": uuid4(), "aggregate": f"task/{task_id}", "task": state}),
        issued.model_copy(update={"id": uuid4(), "aggregate": f"assignment/{assignment_id}", "assignment": part}),
    )


if __name__ == "__main__":
    run("clocks", contest)
