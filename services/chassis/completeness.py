"""Is the stream whole? The writers' logs in this database say what must be in it."""

from datetime import datetime
from typing import NamedTuple

from asyncpg import Connection

from contracts.envelope import EVENT_STREAM
from services.chassis import bus, places
from services.chassis.places import Place
from services.chassis.service import Service

LOGS = """
select table_schema from information_schema.tables where table_name = 'outbox' and table_schema <> 'public' order by 1
"""
PUBLISHED = "select (select count(*) from {0}.outbox) - (select count(*) from {0}.pending)"
HAS_PUBLISHED = "select exists (select from {}.place where job = 'outbox')"
PLACE = """
select created, seq, id, low, sent_at from {}.place where job = 'outbox' and created = $1 order by seq desc limit 1
"""


class NotComplete(RuntimeError):
    """The stream has lost events, or has not been filled again yet."""


class Stream(NamedTuple):
    """created: to the microsecond; first, last: the places of its oldest and newest event."""

    created: datetime
    first: int
    last: int
    messages: int


async def stream_of(service: Service) -> Stream:
    """As the server has it now."""
    info = await bus.ask(service.nc, f"$JS.API.STREAM.INFO.{EVENT_STREAM}")
    state = info["state"]
    return Stream(datetime.fromisoformat(info["created"]), state["first_seq"], state["last_seq"], state["messages"])


async def same_stream(service: Service, place: Place) -> Stream:
    """Raises ConnectionError where it is another stream, or one that went back behind this place: lead anew."""
    stream = await stream_of(service)
    if stream.created != place.created or not await places.standing(service, [place]):
        raise ConnectionError("the stream was made anew, or brought back from an older copy")
    return stream


async def logs_in(db: Connection) -> list[str]:
    """The services whose logs are in this database."""
    return [row["table_schema"] for row in await db.fetch(LOGS)]


async def has_log_of(service: Service, db: Connection, name: str, created: datetime) -> bool:
    """Whether the stream made at `created` has what the service of that name published, to the end."""
    last = await db.fetchrow(PLACE.format(name), created)
    return last is not None and await places.standing(service, [Place(*last)]) is not None


async def behind(service: Service, db: Connection, created: datetime) -> set[str]:
    """The other services of this database that have published, and whose log the stream made at `created` lacks."""
    names = [name for name in await logs_in(db) if name != service.name]
    published = [name for name in names if await db.fetchval(HAS_PUBLISHED.format(name))]
    return {name for name in published if not await has_log_of(service, db, name, created)}


async def prove_complete(service: Service, db: Connection) -> None:
    """From its first event, as far as each writer published, as many as the logs say. Raises NotComplete.

    The logs are asked before the stream: who goes on publishing meanwhile makes it longer, never too short.
    """
    names = await logs_in(db)
    published = {name: await db.fetchval(PUBLISHED.format(name)) for name in names}
    stream, wanted = await stream_of(service), sum(published.values())
    if stream.first > 1:
        raise NotComplete(f"事件流已不完整：最早的事件是第 {stream.first} 个")
    for name in (name for name in names if published[name]):
        if not await has_log_of(service, db, name, stream.created):
            raise NotComplete(f"事件流是新建的，或丢了末尾，{name} 还没有补发完")
    if stream.messages < wanted:
        raise NotComplete(f"事件流里只有 {stream.messages} 个事件，各服务已发布 {wanted} 个；请先执行 duban republish")
