"""How long after its commit a county has an event: through its own account, beside a plain durable in the province's.

Both read the same events of the same stream at the same time, one by one, and acknowledge each: what the account with
its imports and the package cost is the difference.
"""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path
from uuid import uuid4

from nats.aio.client import Client

from bench._lab import Contest, run, service
from contracts.county import County
from contracts.envelope import EVENTS, Event
from services.chassis import outbox, relay
from services.chassis.db import connected as database
from services.chassis.handlers import Handlers
from services.chassis.service import Service
from services.nodes.bus import connected
from services.nodes.registrar import Registrar
from services.nodes.settings import Settings
from tests.story import Story
from tests.story.province import YAODU

NODE = "14.10.02"
COUNT, A_SECOND, WARM = 1_000, 50, 50
Times = dict[str, float]


def reports(count: int = COUNT + WARM) -> list[Event]:
    """So many reports of the county's, each of an assignment of its own."""
    matter = Story("2026-09-18 10:00").register(lead=YAODU)
    matter.acknowledge()
    report = matter.report(40)[0]
    return [
        report.model_copy(update={"id": uuid4(), "aggregate": f"assignment/{uuid4()}", "version": 1})
        for _ in range(count)
    ]


async def contest(lab: Contest) -> None:
    """The county and the plain reader side by side, while somebody reports fifty times a second."""
    committed, county, plain = Times(), Times(), Times()
    with tempfile.TemporaryDirectory(prefix="duban-bench-") as bundles:
        settings = Settings(
            keys=lab.servers.keys, bundles=Path(bundles), nats_url=lab.servers.nats_url,
            nats_credentials=lab.servers.nats_credentials,
        )  # fmt: skip
        registrar = Registrar(settings)
        async with service(lab.servers, "county", handlers=Handlers()) as here:
            async with connected(settings, registrar.authority) as bus:
                folder = await registrar.enrol(bus, NODE)
            readers = [asyncio.ensure_future(each) for each in (as_county(folder, county), as_plain(here.nc, plain))]
            await report(here, committed)
            async with asyncio.timeout(60):
                while not committed.keys() <= county.keys() & plain.keys():
                    await asyncio.sleep(0.05)
            for reader in readers:
                reader.cancel()
            await asyncio.gather(*readers, return_exceptions=True)
    lab.report(ratios(committed, county, plain))


async def as_county(folder: Path, arrived: Times) -> None:
    """The package, as a county runs it."""
    async with County(folder) as county:
        async for event in county.events():
            arrived.setdefault(str(event.id), time.perf_counter())


async def as_plain(nc: Client, arrived: Times) -> None:
    """nats-py alone over a durable of its own, inside the province's account."""
    subscription = await nc.jetstream().pull_subscribe(f"{EVENTS}.*.*.{NODE}.>", "plain")
    while True:
        try:
            [message] = await subscription.fetch(1, timeout=3)
        except TimeoutError:
            continue
        arrived.setdefault((message.headers or {})["ce-id"], time.perf_counter())
        await message.ack()


async def report(here: Service, committed: Times) -> None:
    """Each in a transaction of its own, published by the relay; the first ones are not counted."""
    async with database(here) as db:
        publishing = asyncio.ensure_future(relay.lead(db, here))
        for n, event in enumerate(reports()):
            async with here.pool.acquire() as connection:
                await outbox.put(connection, [event])
            if n >= WARM:
                committed[str(event.id)] = time.perf_counter()
            await outbox.poke(here)
            await asyncio.sleep(1 / A_SECOND)
        while len(committed) < COUNT:
            await asyncio.sleep(0.1)
        await asyncio.sleep(2)
        publishing.cancel()
        await asyncio.gather(publishing, return_exceptions=True)


def ratios(committed: Times, county: Times, plain: Times) -> dict[str, tuple[float, str]]:
    """Milliseconds from the commit, and what the county takes in times of the plain reader's."""
    percentiles = {}
    for name, arrived in (("county", county), ("raw JetStream", plain)):
        hundredths = statistics.quantiles([(arrived[id] - at) * 1_000 for id, at in committed.items()], n=100)
        percentiles[name] = hundredths[49], hundredths[98]
    measured = {
        f"commit to {name}, ms {part}": (value, "–")
        for name, both in percentiles.items()
        for part, value in zip(("p50", "p99"), both, strict=True)
    }
    (county50, county99), (plain50, plain99) = percentiles.values()
    return measured | {
        "county / raw, p50": (county50 / plain50, "≤ 1.5"),
        "county / raw, p99": (county99 / plain99, "≤ 1.5"),
    }


if __name__ == "__main__":
    run("county", contest)
