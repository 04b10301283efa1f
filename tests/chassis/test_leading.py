"""Who leads: one replica, on one connection; what waits, and what does not end it."""

import asyncio

import asyncpg
import pytest

from contracts.envelope import Done
from contracts.refusals import Kind, Refused
from services.chassis import app, db, leading
from services.chassis.health import Progress, health, measured
from services.chassis.service import Lag
from services.chassis.trouble import LOST_IN_POOL
from tests.chassis.conftest import add, handled, has_handled, parked, until, working

CONNECTIONS = (
    "select count(*) from pg_stat_activity where application_name = $1 and query not like '%pg_stat_activity%'"
)
LOCKS = """
select count(*) from pg_locks join pg_database d on d.oid = database and datname = current_database()
where locktype = 'advisory'
"""
WAITING_ENDED = """
select count(pg_terminate_backend(pid)) > 0 from pg_stat_activity
where application_name = $1 and datname = current_database() and query like '%unnest($1::text[]) job%'
    and pid <> pg_backend_pid()
"""
FULL = """
create function full_disk() returns trigger language plpgsql as $$ begin
    raise exception 'could not extend file: No space left on device' using errcode = '53100';
end $$;
create trigger full_disk before insert or update on inbox for each row execute function full_disk()
"""


async def for_ever(_: object) -> None:
    await asyncio.Event().wait()


async def test_a_follower_waits_for_all_its_locks_on_one_connection(writer):
    jobs = dict.fromkeys(("one", "two", "three"), for_ever)
    leader = asyncio.ensure_future(leading.campaign(writer, jobs))
    await until(lambda: locked(writer, 3))
    before = await connections(writer)
    follower = asyncio.ensure_future(leading.campaign(writer, jobs))
    await asyncio.sleep(3 * writer.settings.standby)
    assert await connections(writer) - before == 1 and await locked(writer, 3)
    leader.cancel()
    await asyncio.wait([leader])
    await until(lambda: locked(writer, 3))
    follower.cancel()
    await asyncio.wait([follower])


async def connections(service) -> int:
    return await service.pool.fetchval(CONNECTIONS, f"duban {service.name}")


async def locked(service, count: int) -> bool:
    return await service.pool.fetchval(LOCKS) == count


async def test_asking_for_several_locks_takes_one(writer):
    async with db.connected(writer) as held:
        assert await held.fetchval(leading.ACQUIRE, ["one", "two", "three"], writer.name) == "one"
        assert await locked(writer, 1)


async def test_who_does_not_hear_the_bus_wins_no_lock(writer, monkeypatch):
    monkeypatch.setattr(type(writer.nc), "is_connected", False)
    deaf = asyncio.ensure_future(leading.campaign(writer, {"one": for_ever}))
    await asyncio.sleep(3 * writer.settings.standby)
    assert await locked(writer, 0)
    monkeypatch.undo()
    await until(lambda: locked(writer, 1))
    deaf.cancel()
    await asyncio.wait([deaf])


async def test_who_waits_for_a_lock_outlives_its_connection(writer):
    async with db.connected(writer) as held:
        assert await db.held(held, f"{writer.name}.one")
        waiting = asyncio.ensure_future(leading.campaign(writer, {"one": for_ever}))
        await until(lambda: ended(writer, held))
        await asyncio.wait([waiting], timeout=3 * writer.settings.standby)
        assert not waiting.done()
    await until(lambda: locked(writer, 1))
    waiting.cancel()
    await asyncio.wait([waiting])


async def ended(service, held) -> bool:
    """The database has ended the connection that waits for a lock, and no other."""
    return await held.fetchval(WAITING_ENDED, f"duban {service.name}")


async def test_a_bug_in_one_job_ends_all(writer):
    async def buggy(_: object) -> None:
        raise OSError("not a lost connection")

    with pytest.raises(OSError, match="not a lost connection"):
        await leading.campaign(writer, {"buggy": buggy, "other": for_ever})
    await until(lambda: locked(writer, 0))


async def test_a_full_disk_is_told_in_words_and_nothing_is_parked_or_lost(writer, reader):
    async with working(writer, reader):
        await reader.pool.execute(FULL)
        await add(writer)
        await until(lambda: tells(reader, "磁盘已满"))
        assert await parked(reader, 0)
        await reader.pool.execute("drop trigger full_disk on inbox")
        await until(lambda: has_handled(reader, 1))
    assert await handled(reader) == [("a", 1)]


async def test_a_command_that_finds_the_disk_full_is_unavailable_and_says_so(writer):
    await writer.pool.execute(FULL.replace("on inbox", "on outbox").replace("insert or update", "insert"))
    answer = await add(writer)
    assert isinstance(answer, Refused) and answer.kind is Kind.UNAVAILABLE and "存储空间已满" in answer.message


async def tells(service, words: str) -> bool:
    ok, state = await health(service, Progress())
    return not ok and any(words in each for each in state.get("trouble", ()))


async def test_the_reader_of_a_terminated_connection_goes_on(writer, reader):
    async with working(writer, reader):
        await add(writer)
        await until(lambda: has_handled(reader, 1))
        async with db.connected(reader) as other:
            await other.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'duban %' "
                "and datname = current_database() and pid <> pg_backend_pid()"
            )
        await until(lambda: done(writer))
        await until(lambda: has_read(reader, 2))
    assert await handled(reader) == [("a", 1), ("a", 2)]


async def has_read(service, count: int) -> bool:
    try:
        return await has_handled(service, count)
    except LOST_IN_POOL:
        return False


async def done(service) -> bool:
    """A command through connections of the pool that may be gone: refused until one is there, then done."""
    return isinstance(await add(service), Done)


async def test_health_says_how_long_a_reader_has_not_moved(reader, monkeypatch):
    async def lag() -> Lag:
        return Lag(7, taken=3)

    monkeypatch.setattr(reader.reader, "lag", lag)
    progress = Progress()
    await measured(reader, progress)
    progress.since -= reader.settings.lag_limit
    ok, state = await health(reader, progress)
    assert not ok and "7 个事件等待处理" in state["trouble"][0]


def test_a_reader_that_moves_is_not_stuck_however_much_waits():
    progress = Progress()
    progress.since -= 100
    assert progress.stalled(Lag(5_000, taken=1)) < 1
    progress.since -= 100
    assert progress.stalled(Lag(4_000, taken=2)) < 1 and progress.stalled(Lag(0, taken=2)) < 1
    progress.since -= 100
    assert progress.stalled(Lag(1, taken=2)) > 99


async def test_a_job_that_swallows_its_cancellation_once_is_ended_all_the_same(writer):
    async def deaf(_: object) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.Event().wait()

    leader = asyncio.ensure_future(leading.campaign(writer, {"deaf": deaf}))
    await until(lambda: locked(writer, 1))
    leader.cancel()
    async with asyncio.timeout(10):
        await asyncio.wait([leader])
    assert leader.cancelled()
    await until(lambda: locked(writer, 0))


async def test_a_service_that_starts_before_its_database_waits_for_it(writer):
    tries = []

    async def opening() -> None:
        tries.append(1)
        if len(tries) < 3:
            raise asyncpg.CannotConnectNowError("the database system is starting up")

    await app.patiently(writer, opening)
    assert len(tries) == 3
