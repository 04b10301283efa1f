"""Publishing the outbox in atomic batches, against nats-py's `publish_async` of the same messages.

And what a backlog costs: an event while 500,000 others wait in bulk against one while nothing waits, and how long an
urgent one takes to a reader meanwhile. `python -m bench.relay 500000` sets the number.
"""

import asyncio
import statistics
import sys
import time
from uuid import uuid4

from nats.js.client import JetStreamContext

from bench._lab import ROUNDS, Contest, run, service
from contracts.envelope import EVENT_STREAM, EVENTS, Event
from contracts.events.assignment import AssignmentReported
from services.chassis import bus, outbox, relay
from services.chassis.backlog import Backlog, backlog_of
from services.chassis.db import connected
from services.chassis.handlers import Handlers
from services.chassis.lanes import LANE, Lane
from services.chassis.service import Service
from tests.story import Story

COUNT = 5_000
BACKLOG = int(sys.argv[1]) if len(sys.argv) > 1 else 500_000
PEER, OURS = "publish_async", "relay: atomic batches, ticked off in the log"
EMPTY, FULL = "relay, nothing else waits", f"relay, {BACKLOG:,} wait in bulk"
SECONDS, A_SECOND, READS = 15, 20, 1_500
"""How long people act, how often they do, and how many events a second the reader takes."""
FILL = """
with emitted as (
    insert into outbox (id, type, aggregate, order_key, version, subject, body, time, trace)
    select gen_random_uuid(), type, 'assignment/' || n, 'assignment/' || n, 1, subject, body, time, trace
    from (select * from outbox limit 1) one, generate_series(1, $1) n
    returning seq, order_key, at
)
insert into pending (seq, lane, order_key, at) select seq, 1, order_key, at from emitted
"""


class Acted(Event):
    """What somebody does."""

    type = "assignment.acted"


def reports(count: int = COUNT) -> list[Event]:
    """So many reports as tasks emits them, each of an assignment of its own."""
    matter = Story("2026-09-18 10:00").register()
    matter.acknowledge()
    report = matter.report(40)[0]
    assert isinstance(report, AssignmentReported)
    states = [report.assignment.model_copy(update={"task_id": uuid4()}) for _ in range(count)]
    return [
        report.model_copy(
            update={"id": uuid4(), "aggregate": f"assignment/{uuid4()}", "version": 1, "assignment": state}
        )
        for state in states
    ]


async def contest(lab: Contest) -> None:
    """Rows read once, published both ways; then with and without a backlog; the ticking off is counted with ours."""
    async with service(lab.servers, "relay", handlers=Handlers()) as here:
        js = here.nc.jetstream(publish_async_max_pending=4_000)
        async with connected(here) as db:
            backlog = await backlog_of(db)
            for _ in range(ROUNDS):
                events = reports()
                await lab.round(PEER, lambda events=events: peer(js, events))
                await outbox.put(db, reports())
                await lab.round(OURS, lambda: ours(here, backlog))
            async with service(lab.servers, "relay_full", handlers=Handlers()) as full:
                await compare(lab, here, backlog, full)
                waits = await urgent(full)
    ratio = lab.cpu_us(OURS, "python", "nats") / lab.cpu_us(PEER, "python", "nats")
    hundredths = statistics.quantiles(waits, n=100)
    wanted = f"urgent while {BACKLOG:,} wait, commit to reader"
    lab.report(
        {
            "CPU of bus and client, ours / publish_async": (ratio, "≤ 0.6"),
            "CPU of python and postgres, full / empty": (lab.paired(FULL, EMPTY, "python", "postgres"), "≤ 1.3"),
            "CPU of postgres, full / empty": (lab.paired(FULL, EMPTY, "postgres"), "≤ 1.3"),
            f"{wanted}, seconds p50": (hundredths[49], "≤ 1"),
            f"{wanted}, seconds p99": (hundredths[98], "≤ 1.5"),
        }
    )


async def peer(js: JetStreamContext, events: list[Event]) -> int:
    """Every message for itself, acknowledgements awaited at the end."""
    pending = [await js.publish_async(e.subject(), e.model_dump_json().encode(), headers=e.headers()) for e in events]
    for acknowledgement in pending:
        await acknowledgement
    return COUNT


async def ours(here: Service, backlog: Backlog) -> int:
    """What the relay does for so many events."""
    published = 0
    while published < COUNT:
        taken = await relay.publish_next(here, here.nc, backlog, allowance=here.settings.batch)
        assert taken, "the backlog is shorter than the rounds"
        published += taken
    return published


async def compare(lab: Contest, empty: Service, backlog: Backlog, full: Service) -> None:
    """The same number of bulk events, of those that wait alone and of a backlog that nobody has analysed."""
    async with connected(empty) as writer, connected(full) as db:
        LANE.set(Lane.BULK)
        await outbox.put(db, reports(1))
        await db.execute(FILL, BACKLOG)
        await db.execute("checkpoint")
        behind = await backlog_of(db)
        for _ in range(ROUNDS):
            await outbox.put(writer, reports())
            await lab.round(EMPTY, lambda: ours(empty, backlog))
            await lab.round(FULL, lambda: ours(full, behind))
        LANE.set(Lane.URGENT)


async def urgent(here: Service) -> list[float]:
    """Seconds from each commit to the reader that takes so many events a second."""
    committed: dict[str, float] = {}
    read: dict[str, float] = {}
    await bus.rewind(here, EVENT_STREAM, "reader", f"{EVENTS}.>", reader=True)
    caught_up = asyncio.Event()
    async with connected(here) as db:
        jobs = [asyncio.ensure_future(reading(here, read, caught_up))]
        await caught_up.wait()
        jobs.append(asyncio.ensure_future(relay.lead(db, here)))
        await people(here, committed)
        while len(read) < len(committed):
            await asyncio.sleep(0.1)
        for job in jobs:
            job.cancel()
        await asyncio.gather(*jobs, return_exceptions=True)
    return [read[id] - at for id, at in committed.items()]


async def reading(here: Service, read: dict[str, float], caught_up: asyncio.Event) -> None:
    """Everything; at its own speed what comes once it has caught up. Of one aggregate the older comes first."""
    bulk = set[str]()
    async with bus.reading(here, EVENT_STREAM, "reader") as fetch:
        while True:
            if not (messages := await fetch()):
                caught_up.set()
                continue
            if caught_up.is_set():
                await asyncio.sleep(len(messages) / READS)
            for message in messages:
                if message.lane is Lane.BULK:
                    bulk.add(message.aggregate)
                elif message.kind == Acted.type:
                    read[message.id] = time.perf_counter()
                    assert message.aggregate in bulk or "new" in message.aggregate, message.aggregate
            await messages[-1].acknowledge()


async def people(here: Service, committed: dict[str, float]) -> None:
    """Something new, and something done to the last of those that wait in bulk, in turn."""
    [like] = reports(1)
    for n in range(SECONDS * A_SECOND):
        aggregate = f"assignment/{BACKLOG - n}" if n % 2 else f"assignment/new{n}"
        event = Acted(time=like.time, aggregate=aggregate, version=2, owner=like.owner, address=like.address)
        async with here.pool.acquire() as db:
            await outbox.put(db, [event])
        committed[str(event.id)] = time.perf_counter()
        await outbox.poke(here)
        await asyncio.sleep(1 / A_SECOND)


if __name__ == "__main__":
    run("relay", contest)
