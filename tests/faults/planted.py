"""Damage in the tables of a Duban that was found well, so that the checks show that they see it."""

from collections.abc import Mapping, Sequence

import asyncpg

from tests.faults.checks import wrong
from tests.faults.facts import gathered
from tests.faults.load import Ledger, Received
from tests.stack import Stack

PLANTED = {
    "acknowledged but unknown": "delete from tasks.command where id = $1",
    "portal has not handled": "update portal.inbox set version = version - 1 where aggregate = $1",
    "effects lost": "delete from tasks.outbox where aggregate = $1 and version = 2",
    "queued but lost": "delete from tasks.command where id = $1 and sender <> ''",
}


async def planted(running: Stack, ledger: Ledger, received: Mapping[str, Sequence[Received]]) -> dict[str, int]:
    """What the checks say once some of what was found well is damaged in the tables."""
    keys = {ended.way: (key[1], ended.effects[0]) for key, ended in ledger.acknowledged.items()}
    db = await asyncpg.connect(running.env["DUBAN_PG_DSN"])
    for what, sql in PLANTED.items():
        id, aggregate = keys["queue" if what.startswith("queued") else "rest"]
        done = await db.execute(sql, aggregate if "aggregate" in sql else id)
        assert done.endswith(" 1"), f"{what}: {done}"
    await db.close()
    return wrong(ledger, await gathered(running, received))
