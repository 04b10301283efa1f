"""Where time turns lights: one loop over what is due, which never acts beyond what was heard."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from asyncpg import Connection

from contracts.envelope import Event
from contracts.units import everyone
from services.alerts import store
from services.alerts.domain import LightPolicy, Said, announced, in_order, passed
from services.chassis import on_tick
from services.chassis.service import Service

GRACE = timedelta(seconds=1)
"""How long an event may take from its command to the stream, and from there into the count of what waits.

nats-server acknowledges an event before its consumers count it: milliseconds later, under load.
"""

SILENT = 4
"""After so many thousand parts that had nothing to say, as after a revised calendar, their locks are let go."""


@on_tick
async def act(db: Connection, now: datetime, service: Service) -> Sequence[Event]:
    """What time alone brings to the parts that are due for a look; before all else, the policy they are judged by."""
    policy, node = LightPolicy(), service.settings.node
    known, waiting = await store.agenda(db, now - GRACE)
    if known < policy.version:
        return [announced(policy, now, node, everyone(node))]
    heard = await heard_until(service, now) if waiting else None
    return await turn(db, heard - GRACE) if heard else ()


async def turn(db: Connection, until: datetime) -> Sequence[Said]:
    """What time brings up to a moment: a thousand parts cost as many statements as one, and replicas never meet."""
    rules = await store.rules(db)
    for _ in range(SILENT):
        tasks = await store.free_tasks(db, until, rules)
        done = [passed(task, until, rules) for task in tasks]
        await store.remind(db, [part for task, _ in done for part in task.parts.values()])
        said = in_order(word for _, words in done for word in words)
        if said or not tasks:
            return said
    return ()


async def heard_until(service: Service, now: datetime) -> datetime | None:
    """`now` where no event waits, else the time of the last one heard; None where none was.

    A report sent before its clock ran out may still wait in the stream, after a restart or under load.
    """
    js, stream = service.nc.jetstream(), service.settings.stream
    info = await js.consumer_info(stream, service.name)
    if not info.num_pending and not info.num_ack_pending:
        return now
    if not info.ack_floor or not info.ack_floor.stream_seq:
        return None
    last = await js.get_msg(stream, info.ack_floor.stream_seq)
    return min(now, datetime.fromisoformat((last.headers or {})["ce-time"]))
