"""What somebody does to a task just imported overtakes the rest of the import, not what concerns the same task."""

from contracts.commands.assignment import Acknowledge
from contracts.envelope import ActorRole
from services.chassis.backlog import backlog_of
from services.chassis.db import connected
from services.chassis.lanes import Lane
from services.chassis.service import Service
from tests.tasks.commands import granted, person_of
from tests.tasks.ledger.test_import import load

LAST = """
select assignment_id, unit, task_id from assignment
where document ->> 'state' = 'issued' order by assignment_id desc limit 1
"""


async def test_an_acknowledgement_overtakes_the_import_but_not_the_registration_of_its_task(service: Service):
    await service.pool.execute("delete from pending")  # the register went out long ago
    await granted(service, await load(service))
    assert await service.pool.fetchval("select array_agg(distinct lane) from pending") == [Lane.BULK]
    imported = await service.pool.fetchval("select count(*) from pending")
    row = await service.pool.fetchrow(LAST)
    clerk = person_of(row["unit"], ActorRole.UNIT_CLERK)
    await granted(service, Acknowledge(actor=clerk, assignment_id=row["assignment_id"], responsible_person="张三"))
    async with connected(service) as db:
        rows = await (await backlog_of(db)).take(batch=500, allowance=0)
    assert {row["seq"] for row in rows} == {
        each["seq"]
        for each in await service.pool.fetch("select seq from outbox where order_key = $1", f"task/{row['task_id']}")
    }
    types = [row["type"] for row in rows]
    assert types[0] == "task.registered" and "assignment.acknowledged" in types[-2:] and len(types) < imported
