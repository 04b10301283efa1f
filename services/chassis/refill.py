"""What a stream has lost, all of it or its end, is published again from the logs, before anything new is."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from itertools import takewhile

import structlog
from asyncpg import Connection, Record
from nats.aio.client import Client
from nats.aio.msg import Msg

from services.chassis import db, places, unlogged
from services.chassis.backlog import PLAN
from services.chassis.completeness import behind, same_stream, stream_of
from services.chassis.lanes import Lane
from services.chassis.leading import take_over
from services.chassis.places import OUTBOX, Place
from services.chassis.publishing import line, publish
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
select count(*) from outbox where seq > $1 and ($2::timestamptz is null or at >= $2)
    and not exists (select from pending where lane = 0 and pending.seq = outbox.seq)
    and not exists (select from pending where lane = 1 and pending.seq = outbox.seq)
"""
TROUBLE = "refill"
NEW = "事件流是新建的"
SHORT = "事件流丢了末尾（总线恢复到了较早的副本，或断电丢失）"
OTHERS = "事件流丢失的部分，其他服务正在补发；待其完成，本服务再发布"
GRACE, SILENCE, WAIT, LATE = 4.0, 12.0, 0.1, 60.0
"""Seconds: until every service that fills has noticed and said so, longer than a relay looks away and reconnects;
until a silent one is left out; between two looks; until one is given up that has to fill as well and says nothing."""

Report = Callable[[int, int], None]


async def agree(held: Connection, service: Service, nc: Client) -> Place:
    """Log and stream agree: the place up to which the stream has the log; what it has lost is published again.

    All of it where none of the places kept is in this stream, else from the last that is. Raises ConnectionError where
    it is the log that has lost something, or the stream went back meanwhile. What was not published yet follows from
    what the others still publish again, and waits for them.
    """
    created = (await stream_of(service)).created
    kept = await places.kept(held, OUTBOX, created)
    place = await places.standing(service, kept) or Place(created)
    await unlogged.check(held, service, place)
    last = place
    if not kept or place != kept[0]:
        _, last = await refill(held, service, nc, partial(report, service, SHORT if kept else NEW), place)
        await filled(held, service, place, last)
    await follow(held, service, created)
    service.clear_trouble(TROUBLE)
    return last


async def republish(service: Service, since: datetime | None, report: Report) -> int:
    """The same by hand, in place of the running relay; returns how many. Raises StillRunning, ConnectionError."""
    async with db.connected(service) as held, await line(service) as nc:
        await take_over(service, held, ["relay"])
        await held.execute(PLAN)
        created = (await stream_of(service)).created
        place = await places.standing(service, await places.kept(held, OUTBOX, created)) or Place(created)
        await unlogged.check(held, service, place)
        count, last = await refill(held, service, nc, report, Place(created), since)
        if since is None:
            await filled(held, service, Place(created), last)
        return count


async def filled(held: Connection, service: Service, place: Place, last: Place) -> None:
    """From now on the stream is said to have the log up to `last`, and not what was published once after `place`."""
    await same_stream(service, last)
    async with held.transaction():
        await places.forget(held, OUTBOX, place)
        await places.keep(held, OUTBOX, last)


async def follow(held: Connection, service: Service, created: datetime) -> None:
    """Wait until the others have filled the stream made at `created`, or say nothing for too long."""
    if not await behind(service, held, created):
        return
    async with filling(service) as peers:
        while await peers.expected(held, created) or peers.alive():  # in this order: one may be heard of meanwhile
            service.report_trouble(TROUBLE, OTHERS)
            await peers.changed()


def report(service: Service, words: str, done: int, total: int) -> None:
    """Health is red as long as it takes."""
    service.report_trouble(TROUBLE, f"{words}，正在从发件箱补发：{done}/{total}")


async def refill(
    held: Connection, service: Service, nc: Client, report: Report, place: Place, since: datetime | None = None
) -> tuple[int, Place]:
    """Publish again what was published once and is not below the place's `low`; returns how many, and the new place.

    In order, as far as the other services that fill are: a consequence stands in another log than its cause, with a
    later time, so no event overtakes its cause. Who has to fill is seen in the database, where it is the same.
    """
    done, seq = 0, place.low - 1
    if not (total := await held.fetchval(COUNT, seq, since)):
        return 0, place
    logger.warning("fills the stream from the log", service=service.name, events=total)
    async with filling(service) as peers:
        rows = await held.fetch(LOG, seq, since, service.settings.batch)
        await peers.announce(rows[0]["at"])
        await asyncio.sleep(GRACE)
        while await peers.expected(held, place.created):
            report(done, total)
            await peers.announce(rows[0]["at"])
            await peers.changed()
        while rows:
            ready = peers.ready(rows)
            if ready:
                last = await publish(service, nc, ready)
                place = place._replace(seq=last, id=ready[-1]["id"], sent_at=None)
                done, seq = done + len(ready), ready[-1]["seq"]
                rows = rows[len(ready) :] or await held.fetch(LOG, seq, since, service.settings.batch)
            else:
                await peers.changed()
            report(done, total)
            if rows:
                await peers.announce(rows[0]["at"])
    return done, place


class Peers:
    """The services that fill the same stream, and the time of the next event of each."""

    def __init__(self, service: Service) -> None:
        self.service, self.subject = service, f"duban.refill.{service.name}"
        self.next: dict[str, tuple[datetime, float]] = {}
        self.news, self.began = asyncio.Event(), time.monotonic()

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

    async def expected(self, db: Connection, created: datetime) -> bool:
        """Whether another has to fill the stream made at `created` and has not said so yet, on a busy machine perhaps.

        One that is not there is not waited for for ever.
        """
        return time.monotonic() < self.began + LATE and bool(await behind(self.service, db, created) - self.next.keys())

    def ready(self, rows: Sequence[Record]) -> list[Record]:
        """The rows that come before every other service's next event."""
        alive = self.alive()
        return list(takewhile(lambda row: not alive or row["at"] <= min(alive), rows))

    def alive(self) -> list[datetime]:
        """The next event of each that still fills."""
        return [at for at, news in self.next.values() if time.monotonic() - news < SILENCE]

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
