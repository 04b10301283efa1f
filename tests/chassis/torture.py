"""Writers who commit late, out of order or never, beside a relay that dies between the acknowledgement and ticking off.

On real PostgreSQL; the stream is a list. What is written of one order key belongs to two aggregates in turn.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from asyncpg import Connection, Record

from services.chassis import outbox
from services.chassis.backlog import PLAN, Backlog
from services.chassis.db import connected
from services.chassis.lanes import Lane
from services.chassis.service import Service

WRITERS, WHOLES = 24, 3_000
LARGE = 600
TABLE = """
create table whole (id integer primary key, version integer not null);
insert into whole select n, 0 from generate_series(1, 3000) n
"""
CHANGE = """
with locked as (select id from whole where id = any($1) order by id for update)
update whole set version = version + 1 from locked where whole.id = locked.id returning whole.id, version
"""


class Cursor(Backlog):
    """A planted mistake: the low marks follow what was published."""

    async def done(self, rows: Sequence[Record], last: int = 0) -> None:
        await super().done(rows, last)
        for lane in Lane:
            self.low[lane] = max([self.low[lane], *(row["seq"] + 1 for row in rows if row["lane"] == lane)])


class Unpulled(Backlog):
    """A planted mistake: an urgent event leaves behind what waits in bulk before it."""

    async def take(self, batch: int, allowance: int) -> list[Record]:
        rows = await super().take(batch, allowance)
        self.after = self.low
        return [row for row in rows if row["lane"] == Lane.URGENT] or rows


@dataclass
class Outcome:
    """Events written, never published, published before an earlier one of their key; and deaths of the relay."""

    written: int
    lost: int
    disordered: int
    deaths: int


async def torture(service: Service, rows: int, kind: type[Backlog] = Backlog, dies: float = 0.02) -> Outcome:
    """About so many rows, all published or lost."""
    async with AsyncExitStack() as open:
        sessions = [await open.enter_async_context(connected(service)) for _ in range(WRITERS + 1)]
        await sessions[0].execute(TABLE)
        share, ended = [rows], asyncio.Event()

        async def write() -> None:
            await asyncio.gather(*(writer(db, seed, share) for seed, db in enumerate(sessions[1:])))
            ended.set()

        _, (published, deaths) = await asyncio.gather(write(), relay(sessions[0], kind, ended, dies))
        written = {row["seq"]: row for row in await sessions[0].fetch("select seq, order_key, version from outbox")}
    seen, last, disordered = set[int](), Counter[str](), 0
    for seq in published:
        if seq not in seen:  # a repeat after a death has the same id, and the stream drops it
            seen.add(seq)
            key, version = written[seq]["order_key"], written[seq]["version"]
            disordered += version != last[key] + 1
            last[key] = version
    return Outcome(len(written), len(written.keys() - seen), disordered, deaths)


async def writer(db: Connection, seed: int, share: list[int]) -> None:
    """Transactions of 1 to 60 events, now and then of 600 in bulk, under the row locks of what they change."""
    dice = random.Random(seed)
    while share[0] > 0:
        size = LARGE if dice.random() < 0.01 else dice.randint(1, 60)
        share[0] -= size
        transaction = db.transaction()
        await transaction.start()
        rows = await db.fetch(CHANGE, dice.sample(range(1, WHOLES + 1), size))
        lane = Lane.BULK if size == LARGE or dice.random() < 0.5 else Lane.URGENT
        await db.execute(outbox.PUT, *columns(rows), lane)
        if dice.random() < 0.5:
            await asyncio.sleep(dice.random() * (0.4 if dice.random() < 0.1 else 0.02))
        await (transaction.rollback() if dice.random() < 0.07 else transaction.commit())


def columns(rows: Sequence[Record]) -> list[list[Any]]:
    """What `outbox.columns` makes of events, without the events."""
    now = datetime.now(UTC)
    each = [
        (uuid4(), "part.changed", f"part/{id}.{version % 2}", f"whole/{id}", version, "s", b"x" * 300, now, "")
        for id, version in rows
    ]
    return outbox.transposed(each, 9)


async def relay(db: Connection, kind: type[Backlog], ended: asyncio.Event, dies: float) -> tuple[list[int], int]:
    """Until the writers have ended and nothing waits; when it dies and what the bulk lane is allowed is chance."""
    dice, published, deaths, empty = random.Random(7), list[int](), 0, 0
    await db.execute(PLAN)
    backlog = kind(db)
    while empty < 3:
        rows = await backlog.take(500, 500 if ended.is_set() else dice.choice((500, 50, 0)))
        published += [row["seq"] for row in rows]
        if rows and (dice.random() < dies or (dies and not deaths)):  # once for certain, however few batches there are
            backlog, deaths = kind(db), deaths + 1
            continue
        await backlog.done(rows)
        if not rows:
            empty += ended.is_set()
            await asyncio.sleep(0.005)
    return published, deaths
