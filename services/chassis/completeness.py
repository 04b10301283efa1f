"""Is the stream whole? The writers' logs in this database say what must be in it."""

from datetime import datetime
from typing import NamedTuple

from asyncpg import Connection

from contracts.envelope import EVENT_STREAM
from services.chassis import bus
from services.chassis.service import Service

FILLED_STREAM = "stream"
"""The mark that says into which stream, by the moment of its creation, a service's whole log was published."""
LOGS = """
select table_schema from information_schema.tables where table_name = 'outbox' and table_schema <> 'public' order by 1
"""
LOG = """
select (select count(*) from {0}.outbox) - (select count(*) from {0}.pending) as published,
       (select at from {0}.mark where name = 'stream') as stands
"""


class NotComplete(RuntimeError):
    """The stream has lost events, or has not been filled again yet."""


class Stream(NamedTuple):
    """created: to the microsecond; first: the oldest event's place in it."""

    created: datetime
    first: int
    messages: int


async def stream_of(service: Service) -> Stream:
    """As the server has it now."""
    info = await bus.ask(service.nc, f"$JS.API.STREAM.INFO.{EVENT_STREAM}")
    return Stream(datetime.fromisoformat(info["created"]), info["state"]["first_seq"], info["state"]["messages"])


async def same_stream(service: Service, created: datetime) -> None:
    """Raises ConnectionError where the stream is another than the one that was filled: lead anew."""
    if (await stream_of(service)).created != created:
        raise ConnectionError("the stream was made anew")


async def prove_complete(service: Service, db: Connection) -> None:
    """From its first event, filled by every writer, with as many events as the logs say. Raises NotWhole."""
    names = [row["table_schema"] for row in await db.fetch(LOGS)]
    logs = {name: await db.fetchrow(LOG.format(name)) for name in names}
    stream, wanted = await stream_of(service), sum(log["published"] for log in logs.values())
    if stream.first > 1:
        raise NotComplete(f"事件流已不完整：最早的事件是第 {stream.first} 个")
    for name, log in logs.items():
        if log["published"] and log["stands"] != stream.created:
            raise NotComplete(f"事件流是新建的，{name} 还没有补发完")
    if stream.messages < wanted:
        raise NotComplete(f"事件流里只有 {stream.messages} 个事件，各服务已发布 {wanted} 个；请先执行 duban republish")
