"""A month told again to an empty service, in another order, with repetitions: prints the digests of its boards.

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
from services.ranking.domain.evidence import Window
from services.ranking.domain.period import Period
from services.ranking.domain.scheme import SCHEME

from contracts.envelope import Event
from contracts.terms import PeerGroup
from services.chassis import db, log
from services.chassis.app import CHASSIS
from services.chassis.handlers import gather
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.ranking import handlers, store
from tests.ranking.conftest import hear
from tests.ranking.story import adventure, at

STORY = adventure(7, parts=60)
MIGRATIONS = Path(str(handlers.__file__)).parent / "migrations"


def shuffled(events: list[Event], dice: random.Random) -> list[Event]:
    """Every aggregate in its own order, else any; every fifth event a second time, some way later."""
    waiting: dict[str, list[Event]] = {}
    for event in events:
        waiting.setdefault(event.aggregate, []).append(event)
    order = [event.aggregate for event in events]
    dice.shuffle(order)
    told = [waiting[aggregate].pop(0) for aggregate in order]
    for event in dice.sample(told, len(told) // 5):
        told.insert(dice.randint(told.index(event), len(told)), event)
    return told


async def digests(service: Service) -> str:
    """Digests and ranks of three months and three groups, as one."""
    months = [(Period(2026, 9), at(12, 1)), (Period(2026, 10), at(12, 1)), (Period(2026, 11), at(11, 7))]
    async with db.connected(service) as connection:
        boards = [
            (await store.board(connection, Window.of(*month), group, SCHEME))[0]
            for month in months
            for group in PeerGroup
        ]
    said = "\n".join(f"{board.digest} {[s.model_dump_json() for s in board.standings]}" for board in boards)
    return sha256(said.encode()).hexdigest()


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
        await connection.execute("truncate inbox, part, red, urging, void, unit, calendar_day, edition")
    await hear(service, shuffled(STORY.told, dice), dice)
    return await digests(service)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
