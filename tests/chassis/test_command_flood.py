"""A node that floods the queue: it is refused at its sender, and its siblings wait for a turn, not for the flood.

How long somebody waits is counted in transactions, never in seconds.
"""

import asyncio
from collections import Counter, defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nats.js.errors import APIError

from contracts.envelope import COMMAND_STREAM, QUEUED
from contracts.region import Node
from services.chassis.bus import Message
from services.chassis.command_batcher import LARGEST
from services.chassis.fair_queue import FairQueue
from services.chassis.queued_command import QueuedCommand
from tests.chassis import toy
from tests.chassis.conftest import until, working
from tests.chassis.nodes import HERE, SIBLING, adding, answers, codes, flood, leave, queue_is_empty

FLOOD = 3_000
FULL = "maximum messages per subject exceeded"


async def test_a_flood_is_refused_at_its_sender_and_what_was_taken_is_done_in_order(writer):
    commands = [adding() for _ in range(FLOOD)]
    acknowledged = await flood(writer, commands)
    refused = Counter(each["error"]["description"] for each in acknowledged if "error" in each)
    assert refused == {FULL: FLOOD - QUEUED}
    with pytest.raises(APIError, match=FULL):
        await leave(writer, adding())
    await leave(writer, adding(SIBLING, "theirs"), SIBLING)
    async with working(writer):
        await until(lambda: queue_is_empty(writer))
    taken = [str(c.id) for c, each in zip(commands, acknowledged, strict=True) if "error" not in each]
    rows = await answers(writer)
    own = [row for row in rows if row["address"].startswith(HERE)]
    assert [row["command"] for row in own] == taken
    assert [row["answer"]["version"] for row in own] == list(range(1, QUEUED + 1))
    (sibling,) = [row for row in rows if row["address"].startswith(SIBLING)]
    assert sibling["at"] == rows[0]["at"], "the sibling, last in the queue, has its turn in the first transaction"


async def test_a_sibling_waits_for_the_turn_in_hand_while_another_node_never_stops(writer):
    stop, lone = asyncio.Event(), [adding(SIBLING, "theirs") for _ in range(8)]

    async def never_stop() -> None:
        while not stop.is_set():
            await flood(writer, [adding() for _ in range(300)])

    async with working(writer):
        flooding = asyncio.ensure_future(never_stop())
        for command in lone:
            await leave(writer, command, SIBLING)
            await until(lambda command=command: is_answered(writer, command))
        stop.set()
        await flooding
        await until(lambda: queue_is_empty(writer))
    transactions = sorted({row["at"] for row in await answers(writer)})
    for row in await answers(writer, *(command.id for command in lone)):
        sent = await writer.pool.fetchval("select sent_at from command_answered where id = $1", row["command"])
        assert sum(sent < at <= row["at"] for at in transactions) <= 3
    assert len(transactions) > len(lone)


async def is_answered(service, command) -> bool:
    return bool(await answers(service, command.id))


async def test_a_node_whose_commands_all_fail_makes_only_itself_wait(house):
    settings = house.settings.model_copy(update={"patience": (0, 0.05, 0.05)})
    writer = await house.service("toy", toy, settings=settings)
    await flood(writer, [adding(by=13) for _ in range(20)])
    good = [adding(SIBLING, "theirs") for _ in range(QUEUED)]
    await flood(writer, good, SIBLING)
    async with working(writer):
        await until(lambda: queue_is_empty(writer))
    rows = await answers(writer)
    assert Counter(codes(rows)) == {"done": QUEUED, "failed": 20}
    last = max(n for n, row in enumerate(rows) if row["answer"]["ok"])
    assert codes(rows)[:last].count("failed") <= 1, "the sibling is through before the second failure"


async def test_the_queue_takes_no_more_than_its_bytes(writer):
    info = await writer.nc.jetstream().stream_info(COMMAND_STREAM)
    small = info.config.evolve(max_bytes=10_000)
    await writer.nc.jetstream().update_stream(small)
    acknowledged = await flood(writer, [adding(thing="x" * 1_000) for _ in range(20)])
    assert {each["error"]["description"] for each in acknowledged if "error" in each} == {"maximum bytes exceeded"}
    with pytest.raises(APIError, match="message size exceeds maximum allowed"):
        await leave(writer, b"x" * 65_537)


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.booleans(), st.booleans()), max_size=300), st.randoms())
def test_every_turn_has_a_share_of_every_node_and_keeps_its_order(sent, random):
    """Whatever comes when and whatever fails: nothing is lost or doubled, no node waits for a turn of another."""
    queue, done, step = FairQueue({toy.Add}), defaultdict(list), 0
    sent = [message(n, node, kind, fails) for n, (node, kind, fails) in enumerate(sent)]
    arriving = list(sent)
    while arriving or queue.nodes:
        for _ in range(random.randrange(200)):
            if arriving:
                queue.add(arriving.pop(0))
        waiting, step = set(queue.nodes), step + 1
        turn = queue.turn(step)
        served = [command for group in turn for command in group]
        assert {command.node for command in served} == waiting and len(served) <= LARGEST
        for group in turn:
            if any(command.fails for command in group) and not (len(group) == 1 and random.random() < 0.5):
                queue.put_back(group)
            else:
                queue.done(group)
                for command in group:
                    done[command.node].append(command)
    assert dict(done) == {node: [c for c in sent if c.node == node] for node in {c.node for c in sent}}
    assert not queue.held


def message(sequence: int, node: Node, is_add: bool, fails: bool) -> QueuedCommand:
    body = b'{"id": "00000000-0000-0000-0000-%012d"}' % (sequence // 2)
    command = QueuedCommand(toy.Add if is_add else toy.Count, node, Message("", "", "", "", body, sequence=sequence))
    command.fails = fails
    return command


def test_a_message_delivered_again_while_it_waits_is_taken_once():
    queue = FairQueue({toy.Add})
    for _ in range(2):
        queue.add(message(7, "a", True, False))
    assert [len(group) for group in queue.turn(0)] == [1]


def test_a_turn_is_one_batch_shared_by_all_who_wait():
    queue = FairQueue({toy.Add})
    for n in range(300):
        queue.add(message(2 * n, "abc"[n % 3], True, False))
    (turn,) = queue.turn(0)
    assert Counter(command.node for command in turn) == dict.fromkeys("abc", LARGEST // 3)
