"""The same months replayed to an empty service, in another order, with repetitions: prints digests of the rankings.

`python -m tests.ranking.replay DSN NATS FIRST COUNT`: so that each run has a hash seed of its own.
"""

import asyncio
import random
import sys
import tempfile
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg

from contracts.envelope import Event
from contracts.terms import PeerGroup
from services.chassis import db, log
from services.chassis.app import CHASSIS
from services.chassis.handlers import gather
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.ranking import handlers
from services.ranking.facts.domain.period import Period, Window
from services.ranking.rankings import store
from services.ranking.schemes.domain import SCHEME
from tests.ranking.conftest import deliver
from tests.ranking.lives import lives
from tests.story import moment

STORY = lives(7, count=60)
MIGRATIONS = Path(str(handlers.__file__)).parent / "migrations"
MONTHS = [
    (Period(2026, 9), moment("2026-12-01 10:00")),
    (Period(2026, 10), moment("2026-12-01 10:00")),
    (Period(2026, 11), moment("2026-11-07 10:00")),
]


def shuffled(events: list[Event], dice: random.Random) -> list[Event]:
    """Every aggregate in its own order, else any; every fifth event a second time, some way later."""
    waiting: dict[str, list[Event]] = {}
    for event in events:
        waiting.setdefault(event.aggregate, []).append(event)
    order = [event.aggregate for event in events]
    dice.shuffle(order)
    mixed = [waiting[aggregate].pop(0) for aggregate in order]
    for event in dice.sample(mixed, len(mixed) // 5):
        mixed.insert(dice.randint(mixed.index(event), len(mixed)), event)
    return mixed


async def digests(service: Service) -> str:
    """Digests and ranks of three months and three groups, as one."""
    async with db.connected(service) as connection:
        results = [
            (await store.compute(connection, Window.of(*month), group, SCHEME))[0]
            for month in MONTHS
            for group in PeerGroup
        ]
    text = "\n".join(f"{result.digest} {[row.model_dump_json() for row in result.rows]}" for result in results)
    return sha256(text.encode()).hexdigest()


async def main(dsn: str, nats: str, first: int, count: int) -> None:
    """One digest a line; the database is the service's own and emptied before each."""
    log.setup("replay")
    with tempfile.TemporaryDirectory() as var:
        name, admin = f"replay_{uuid4().hex}", await asyncpg.connect(dsn)
        await admin.execute(f"create database {name}")
        own = urlsplit(dsn)._replace(path=f"/{name}").geturl()
        service = Service("ranking", Settings(pg_dsn=own, nats_url=nats, var=Path(var)), gather(handlers))
        await db.migrate(service, CHASSIS, MIGRATIONS)
        for seed in range(first * count, first * count + count):
            print(await replayed(service, random.Random(seed)), flush=True)
        await admin.execute(f"drop database {name} with (force)")
        await admin.close()


async def replayed(service: Service, dice: random.Random) -> str:
    """One replay, from nothing."""
    async with db.connected(service) as connection:
        await connection.execute("truncate inbox, evidence, overdue, urging, unit, calendar_day, edition")
    await deliver(service, shuffled(STORY.events, dice), dice)
    return await digests(service)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
