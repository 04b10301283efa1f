"""The nodes' durable commands on real parts: whose they are, in what order, how often they are answered."""

import json
from uuid import uuid4

import pytest
from nats.aio.msg import Msg

from contracts.envelope import COMMAND_STREAM, ActorRole, Done
from services.chassis import command_queue, command_sweeper
from services.nodes.bus import prepare
from tests.chassis import toy
from tests.chassis.conftest import add, until, working
from tests.chassis.nodes import (
    HERE,
    SIBLING,
    adding,
    answered,
    answers,
    clerk,
    codes,
    leave,
    queue_is_empty,
)

VERBS = {"add", "count"}


async def test_a_node_s_command_is_done_in_its_own_name_and_answered_at_its_unit(writer):
    actor = clerk(HERE, ActorRole.UNIT_CLERK, ActorRole.LEADER).model_copy(update={"unit": f"{HERE}.001.wsy"})
    command = adding(actor=actor)
    await leave(writer, command)
    async with working(writer):
        await until(lambda: queue_is_empty(writer))
    (row,) = await answers(writer)
    assert row["answer"]["ok"] and row["address"] == actor.unit and row["command"] == str(command.id)
    entry = json.loads(await writer.pool.fetchval("select entry from audit"))
    assert entry["command"]["actor"] == {
        "person": f"{HERE}/clerk",
        "unit": actor.unit,
        "roles": ["unit_clerk"],
        "on_behalf_of": None,
        "basis": None,
    }


@pytest.mark.parametrize("unit", [f"{SIBLING}.000.gov", "14.10.00.000.gov", f"{HERE}.000.all", "14.00.00.000.bgt"])
async def test_a_unit_outside_the_node_is_refused_at_the_node_and_nothing_is_stored_in_its_name(writer, unit):
    await leave(writer, adding(actor=clerk().model_copy(update={"unit": unit})))
    async with working(writer):
        await until(lambda: queue_is_empty(writer))
    (row,) = await answers(writer)
    assert (row["answer"]["code"], row["answer"]["kind"]) == ("unit_outside", "forbidden")
    assert row["answer"]["pointer"] == "/actor/unit" and row["address"] == f"{HERE}.000.gov"
    for nothing in ("select count(*) from command", "select count(*) from audit", "select count(*) from thing"):
        assert await writer.pool.fetchval(nothing) == 0


async def test_what_cannot_be_read_is_answered_at_the_node_and_the_next_one_is_taken(writer):
    deep, number = b"[" * 60_000, b'{"id": 1' + b"0" * 5_000 + b"}"
    for body in (deep, number, b"\xff", b"[]", b"null", b'{"actor": {"roles": [{}], "unit": 5, "person": {}}}'):
        await leave(writer, body)
    await leave(writer, adding())
    async with working(writer):
        await until(lambda: queue_is_empty(writer))
    rows = await answers(writer)
    assert codes(rows) == [*["invalid"] * 6, "done"]
    assert {row["address"] for row in rows} == {f"{HERE}.000.gov"} and len({row["command"] for row in rows}) == 7


async def test_a_command_that_names_no_node_is_removed_and_stops_nobody(writer):
    for node in (f"{HERE}.bogus", f"{HERE}.000.gov", f"{HERE}.000", "14", "99.99.99.999.999"):
        await leave(writer, adding(), node)
    await leave(writer, adding())
    async with working(writer):
        await until(lambda: queue_is_empty(writer))
    assert codes(await answers(writer)) == ["done"]


async def test_a_verb_that_no_service_takes_is_answered_and_removed_and_others_are_left_alone(writer):
    strange = adding()
    for _ in range(3):
        await leave(writer, strange.model_dump_json().encode(), verb="subtract")
    await leave(writer, b"?", SIBLING, verb="subtract")
    await leave(writer, b"?", "nowhere", verb="subtract")
    await leave(writer, b"?", "nowhere.>".replace(".>", ""), verb="x")
    await leave(writer, adding())
    async with writer.pool.acquire() as held:
        await command_sweeper.sweep(held, writer, VERBS)
        await command_sweeper.sweep(held, writer, VERBS)
    state = (await writer.nc.jetstream().stream_info(COMMAND_STREAM, subjects_filter=">")).state
    assert state.subjects == {toy.Add.durable(HERE): 1}
    rows = await answers(writer)
    assert [(row["address"], row["answer"]["code"]) for row in rows] == [
        (f"{HERE}.000.gov", "unknown_verb"),
        (f"{SIBLING}.000.gov", "unknown_verb"),
    ]
    assert rows[0]["command"] == str(strange.id)


async def test_an_id_that_a_sibling_used_first_is_still_one_s_own(writer):
    id = uuid4()
    await leave(writer, adding(SIBLING, "theirs", id=id), SIBLING)
    await leave(writer, adding(id=id))
    await leave(writer, adding(SIBLING, "theirs", id=id), SIBLING)
    async with working(writer):
        await until(lambda: queue_is_empty(writer))
    rows = await answers(writer)
    assert codes(rows) == ["done"] * 3 and len({row["aggregate"] for row in rows}) == 2
    assert {(row["address"], row["answer"]["aggregate"]) for row in rows} == {
        (f"{SIBLING}.000.gov", "thing/theirs"),
        (f"{HERE}.000.gov", "thing/a"),
    }
    assert isinstance(await add(writer, "portal", id=id), Done)


async def test_an_id_that_a_node_reuses_for_something_else_is_refused(writer):
    id = uuid4()
    for command in (adding(id=id), adding(id=id, by=2), toy.Count(id=id, actor=clerk(), thing="a")):
        await leave(writer, command)
    async with working(writer):
        await until(lambda: queue_is_empty(writer))
    rows = await answers(writer)
    assert codes(rows) == ["done", "id_reused", "id_reused"]
    assert {(row["answer"]["kind"], row["answer"]["pointer"]) for row in rows[1:]} == {("invalid", "/id")}
    assert await writer.pool.fetchval("select total from thing") == 1


async def test_commands_of_a_node_are_done_and_answered_in_its_order_whatever_their_kinds(writer):
    sent = {HERE: [], SIBLING: []}
    for n in range(60):
        node = (HERE, SIBLING)[n % 3 == 0]
        kind = toy.Count if n % 7 in (0, 1) else toy.Add
        by = {5: 0, 11: 13}.get(n, 1)
        command = kind(actor=clerk(node), thing=node, by=by)
        sent[node].append((str(command.id), kind, by))
        await leave(writer, command, node)
    async with working(writer):
        await until(lambda: queue_is_empty(writer))
    rows = await answers(writer)
    for node, commands in sent.items():
        own = [row for row in rows if row["address"].startswith(node)]
        assert [row["command"] for row in own] == [id for id, _, _ in commands]
        total = 0
        for row, (_, kind, by) in zip(own, commands, strict=True):
            total += kind is toy.Add and by == 1
            assert row["answer"].get("version") == (None if kind is toy.Add and by != 1 else total)


async def test_what_was_answered_but_not_acknowledged_is_not_answered_twice(writer, monkeypatch):
    commands = [adding(by=by) for by in (1, 13, 0, 1)]
    acknowledge, lost = Msg.ack, []

    async def lose(message):
        if len(lost) < 5:
            lost.append(message)
            raise ConnectionResetError("killed between commit and acknowledgement")
        await acknowledge(message)

    for command in commands:
        await leave(writer, command)
    await leave(writer, b"?")
    monkeypatch.setattr(Msg, "ack", lose)
    async with working(writer):
        await until(lambda: queue_is_empty(writer))
    rows = await answers(writer)
    assert len(lost) == 5
    assert codes(rows) == ["done", "failed", "nothing", "done", "invalid"]
    assert [row["command"] for row in rows[:4]] == [str(command.id) for command in commands]
    assert {row["version"] for row in rows} == {1}


async def test_one_that_failed_and_was_not_acknowledged_is_not_done_behind_its_answer(writer, monkeypatch):
    await leave(writer, adding(by=13))
    acknowledge = Msg.ack

    async def lose(message):
        monkeypatch.setattr(Msg, "ack", acknowledge)
        monkeypatch.setattr(toy, "decide", healed)
        raise ConnectionResetError

    decide = toy.decide

    def healed(command, *state):
        return decide(command.model_copy(update={"by": 1}), *state)

    monkeypatch.setattr(Msg, "ack", lose)
    async with working(writer):
        await until(lambda: queue_is_empty(writer))
    assert codes(await answers(writer)) == ["failed"]
    assert await writer.pool.fetchval("select count(*) from thing") == 0


async def test_a_command_sent_again_is_answered_again_also_after_the_queue_was_lost(writer):
    command, refused = adding(), adding(by=0)
    async with working(writer):
        for count in (2, 4):
            for each in (command, refused):
                await leave(writer, each)
            await until(lambda count=count: answered(writer, count))
    await writer.nc.jetstream().delete_stream(COMMAND_STREAM)
    await prepare(writer.settings)
    async with working(writer):
        for each in (command, refused):
            await leave(writer, each)
        await until(lambda: answered(writer, 6))
    rows = await answers(writer, command.id)
    assert [row["version"] for row in rows] == [1, 2, 3]
    assert len({json.dumps(row["answer"], sort_keys=True) for row in rows}) == 1
    assert len({row["id"] for row in rows}) == 3
    assert codes(await answers(writer, refused.id)) == ["nothing"] * 3
    assert await writer.pool.fetchval("select total from thing") == 1


async def test_what_a_node_sends_again_comes_through_and_so_does_what_a_sibling_named_first(writer):
    command = adding()
    body, name = b"?", {"Nats-Msg-Id": str(command.id)}
    await writer.nc.jetstream().publish(toy.Add.durable(SIBLING), body, headers=name)
    for _ in range(2):
        await leave(writer, command)
    async with working(writer):
        await until(lambda: queue_is_empty(writer))
    assert codes(await answers(writer, command.id)) == ["done", "done"]
    assert (await writer.nc.jetstream().stream_info(COMMAND_STREAM)).config.duplicate_window == 0.1


async def test_one_that_failed_may_be_sent_again_and_is_then_done(writer, monkeypatch):
    command = adding(by=13)
    async with working(writer):
        await leave(writer, command)
        await until(lambda: answered(writer, 1))
        decide = toy.decide
        monkeypatch.setattr(toy, "decide", lambda c, *state: decide(c.model_copy(update={"by": 1}), *state))
        await leave(writer, command)
        await until(lambda: answered(writer, 2))
    rows = await answers(writer)
    assert codes(rows) == ["failed", "done"] and [row["version"] for row in rows] == [1, 2]


async def test_a_refusal_too_long_for_an_event_is_shortened(writer):
    await leave(writer, json.dumps(adding().model_dump(mode="json") | {"x" * n: n for n in range(1, 150)}).encode())
    async with working(writer):
        await until(lambda: queue_is_empty(writer))
    (row,) = await answers(writer)
    assert row["answer"]["code"] == "invalid" and len(row["body"]) < command_queue.LONGEST


async def test_a_connection_lost_in_a_command_answers_nobody_and_loses_nothing(writer, monkeypatch):
    total_of = toy.total_of

    async def lose_once(thing, db):
        monkeypatch.setattr(toy, "total_of", total_of)
        return await total_of("lost", db)

    monkeypatch.setattr(toy, "total_of", lose_once)
    commands = [adding(), toy.Count(actor=clerk(), thing="a"), adding()]
    for command in commands:
        await leave(writer, command)
    async with working(writer):
        await until(lambda: queue_is_empty(writer))
    rows = await answers(writer)
    assert codes(rows) == ["done"] * 3 and [row["command"] for row in rows] == [str(c.id) for c in commands]


@pytest.mark.parametrize("head", [{"Status": "409"}, {"Status": "404"}, {"traceparent": "a-b-c-\0"}])
async def test_a_header_that_means_something_to_us_stops_nobody(writer, head: dict[str, str]):
    command = adding()
    subject, body = toy.Add.durable(HERE), command.model_dump_json().encode()
    await writer.nc.jetstream().publish(subject, body, headers=head)
    async with working(writer):
        await until(lambda: queue_is_empty(writer))
    assert codes(await answers(writer, command.id)) == ["done"]
