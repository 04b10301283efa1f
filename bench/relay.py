"""Publishing the outbox in atomic batches, against nats-py's `publish_async` of the same messages."""

from uuid import uuid4

from nats.js.client import JetStreamContext

from bench._lab import ROUNDS, Contest, run, service
from contracts.envelope import Event
from services.chassis import outbox
from services.chassis.handlers import Handlers
from services.chassis.service import Service
from tests.story import Story

COUNT = 5_000
PEER, OURS = "publish_async", "relay: atomic batches, marked in the log"


def reports(count: int = COUNT) -> list[Event]:
    """So many reports as tasks emits them, each of an assignment of its own."""
    matter = Story("2026-09-18 10:00").register()
    matter.acknowledge()
    report = matter.report(40)[0]
    return [
        report.model_copy(update={"id": uuid4(), "aggregate": f"assignment/{uuid4()}", "version": 1})
        for _ in range(count)
    ]


async def contest(lab: Contest) -> None:
    """Rows read once, published both ways; the marking is counted with ours."""
    async with service(lab.servers, "relay", handlers=Handlers()) as here:
        js = here.nc.jetstream(publish_async_max_pending=4_000)
        for _ in range(ROUNDS):
            events = reports()
            await lab.round(PEER, lambda events=events: peer(js, events))
            async with here.pool.acquire() as db:
                await outbox.put(db, reports())
            await lab.round(OURS, lambda: ours(here))
    ratio = lab.cpu_us(OURS, "python", "nats") / lab.cpu_us(PEER, "python", "nats")
    lab.report({"CPU of bus and client, ours / publish_async": (ratio, "≤ 0.6")})


async def peer(js: JetStreamContext, events: list[Event]) -> int:
    """Every message for itself, acknowledgements awaited at the end."""
    pending = [await js.publish_async(e.subject(), e.model_dump_json().encode(), headers=e.headers()) for e in events]
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
