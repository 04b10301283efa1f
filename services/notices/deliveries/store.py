"""The last state of each delivery."""

from collections.abc import Iterable
from uuid import UUID

from asyncpg import Connection

from contracts.delivery import Delivery

SAVE = """
insert into delivery (delivery_id, notice_id, delivery) select * from unnest($1::uuid[], $2::uuid[], $3::json[])
on conflict (delivery_id) do update set delivery = excluded.delivery
"""
ONE = "select delivery::text from delivery where delivery_id = $1 for update"
OF_NOTICE = "select delivery::text from delivery where notice_id = $1 order by delivery_id for update"


async def save(db: Connection, deliveries: Iterable[Delivery]) -> None:
    """The last states."""
    each = list(deliveries)
    states = [delivery.model_dump_json() for delivery in each]
    await db.execute(SAVE, [delivery.delivery_id for delivery in each], [d.notice_id for d in each], states)


async def delivery(db: Connection, delivery_id: UUID) -> Delivery | None:
    """One delivery, locked."""
    state = await db.fetchval(ONE, delivery_id)
    return Delivery.model_validate_json(state) if state else None


async def of_notice(db: Connection, notice_id: UUID) -> list[Delivery]:
    """Every delivery of a document, locked."""
    return [Delivery.model_validate_json(row["delivery"]) for row in await db.fetch(OF_NOTICE, notice_id)]
