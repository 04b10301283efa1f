"""Publishing the outbox in atomic batches, against nats-py's `publish_async` of the same messages."""

from datetime import UTC, datetime
from uuid import uuid4

from nats.js.client import JetStreamContext

from bench._lab import ROUNDS, Contest, run, service
from contracts.envelope import Event
from services.chassis import outbox
from services.chassis.handlers import Handlers
from services.chassis.service import Service

COUNT = 5_000


class Said(Event):
    """An event of ordinary size."""

    type = "bench.said"
    text: str = "郑太高铁沿线安全环境整治：水井封闭，本期完成量已经第三方核实。" * 8


def events(count: int = COUNT) -> list[Event]:
    """So many events of as many aggregates."""
    now, place = datetime.now(UTC), {"owner": "14.00.00", "address": "14.10.02.000.gov"}
    return [Said(time=now, aggregate=f"bench/{uuid4()}", version=1, **place) for _ in range(count)]


async def contest(lab: Contest) -> None:
    """Rows read once, published both ways; the marking is counted with ours."""
    async with room(lab.servers, "relay", handlers=Handlers()) as here:
        js = here.nc.jetstream(publish_async_max_pending=4_000)
        for _ in range(ROUNDS):
            await lab.round("publish_async", lambda: peer(js))
            async with here.pool.acquire() as db:
                await outbox.put(db, events())
            await lab.round("relay: atomic batches, marked in the log", lambda: ours(here))
    ours_cpu = lab.cpu_us("relay: atomic batches, marked in the log", "python", "nats")
    ratio = ours_cpu / lab.cpu_us("publish_async", "python", "nats")
    lab.report({"CPU of bus and client, ours / publish_async": (ratio, "≤ 0.6")})


async def peer(js: JetStreamContext) -> int:
    """Every message for itself, acknowledgements awaited at the end."""
    pending = [await js.publish_async(e.subject(), e.model_dump_json().encode(), headers=e.headers()) for e in events()]
    for acknowledgement in pending:
        await acknowledgement
    return COUNT


async def ours(here: Service) -> int:
    """What the relay does until nothing waits."""
    async with here.pool.acquire() as db:
        while rows := await db.fetch(outbox.WAITING, here.settings.batch):
            await outbox.publish(here, rows)
            await db.execute(outbox.MARK, [row["seq"] for row in rows])
    return COUNT


if __name__ == "__main__":
    run("relay", contest)
