"""Emptied and rebuilt from the events of others and its own, the service has the state it had (architecture §2)."""

from datetime import timedelta

from contracts.commands.notice import ReceiveNotice, VoidNotice
from contracts.events.delivery import DeliverySent
from contracts.terms import Light, NoticeKind
from services.chassis.rebuild import rebuild
from tests.conftest import House
from tests.notices.documents.sample import fandol
from tests.notices.ladder.walk import at
from tests.notices.office import CLERK, SUPERVISOR, Office, opened

FACTS = ("unit", "calendar", "assignment", "light", "activity")
OWN = ("policy", "notice", "rung", "series", "delivery")
NINE, LATER = at("2026-11-23 09:00"), timedelta(hours=3)


async def state(office: Office, tables: tuple[str, ...]) -> dict[str, str]:
    """Every row of these tables, in one order."""
    return {t: await office.value(f"select array(select t::text from {t} t order by 1)::text") for t in tables}


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
    await office.ask(ReceiveNotice(actor=CLERK, delivery_id=delivery.delivery.delivery_id))
    void = VoidNotice(actor=SUPERVISOR, notice_id=answer.detail["notice_id"], reason="内容有误")
    await office.ask(void)


async def test_state_before_and_after_is_the_same_and_nothing_is_raised_twice(house: House):
    fandol()
    office = await opened(house, on_bus=True)
    await busy(office)
    before = await state(office, FACTS + OWN)
    emitted = await office.value("select count(*) from outbox")
    await rebuild(office.service, ())
    assert await state(office, FACTS + OWN) == before
    assert all(rows != "{}" for rows in before.values())
    assert await office.tick(at("2026-11-25 09:00")) == []
    assert await office.render() == 0
    assert await office.value("select count(*) from outbox") == emitted


async def test_events_handled_one_by_one_or_together_leave_the_same(house: House):
    office = await opened(house)
    events = [*office.issue(1), *office.report(NINE), office.turn(Light.STALLED, NINE)]
    events += office.close(NINE + timedelta(hours=1))
    events += [office.turn(Light.NORMAL, NINE + timedelta(hours=2)), office.turn(Light.STALLED, NINE + LATER)]
    states = []
    for batches in ([[event] for event in events], [events]):
        await office.service.pool.execute("truncate assignment, activity, light, inbox")
        for batch in batches:
            await office.handle(batch)
        states.append(await state(office, ("assignment", "activity", "light")))
    assert states[0] == states[1]
    assert await office.value("select since from light") == NINE + LATER
    assert await office.value("select assignment ->> 'state' from assignment") == "closed"
    assert await office.value("select count(*) from activity") > 1
