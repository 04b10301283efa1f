"""Where time turns lights: one loop over what is due, which never acts beyond what was handled."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from asyncpg import Connection

from contracts.envelope import EVENT_STREAM, Event
from contracts.units import everyone
from services.alerts import store
from services.alerts.domain import Emitted, LightPolicy, decide_until, in_order, policy_published
from services.chassis import on_tick
from services.chassis.service import Service

GRACE = timedelta(seconds=1)
"""How long an event may take from its command to the stream, and from there into the count of what waits.

nats-server acknowledges an event before its consumers count it: milliseconds later, under load.
"""

SILENT = 4
"""After so many thousand assignments that emit nothing, as after a revised calendar, their locks are let go."""


@on_tick
async def pass_time(db: Connection, now: datetime, service: Service) -> Sequence[Event]:
    """What time alone brings to the assignments that are due; before all else, the policy they are judged by."""
    policy, node = LightPolicy(), service.settings.node
    published, waiting = await store.agenda(db, now - GRACE)
    if published < policy.version:
        return [policy_published(policy, now, node, everyone(node))]
    handled = await handled_until(service, now) if waiting else None
    return await turn_lights(db, handled - GRACE) if handled else ()


async def turn_lights(db: Connection, until: datetime) -> Sequence[Emitted]:
    """What time brings up to a moment: a thousand assignments cost as many statements as one; replicas never meet."""
    rules = await store.rules(db)
    for _ in range(SILENT):
        tasks, silent = await store.due(db, until, rules)
        decided = [decide_until(task, until, rules) for task in tasks]
        await store.save_schedule(db, [*silent, *(light for task, _ in decided for light in task.assignments.values())])
        if events := in_order(event for _, emitted in decided for event in emitted):
            return events
        if not silent:
            break
    return ()


async def handled_until(service: Service, now: datetime) -> datetime | None:
    """`now` where no event waits, else the time of the last one handled; None where none was.

    A report sent before its clock ran out may still wait in the stream, after a restart or under load.
    """
    js = service.nc.jetstream()
    info = await js.consumer_info(EVENT_STREAM, service.name)
    if not info.num_pending and not info.num_ack_pending:
        return now
    if not info.ack_floor or not info.ack_floor.stream_seq:
        return None
    last = await js.get_msg(EVENT_STREAM, info.ack_floor.stream_seq)
    return min(now, datetime.fromisoformat((last.headers or {})["ce-time"]))
