"""Emptied and rebuilt from what was heard and said, the service knows what it knew (architecture §2, Replay)."""

from datetime import timedelta

import asyncpg

from contracts.commands.notice import ReceiveNotice, VoidNotice
from contracts.events.delivery import DeliverySent
from contracts.terms import Light, NoticeKind
from services.chassis.rebuild import rebuild
from services.chassis.service import Service
from tests.conftest import House
from tests.notices.documents.sample import fandol
from tests.notices.ladder.walk import at
from tests.notices.office import CLERK, Office, SUPERVISOR, opened

FACTS = ("unit", "calendar", "assignment", "stir")
OWN = ("policy", "notice", "rung", "series", "delivery")
NINE = at("2026-11-23 09:00")


async def state(db: asyncpg.Connection, tables: tuple[str, ...]) -> dict[str, str]:
    """Every row of these tables, in one order."""
    return {t: await db.fetchval(f"select array(select t::text from {t} t order by 1)::text") for t in tables}


async def busy(office: Office) -> None:
    """A little of everything."""
    await office.handle(*(office.issue(n, due=at("2026-11-27 18:00")) for n in range(1, 6)))
    await office.handle(*(office.turn(Light.LAGGING, NINE, n) for n in (1, 2, 3)), office.turn(Light.STALLED, NINE, 4))
    await office.tick(NINE)
    await office.handle(office.close(NINE + timedelta(hours=1), 2))
    await office.tick(NINE + timedelta(hours=1))
    await office.tick(at("2026-11-23 17:30"))
    answer = await office.draft(NoticeKind.SUPERVISION, (1, 5), sign=True, now=at("2026-11-24 09:00"))
    await office.draft(NoticeKind.SUPERVISION, (5,))
    await office.handle(office.report(at("2026-11-24 10:00"), 4))
    await office.render()
    delivery = (await office.emitted(DeliverySent))[0]
    await office.ask(ReceiveNotice(actor=CLERK, delivery_id=delivery.delivery_id))
    void = VoidNotice(actor=SUPERVISOR, notice_id=answer.detail["notice_id"], reason="内容有误")
    await office.ask(void)


async def test_state_before_and_after_is_the_same_and_nothing_is_raised_twice(house: House):
    fandol()
    office = await opened(house, hear_by=heard_on_the_bus)
    await busy(office)
    before = await state(service.pool, FACTS + OWN)
    said = await office.value("select count(*) from outbox")
    await rebuild(office, ())
    assert await state(service.pool, FACTS + OWN) == before
    assert all(rows != "{}" for rows in before.values())
    assert await office.tick(at("2026-11-25 09:00")) == []
    assert await office.render() == 0
    assert await office.value("select count(*) from outbox") == said


async def test_facts_heard_one_by_one_or_together_are_the_same(house: House):
    office = await opened(house)
    lights = [
        office.turn(Light.STALLED, NINE, 1, 1),
        office.turn(Light.STALLED, NINE + timedelta(hours=1), 1, 2),
        office.turn(Light.NORMAL, NINE + timedelta(hours=2), 1, 3),
        office.turn(Light.STALLED, NINE + timedelta(hours=3), 1, 4),
        office.turn(Light.STALLED, NINE + timedelta(hours=4), 1, 5),
    ]
    states = []
    for runs in ([[event] for event in lights], [lights]):
        await service.pool.execute("truncate assignment")
        await office.handle(office.issue(1))
        for run in runs:
            async with room.pool.acquire() as db, db.transaction():
                await service.handlers.ears[type(run[0])].call(run, db)
        states.append(await state(service.pool, ("assignment",)))
    assert states[0] == states[1]
    assert await office.value("select light_since from assignment") == NINE + timedelta(hours=3)
