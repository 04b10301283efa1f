"""A stream that was made anew is filled again from the logs, before anything new is published."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import takewhile

import structlog
from asyncpg import Connection, Record
from nats.aio.msg import Msg

from services.chassis import db
from services.chassis.backlog import PLAN
from services.chassis.completeness import FILLED_STREAM, same_stream, stream_of
from services.chassis.lanes import Lane
from services.chassis.leading import take_over
from services.chassis.publishing import publish
from services.chassis.service import Service

logger = structlog.get_logger(__name__)

LOG = f"""
select seq, id::text, type, aggregate, version, subject, body, time, trace, at, {int(Lane.BULK)} as lane
from outbox where seq > $1 and ($2::timestamptz is null or at >= $2)
    and not exists (select from pending where lane = 0 and pending.seq = outbox.seq)
    and not exists (select from pending where lane = 1 and pending.seq = outbox.seq)
order by seq limit $3
"""
COUNT = """
select count(*) from outbox where ($1::timestamptz is null or at >= $1)
    and not exists (select from pending where lane = 0 and pending.seq = outbox.seq)
    and not exists (select from pending where lane = 1 and pending.seq = outbox.seq)
"""
FILLED = "select at from mark where name = $1"
MARK_FILLED = "insert into mark (name, at) values ($1, $2) on conflict (name) do update set at = excluded.at"
TROUBLE = "refill"
GRACE, SILENCE, WAIT = 4.0, 12.0, 0.1
"""Seconds: until every service that fills has noticed and said so, longer than a relay looks away and reconnects;
until a silent one is left out; between two looks."""

Report = Callable[[int, int], None]


async def refill_if_new(held: Connection, service: Service) -> datetime:
    """Fill the stream where it is not the one this log was published into; its creation."""
    created = (await stream_of(service)).created
    if await held.fetchval(FILLED, FILLED_STREAM) != created:
        await refill(held, service, report=lambda done, total: report(service, done, total))
        await same_stream(service, created)
        await held.execute(MARK_FILLED, FILLED_STREAM, created)
        service.clear_trouble(TROUBLE)
    return created


async def republish(service: Service, since: datetime | None, report: Report) -> int:
    """The same by hand, in place of the running relay; returns how many. Raises StillRunning."""
    async with db.connected(service) as held:
        await take_over(service, held, ["relay"])
        await held.execute(PLAN)
        created = (await stream_of(service)).created
        count = await refill(held, service, report, since)
        await same_stream(service, created)
        if since is None:
            await held.execute(MARK_FILLED, FILLED_STREAM, created)
        return count


def report(service: Service, done: int, total: int) -> None:
    """Health is red as long as it takes."""
    service.report_trouble(TROUBLE, f"事件流是新建的，正在从发件箱补发：{done}/{total}")


async def refill(held: Connection, service: Service, report: Report, since: datetime | None = None) -> int:
    """Publish what was published before, in order, as far as the other services that fill are; returns how many.

    A consequence stands in another log than its cause, with a later time: so no event overtakes its cause.
    """
    if not (total := await held.fetchval(COUNT, since)):
        return 0
    logger.warning("fills the stream from the log", service=service.name, events=total)
    done, seq = 0, 0
    async with filling(service) as peers:
        rows = await held.fetch(LOG, seq, since, service.settings.batch)
        await peers.announce(rows[0]["at"])
        await asyncio.sleep(GRACE)
        while rows:
            ready = peers.ready(rows)
            if ready:
                await publish(service, ready)
                done, seq = done + len(ready), ready[-1]["seq"]
                rows = rows[len(ready) :] or await held.fetch(LOG, seq, since, service.settings.batch)
            else:
                await peers.changed()
            report(done, total)
            if rows:
                await peers.announce(rows[0]["at"])
    return done


class Peers:
    """The services that fill the same stream, and the time of the next event of each."""

    def __init__(self, service: Service) -> None:
        self.service, self.subject = service, f"duban.refill.{service.name}"
        self.next: dict[str, tuple[datetime, float]] = {}
        self.news = asyncio.Event()

    async def receive(self, message: Msg) -> None:
        """The next time of another service; nothing, where it is through."""
        name = message.subject.rpartition(".")[2]
        if name != self.service.name:
            self.next.pop(name, None)
            if message.data:
                self.next[name] = datetime.fromisoformat(message.data.decode()), time.monotonic()
            self.news.set()

    async def announce(self, at: datetime | None) -> None:
        """Where this service is."""
        await self.service.nc.publish(self.subject, at.isoformat().encode() if at else b"")

    def ready(self, rows: Sequence[Record]) -> list[Record]:
        """The rows that come before every other service's next event."""
        alive = [at for at, news in self.next.values() if time.monotonic() - news < SILENCE]
        return list(takewhile(lambda row: not alive or row["at"] <= min(alive), rows))

    async def changed(self) -> None:
        """Until another service went on, a moment at most."""
        self.news.clear()
        try:
            async with asyncio.timeout(WAIT):
                await self.news.wait()
        except TimeoutError:
            return


@asynccontextmanager
async def filling(service: Service) -> AsyncIterator[Peers]:
    """This service fills, and hears who else does."""
    peers = Peers(service)
    subscription = await service.nc.subscribe("duban.refill.*", cb=peers.receive)
    try:
        yield peers
        await peers.announce(None)  # one that dies half-way falls silent, and the others wait for its return a while
    finally:
        if not service.nc.is_closed:
            await subscription.unsubscribe()
