"""What the portal itself was asked to change, once for each Idempotency-Key; other services keep their own answers."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from asyncpg import Connection, Pool

from contracts.refusals import refuse
from services.portal.refusals import Code
from services.portal.web.problems import Refusal

KEPT = timedelta(days=3)
"""As long as an answer is repeated; the contract promises 48 hours."""
ONE_AT_A_TIME = "select pg_advisory_xact_lock(hashtextextended('portal.answered ' || $1::text, 0))"
STORED = "select request, answer from answered where command_id = $1"
STORE = "insert into answered (command_id, request, answer) values ($1, $2, $3)"
SWEEP = "delete from answered where at < now() - $1::interval"
REUSED = refuse(Code.ID_REUSED, "同一幂等键用于不同的请求，请换一个键", "/idempotency-key")

Change = Callable[[Connection], Awaitable[str]]


async def once(db: Pool, command_id: UUID, request: str, change: Change) -> str:
    """The answer of `change`, made in one transaction; of a request made before, its first answer. Raises Refusal.

    request: what is asked, in words that differ wherever the request does. A refused change leaves no answer.
    """
    digest = sha256(request.encode()).digest()
    async with db.acquire() as connection, connection.transaction():
        await connection.execute(ONE_AT_A_TIME, str(command_id))
        if row := await connection.fetchrow(STORED, command_id):
            if row["request"] != digest:
                raise Refusal(REUSED)
            return row["answer"]
        answer = await change(connection)
        await connection.execute(STORE, command_id, digest, answer)
        return answer


async def sweep(db: Connection | Pool) -> None:
    """Forget what nobody asks for any more."""
    await db.execute(SWEEP, KEPT)
