"""From events on the bus to an answer over the bus, through the index of one replica."""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

from contracts import events as said
from contracts.queries import Scope
from contracts.queries.search import SearchFor, SearchResult
from contracts.terms import Board, Light, Role
from contracts.workdays import ClockKind, Deadline, Weight
from services.chassis import db, desk, outbox
from services.search import handlers
from services.search.reader import Reader
from tests.chassis.conftest import until

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
ISSUER = "14.00.00.000.bgt"


def task(title: str, unit: str = "14.10.02.000.gov", version: int = 1, id=None) -> said.TaskRegistered:
    id = id or uuid4()
    part = said.Part(assignment_id=uuid4(), unit=unit, name="曲沃县人民政府", role=Role.LEAD)
    deadline = Deadline(kind=ClockKind.CUSTOM, due=NOW, provisional=False, policy_version=1)
    return said.TaskRegistered(
        time=NOW, aggregate=f"task/{id}", version=version, owner="14.00.00", address=ISSUER, audience=(ISSUER, unit),
        task_id=id, number="1", ledger="台账", title=title, board=Board.DAILY, weight=Weight.MAJOR, t0=NOW,
        deadline=deadline, parts=(part,), issuer=ISSUER, issuer_name="省政府办公厅", actor="test",
    )  # fmt: skip


async def publish(service, *events) -> None:
    async with room.pool.acquire() as connection, connection.transaction():
        await outbox.put(connection, events)
    async with db.connected(service) as connection:
        rows = await connection.fetch(outbox.WAITING, 500)
        await outbox.publish(service, rows)
        await connection.execute(outbox.MARK, [row["seq"] for row in rows])


async def ask(service, text: str, scope: Scope | None = None) -> SearchResult:
    body = SearchFor(text=text, scope=scope or Scope(all=True)).model_dump_json().encode()
    return await desk.counter(service, service.handlers.queries[SearchFor])(body)


async def test_what_is_said_on_the_bus_is_found_by_those_who_may(house):
    service = await house.service("search", handlers)
    reader = Reader(service)
    job = asyncio.ensure_future(db.lead(service, reader.job, reader.lead))
    one = task("农民工工资支付情况核查")
    await publish(service, one, task("冬季取暖保供调度", unit="14.01.05.000.gov"))

    async def found() -> bool:
        return (await ask(service, "农民工工资")).total == 1

    await until(found)
    assert (await ask(service, "农民工", Scope(units=("14.10.02.000.gov",)))).total == 1
    assert (await ask(service, "取暖", Scope(units=("14.10.02.000.gov",)))).total == 0
    light = said.LightChanged(
        time=NOW, aggregate=f"light/{one.task_id}", version=1, owner="14.00.00", address=ISSUER, task_id=one.task_id,
        assignment_id=None, title=one.title, unit="14.10.02.000.gov", previous=Light.NONE, light=Light.OVERDUE,
        reasons=(), since=NOW, issuer=ISSUER, policy_version=1,
    )  # fmt: skip
    await publish(service, light)

    async def red() -> bool:
        return (await ask(service, "农民工工资")).hits[0].light == "overdue"

    await until(red)
    job.cancel()
    reader.index.close()


async def test_a_lost_index_is_built_anew_from_the_first_event(house):
    service = await house.service("search", handlers)
    for wiped in (False, True):
        reader = Reader(service)
        job = asyncio.ensure_future(db.lead(service, reader.job, reader.lead))
        if not wiped:
            await publish(service, task("汾河百公里中游示范区治理"))

        async def found() -> bool:
            return (await ask(service, "汾河")).total == 1

        await until(found)
        assert await found()
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)
        reader.index.close()
        handlers.renew(service)


async def test_a_letter_that_cannot_be_read_is_parked_and_the_others_are_found(house):
    service = await house.service("search", handlers)
    reader = Reader(service)
    job = asyncio.ensure_future(db.lead(service, reader.job, reader.lead))
    subject = said.TaskRegistered.filters()[:-1] + ISSUER
    await service.nc.jetstream().publish(subject, b"{}", headers={"ce-subject": "task/x"})
    await publish(service, task("钢铁行业超低排放改造"))

    async def found() -> bool:
        return (await ask(service, "超低排放")).total == 1

    await until(found)
    assert await service.pool.fetchval("select aggregate from dead_letter") == "task/x"
    job.cancel()
    reader.index.close()
