"""The schemes follow the policies this service publishes."""

from asyncpg import Connection

from contracts.events.register import PolicyPublished
from services.chassis import applies
from services.ranking.schemes import store


@applies(PolicyPublished)
async def on_policy_published(event: PolicyPublished, db: Connection) -> None:
    await store.save_scheme(db, event)
