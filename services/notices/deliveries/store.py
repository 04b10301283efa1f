"""The last state of each delivery."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from asyncpg import Connection

from contracts.delivery import Delivery
from contracts.register import Unit, offices_by_region, offices_over
from contracts.units import UnitAddress

SAVE = """
insert into delivery (delivery_id, notice_id, delivery) select * from unnest($1::uuid[], $2::uuid[], $3::json[])
on conflict (delivery_id) do update set delivery = excluded.delivery
"""
ONE = "select delivery::text from delivery where delivery_id = $1 for update"
OFFICES = "select unit::text from unit where supervises = 'region' order by address"
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


async def overseers(db: Connection, units: Iterable[UnitAddress]) -> Mapping[UnitAddress, tuple[UnitAddress, ...]]:
    """The offices over each of these units, as the register has them now."""
    offices = offices_by_region(Unit.model_validate_json(row["unit"]) for row in await db.fetch(OFFICES))
    return {unit: offices_over(unit, offices) for unit in units}
