"""The milestones of the units' parts, as the ledger keeps them."""

from uuid import UUID

from asyncpg import Connection, Record

OF_PART = "select name, due, weight, reached_at from milestone where assignment_id = $1 order by due, name"


async def of_part(db: Connection, assignment_id: UUID) -> list[Record]:
    """The plan of one part, by due date."""
    return await db.fetch(OF_PART, assignment_id)
