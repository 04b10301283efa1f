"""What waits in an outbox, in two lanes; to find the next events costs the same however many wait.

Rows of `outbox` are written once. What waits is a short row of `pending`, written by the same statement and deleted
after the stream has the event. Three conditions: events that share an order key are written one after the other (under
a row lock, or because one follows from the other), one relay at a time, and no writer lets go of the lock on `outbox`
before it commits (PostgreSQL's own rule).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from asyncpg import Connection, Record

from services.chassis import places
from services.chassis.lanes import Lane
from services.chassis.places import NOWHERE, OUTBOX, Place

PLAN = "set enable_seqscan = off; set enable_bitmapscan = off"
"""For the relay's own connection: the statistics may say that nothing waits, and each statement has one good plan."""
LAST = "select case when is_called then last_value else 0 end from outbox_seq"
WRITERS = """
select coalesce(array_agg(virtualtransaction), '{}') from pg_locks
where locktype = 'relation' and database = (select oid from pg_database where datname = current_database())
    and relation = 'outbox'::regclass and mode = 'RowExclusiveLock' and granted
    and pid is distinct from pg_backend_pid()
"""
# $1 rows at most, $2 $3 low marks of the lanes, $4 rows of the bulk lane at most; all in one snapshot
NEXT = """
with urgent as materialized (
    select seq, lane, order_key, at from pending where lane = 0 and seq >= $2 order by seq limit $1
), pulled as materialized (
    select older.seq, older.lane, older.at
    from (select order_key, max(seq) as last from urgent group by order_key) u
    cross join lateral (
        select seq, lane, at from pending where lane = 1 and order_key = u.order_key and seq < u.last offset 0
    ) older
), bulk as materialized (
    select seq, lane, at from pending
    where lane = 1 and seq >= $3 order by seq limit least($4, $1 - (select count(*) from urgent))
), chosen as materialized (
    select seq, lane, at from urgent union select seq, lane, at from pulled union select seq, lane, at from bulk
)
select c.seq, c.lane, o.id::text, o.type, o.aggregate, o.subject, o.body, o.time, o.trace,
    (select count(*) from bulk) as bulk_count, (select max(seq) from bulk) as bulk_to
from chosen c cross join lateral (select * from outbox o where o.seq = c.seq and o.at = c.at offset 0) o
order by c.seq
"""
DONE = f"with published as (delete from pending where lane = $7 and seq = any($8)) {places.KEEP}"


@dataclass
class Horizon:
    """`settled`: a row with this number or a smaller one is visible by now, or never will be.

    A writer takes the lock on `outbox` before its rows get their numbers, and lets go of it once its commit is visible.
    So the last number given out is settled as soon as all are gone who held the lock just after it was asked for.
    """

    settled: int = 0
    asked: int = 0
    writers: set[str] = field(default_factory=set)

    def look(self, last: int, writers: set[str]) -> None:
        """`last`: the last number given out; `writers`: who holds the lock, asked for after it."""
        self.writers &= writers
        if not self.writers:
            self.settled, self.asked, self.writers = self.asked, last, writers
        if not writers:
            self.settled = last


class Backlog:
    """The waiting events of one outbox, for the one relay that leads.

    bulk_waits: the bulk lane holds more than was taken last. The low marks live here alone: a new leader starts with
    the first row that waits. place: how far the stream has the log; it is kept by the statement that ticks off.
    """

    def __init__(self, db: Connection, place: Place = NOWHERE) -> None:
        self.db, self.place, self.horizon, self.bulk_waits = db, place, Horizon(), False
        self.low = {Lane.URGENT: 0, Lane.BULK: 0}
        self.after = self.low

    async def take(self, batch: int, allowance: int) -> list[Record]:
        """Up to `batch` events in the order they were written, at most `allowance` from the bulk lane; and whatever
        waits there that is older than an urgent one with the same order key.
        """
        last = await self.db.fetchval(LAST)
        self.horizon.look(last, set(await self.db.fetchval(WRITERS)))
        rows = await self.db.fetch(NEXT, batch, self.low[Lane.URGENT], self.low[Lane.BULK], allowance)
        self.after = self.advanced(rows, batch, allowance)
        return rows

    async def done(self, rows: Sequence[Record], last: int = 0) -> None:
        """The stream has what was taken, the last of it at place `last`; at an earlier one, if it had it already."""
        if last > self.place.seq:
            low = max(self.place.low, min(self.after.values()))
            self.place = Place(self.place.created, last, rows[-1]["id"], low)
        for lane in Lane:
            if seqs := [row["seq"] for row in rows if row["lane"] == lane]:
                await self.db.execute(DONE, OUTBOX, *self.place, lane, seqs)
        self.low = self.after

    def advanced(self, rows: Sequence[Record], batch: int, allowance: int) -> dict[Lane, int]:
        """A lane read to its end is empty up to the horizon, the other up to the last row read in order."""
        urgent = [row["seq"] for row in rows if row["lane"] == Lane.URGENT]
        bulk, bulk_to = (rows[0]["bulk_count"], rows[0]["bulk_to"] or 0) if rows else (0, 0)
        limit = min(allowance, batch - len(urgent))
        if limit:
            self.bulk_waits = bulk == limit
        ends = {
            Lane.URGENT: urgent[-1] if len(urgent) == batch else self.horizon.settled,
            Lane.BULK: bulk_to if bulk == limit else self.horizon.settled,
        }
        return {lane: max(self.low[lane], min(end, self.horizon.settled) + 1) for lane, end in ends.items()}


async def backlog_of(db: Connection) -> Backlog:
    """The backlog as the relay's own connection sees it."""
    await db.execute(PLAN)
    return Backlog(db)
