"""From a command to what was handled and emitted: once, in order, on real PostgreSQL and NATS."""

import asyncio
from uuid import uuid4

from contracts.envelope import Done
from contracts.refusals import Refused
from services.chassis import audit, commands, outbox
from services.chassis.inbox import Inbox
from services.chassis.leading import campaign
from services.chassis.rebuild import rebuild
from tests.chassis import toy
from tests.chassis.conftest import CLERK, add, exists, handled, has_handled, parked, until, working


async def test_a_command_is_answered_and_handled_once_and_in_order(writer, reader):
    async with working(writer, reader):
        for thing in "abc" * 20:
            assert isinstance(await add(writer, thing), Done)
        await until(lambda: has_handled(reader, 60))
        await until(lambda: exists(reader, "select 1 where not exists (select from pending)"))
    for thing in "abc":
        assert [v for t, v in await handled(reader) if t == thing] == list(range(1, 21))


async def test_the_same_command_is_granted_once_and_answered_twice(writer):
    id = uuid4()
    first, second = await add(writer, id=id), await add(writer, id=id)
    assert first == second
    assert await writer.pool.fetchval("select total from thing") == 1


async def test_another_request_under_a_used_id_is_refused(writer):
    id = uuid4()
    await add(writer, id=id)
    answer = await add(writer, by=2, id=id)
    assert isinstance(answer, Refused) and answer.code == "id_reused"


async def test_a_refusal_names_the_field_and_changes_nothing(writer):
    answer = await add(writer, by=0)
    assert isinstance(answer, Refused) and answer.pointer == "/by"
    assert await writer.pool.fetchval("select count(*) from outbox") == 0
    assert await writer.pool.fetchval("select count(*) from audit") == 0


async def test_a_failing_handler_answers_and_leaves_nothing_behind(writer):
    answer = await add(writer, by=13)
    assert isinstance(answer, Refused) and answer.code == "failed"
    assert await writer.pool.fetchval("select count(*) from command") == 0


async def test_commands_that_arrive_together_share_one_transaction_and_add_up(writer):
    answers = await asyncio.gather(*(add(writer) for _ in range(20)))
    assert sorted(answer.version for answer in answers) == list(range(1, 21))
    assert await writer.pool.fetchval("select count(distinct at) from command") < 20
    assert await writer.pool.fetchval("select count(distinct (at, trace)) from outbox") < 20


async def test_one_that_fails_takes_no_other_with_it(writer):
    answers = await asyncio.gather(*(add(writer, by=13 if n == 3 else 1) for n in range(8)))
    assert [isinstance(answer, Done) for answer in answers] == [n != 3 for n in range(8)]
    assert await writer.pool.fetchval("select total from thing") == 7


async def test_the_same_command_twice_at_one_moment_is_granted_once(writer):
    id = uuid4()
    answers = await asyncio.gather(*(add(writer, id=id) for _ in range(5)))
    assert {answer.model_dump_json() for answer in answers} == {answers[0].model_dump_json()}
    assert await writer.pool.fetchval("select total from thing") == 1


async def test_who_does_not_wait_for_the_answer_leaves_the_others_theirs(writer):
    impatient, *patient = [asyncio.ensure_future(add(writer)) for _ in range(4)]
    await asyncio.sleep(0)
    impatient.cancel()
    assert all(isinstance(answer, Done) for answer in await asyncio.gather(*patient))
    assert isinstance(await add(writer), Done)


async def test_an_unreadable_command_is_answered_with_its_field(writer):
    answer, _ = await commands.answer(writer, toy.Add, b'{"thing": 1}')
    assert isinstance(answer, Refused) and answer.code == "invalid"
    assert {error["pointer"] for error in answer.detail["errors"]} == {"/actor", "/thing"}


async def test_a_claimed_time_is_refused_unless_the_database_is_a_demo(writer):
    body = toy.Add(actor=CLERK, thing="a").model_dump_json().encode()
    answer, _ = await commands.answer(writer, toy.Add, body, "2026-01-01T00:00:00+00:00")
    assert isinstance(answer, Refused) and answer.code == "claimed_time_refused"
    await writer.pool.execute("insert into mark (name) values ('demo')")
    answer, _ = await commands.answer(writer, toy.Add, body, "2026-01-01T00:00:00+00:00")
    assert isinstance(answer, Done)
    assert (await writer.pool.fetchval("select time from outbox")).year == 2026


async def test_a_poisoned_aggregate_waits_and_the_others_go_on(writer, reader):
    async with working(writer, reader):
        for thing in ["a", "poison", "poison", "poison", "b"]:
            await add(writer, thing)
        await until(lambda: has_handled(reader, 3))
        await until(lambda: parked(reader, 2))
        await add(writer, "b")
        await until(lambda: has_handled(reader, 4))
    assert sorted(await handled(reader)) == [("a", 1), ("b", 1), ("b", 2), ("poison", 1)]


async def test_a_dead_letter_comes_back_in_order_once_it_can_be_handled(writer, reader, monkeypatch):
    async with working(writer, reader):
        for _ in range(3):
            await add(writer, "poison")
        await until(lambda: parked(reader, 2))
        handler = next(iter(reader.handlers.events.values()))
        monkeypatch.setattr(type(handler), "call", property(lambda _: healed), raising=False)
        await reader.pool.execute("update dead_letter set retry = true")
        await until(lambda: has_handled(reader, 3))
    assert await handled(reader) == [("poison", 1), ("poison", 2), ("poison", 3)]
    assert await parked(reader, 0)


async def healed(event, db):
    await db.execute("insert into handled (thing, version) values ($1, $2)", event.thing, event.version)


async def test_an_event_delivered_twice_acts_once(writer, reader):
    async with working(writer, reader):
        await add(writer)
        await until(lambda: has_handled(reader, 1))
        row = await writer.pool.fetchrow("select subject, body from outbox where type = 'thing.added'")
        await writer.nc.jetstream().publish(row["subject"], row["body"], headers={"ce-subject": "thing/a"})
        await add(writer)
        await until(lambda: has_handled(reader, 2))
    assert await handled(reader) == [("a", 1), ("a", 2)]


async def test_what_is_emptied_is_rebuilt_the_same(writer, reader):
    async with working(writer, reader):
        for thing in "abcab":
            await add(writer, thing)
        await until(lambda: has_handled(reader, 5))
    state = "select array(select t from {} t order by 1)::text"
    before = [await reader.pool.fetchval(state.format(table)) for table in ("handled", "echo", "inbox")]
    things = await writer.pool.fetchval(state.format("thing"))
    logged = await reader.pool.fetchval("select count(*) from outbox")
    await rebuild(reader, ())
    await rebuild(writer, ())
    assert [await reader.pool.fetchval(state.format(table)) for table in ("handled", "echo", "inbox")] == before
    assert await writer.pool.fetchval(state.format("thing")) == things
    assert await reader.pool.fetchval("select count(*) from outbox") == logged


async def test_the_audit_chain_shows_a_changed_a_deleted_and_a_swapped_row(writer):
    async with working(writer):
        for _ in range(6):
            await add(writer)
        await until(lambda: exists(writer, "select 1 where not exists (select from audit where hash is null)"))
        await until(lambda: exists(writer, "select 1 from outbox where type = 'audit.anchored'"))
    async with writer.pool.acquire() as db:
        assert await audit.verify(db) == []
        for tampering in (
            "update audit set entry = replace(entry, 'clerk', 'nobody') where seq = 3",
            "delete from audit where seq = 6",
            "delete from audit where seq = 2",
            "delete from audit; delete from audit_head",
        ):
            transaction = db.transaction()
            await transaction.start()
            await db.execute(tampering)
            assert await audit.verify(db) != []
            await transaction.rollback()


async def test_only_one_replica_reads_and_the_next_takes_over(writer, reader):
    first, second = Inbox(reader), Inbox(reader)

    one = asyncio.ensure_future(campaign(reader, {"inbox": first.lead}))
    await asyncio.sleep(0.3)
    two = asyncio.ensure_future(campaign(reader, {"inbox": second.lead}))
    async with working(writer):
        await add(writer)
        await until(lambda: has_handled(reader, 1))
        one.cancel()
        await add(writer)
        await until(lambda: has_handled(reader, 2))
    two.cancel()
    await asyncio.gather(one, two, return_exceptions=True)
    assert await handled(reader) == [("a", 1), ("a", 2)]


async def test_a_job_told_to_stop_at_the_moment_it_is_woken_stops():
    awake = asyncio.Event()

    async def endless() -> None:
        while True:
            await outbox.sleep(awake, 60)
            awake.clear()

    job = asyncio.ensure_future(endless())
    await asyncio.sleep(0.01)
    awake.set()
    asyncio.get_running_loop().call_soon(job.cancel)
    await asyncio.wait([job], timeout=2)
    assert job.cancelled()
