"""What a service may forget: answers nobody asks for any more, and places no copy is as old as."""

from datetime import timedelta

from asyncpg import Connection

PORTAL_ANSWERS = timedelta(days=30)
"""A page or a client of the REST interface sends a command again within minutes."""
NODE_ANSWERS = timedelta(days=90)
"""From its last sending on: a node may be cut off for a season, then send again what it has no answer to.
A command sent again later is a new one."""
PLACES = timedelta(days=400)
"""A bus brought back from an older copy is filled from the first event."""
BATCH = 1_000
FORGET = """
with old_answers as (
    delete from command where ctid = any(array(
        select command.ctid from command left join command_answered last using (sender, id)
        where command.at < now() - case sender when '' then $1::interval else $2 end
            and coalesce(last.sent_at < now() - $2, true)
        limit $4
    )) returning 1
), old_sendings as (
    delete from command_answered where ctid = any(array(
        select ctid from command_answered where sent_at < now() - $2 limit $4
    )) returning 1
), old_places as (
    delete from place where hour < now() - $3::interval returning 1
)
select greatest((select count(*) from old_answers), (select count(*) from old_sendings))
"""


async def forget(db: Connection) -> bool:
    """A small batch of what is too old; whether there may be more."""
    return await db.fetchval(FORGET, PORTAL_ANSWERS, NODE_ANSWERS, PLACES, BATCH) == BATCH
