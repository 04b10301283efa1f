"""Receipts, and the last state of each delivery."""

from collections.abc import Sequence
from datetime import datetime

from asyncpg import Connection

from contracts.commands.notice import ReceiveNotice
from contracts.envelope import Done, Event
from contracts.events.delivery import DeliveryEvent
from contracts.refusals import Refused
from services.chassis import applies, on_command
from services.notices.deliveries import store
from services.notices.deliveries.domain import not_receivable, not_receiver, receive
from services.notices.ladder.store import escalations, rungs
from services.notices.refusals import Code, refuse, stale


@on_command(ReceiveNotice, durable=True)
async def receive_notice(
    command: ReceiveNotice, db: Connection, now: datetime
) -> tuple[Done | Refused, Sequence[Event]]:
    """A unit signs for a document."""
    delivery = await store.delivery(db, command.delivery_id)
    if delivery is None:
        return refuse(Code.NOT_FOUND, "没有这件送达文书", "/delivery_id"), ()
    no = not_receiver(command.actor, delivery) or stale(command, delivery.version) or not_receivable(delivery)
    if no:
        return no, ()
    over = await store.overseers(db, [delivery.unit])
    event = receive(delivery, over, command.actor.person, now)
    return Done(aggregate=event.aggregate, version=event.version, detail={"number": delivery.number}), [event]


@applies(DeliveryEvent, batch=True, latest=True)
async def store_deliveries(events: Sequence[DeliveryEvent], db: Connection) -> None:
    """The last states; a receipt answers a prompt."""
    last = {event.delivery.delivery_id: event.delivery for event in events}.values()
    await store.save(db, last)
    await escalations.evaluate(db, dict.fromkeys(await rungs.receive(db, last), ""))
