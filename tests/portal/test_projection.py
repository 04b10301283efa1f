"""The read model: one statement a family, the same after a rebuild."""

from services.chassis.handlers import gather
from services.chassis.inbox import Inbox
from services.chassis.rebuild import rebuild
from services.portal import handlers
from tests.portal.conftest import message, publish

TABLES = (
    "unit", "person", "workday", "task", "task_audience", "assignment", "clock", "notice", "notice_task",
    "notice_audience", "delivery", "ranking",
)  # fmt: skip


async def picture(service) -> dict[str, str]:
    """Each table as one digest."""
    digest = "select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from {} t"
    return {table: await service.pool.fetchval(digest.format(table)) for table in TABLES}


async def test_a_rebuilt_read_model_is_the_same_and_the_people_stay(service, province):
    before, accounts = await picture(service), await service.pool.fetchval("select count(*) from account")
    await publish(service, province.events)
    await rebuild(service, handlers.KEEPS)
    assert await picture(service) == before
    assert await service.pool.fetchval("select count(*) from account") == accounts > 0


async def test_events_one_by_one_and_all_at_once_make_the_same_read_model(service, province):
    before = await picture(service)
    async with service.pool.acquire() as connection, connection.transaction():
        for table in (*TABLES, "inbox", "feed", "feed_audience"):
            await connection.execute(f"truncate {table}")
        for event in province.events:
            await Inbox(service).handle(connection, [message(event)])
    assert await picture(service) == before


async def test_what_stands_in_the_read_model_is_what_its_owner_published(service, province):
    for matter in province.matters.values():
        row = await service.pool.fetchrow("select * from task where task_id = $1", matter.task.task_id)
        assert (row["state"], row["open"], row["due"]) == (
            matter.task.state,
            matter.task.open,
            matter.task.deadline.due,
        )
        for part in matter.assignments:
            clocks = await service.pool.fetch(
                "select kind, due, met_at, missed from clock where assignment_id = $1 order by n", part.assignment_id
            )
            assert [tuple(row) for row in clocks] == [(c.kind, c.due, c.met_at, c.missed) for c in part.clocks]


def test_the_portal_handles_families_and_names_no_member():
    types = {kind.type for kind in gather(handlers).events}
    named = {kind for kind in types if "." in kind}
    assert named == {"calendar.revised", "policy.published"}, "which are families of one"
