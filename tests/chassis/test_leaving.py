"""A replica that ends, or asks for nothing more, answers what it was asked; the others are asked from then on."""

import asyncio
from collections import Counter

import nats
import pytest
from nats.errors import NoRespondersError

from contracts.envelope import Done
from services.chassis import app, bus, rpc_server
from services.chassis.service import Service
from tests.chassis import toy
from tests.chassis.conftest import CLERK, until
from tests.conftest import House

QUESTION = toy.Total(thing="a")
CHANGES = 40


async def asked_things(house: House) -> Service:
    service = await house.service("toy", toy)
    rpc_server.subscribe(service)
    await service.broker.start()
    await bus.flush(service.nc)
    return service


async def test_everybody_is_answered_while_replicas_come_and_go(house: House):
    one, other, asker = [await asked_things(house) for _ in range(2)] + [await house.service("toy", toy)]
    answers, going = Counter[str](), True

    async def ask() -> None:
        while going:
            answer = await asker.nc.request(QUESTION.subject(), QUESTION.model_dump_json().encode(), timeout=10)
            answers[toy.TotalIs.model_validate_json(answer.data).model_dump_json()] += 1

    asking = [asyncio.ensure_future(ask()) for _ in range(30)]
    for change in range(CHANGES):
        leaver = (one, other)[change % 2]
        await rpc_server.leave(leaver, leaver.broker.subscribers)
        for subscriber in leaver.broker.subscribers:
            await subscriber.start()
        await bus.flush(leaver.nc)
    going = False
    await asyncio.gather(*asking)
    assert set(answers) == {'{"total":0}'} and answers.total() > CHANGES


async def test_a_service_that_ends_answers_what_it_has_begun(house: House):
    service, asker = await asked_things(house), await house.service("toy", toy)
    add = toy.Add(actor=CLERK, thing="a")

    async def ask() -> Done:
        answer = await asker.nc.request(add.subject(), add.model_dump_json().encode(), timeout=10)
        return Done.model_validate_json(answer.data)

    assert (await ask()).version == 1
    async with asker.pool.acquire() as held, held.transaction():
        await held.execute("select from thing where name = 'a' for update")
        add = toy.Add(actor=CLERK, thing="a")
        asking = asyncio.ensure_future(ask())
        await until(lambda: waits_for_a_lock(asker))
        leaving = asyncio.ensure_future(app.left(service))
        await until(lambda: nobody_answers(asker))
        assert not leaving.done() and not asking.done()
    await leaving
    assert (await asking).version == 2


async def waits_for_a_lock(service: Service) -> bool:
    return await service.pool.fetchval("select exists (select from pg_locks where not granted)")


async def nobody_answers(service: Service) -> bool:
    try:
        await service.nc.request(QUESTION.subject(), QUESTION.model_dump_json().encode(), timeout=1)
    except NoRespondersError:
        return True
    return False


async def test_one_that_takes_too_long_does_not_hold_up_the_end(house: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(app, "LEAVES", 0.2)
    service, asker = await asked_things(house), await house.service("toy", toy)
    async with asker.pool.acquire() as held, held.transaction():
        await held.execute("lock table thing")
        asking = asyncio.ensure_future(nobody_answers(asker))
        await until(lambda: waits_for_a_lock(asker))
        async with asyncio.timeout(5):
            await app.left(service)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)


async def test_what_was_sent_before_is_carried_out_once_the_bus_is_flushed():
    """Against a server that takes its time after a PING: what was written behind it is not there at the PONG."""
    carried_out: list[bytes] = []

    async def serve(reading: asyncio.StreamReader, writing: asyncio.StreamWriter) -> None:
        writing.write(b'INFO {"server_id": "slow", "version": "2.15.0", "max_payload": 65536, "headers": true}\r\n')
        while line := await reading.readline():
            carried_out.append(line.split()[0] if line.split() else b"")
            if line.startswith(b"PING"):
                writing.write(b"PONG\r\n")
                await asyncio.sleep(0.05)

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        nc = await nats.connect(f"nats://127.0.0.1:{server.sockets[0].getsockname()[1]}", allow_reconnect=False)
        subscription = await nc.subscribe("things")
        await bus.flush(nc)
        assert b"SUB" in carried_out
        await nc._send_unsubscribe(subscription._id)
        await nc.publish("things", b"")
        await bus.flush(nc)
        assert {b"UNSUB", b"PUB"} <= set(carried_out)
        await nc.close()
