"""A whole county system with nats-py alone: it acknowledges what it is assigned, and prints every event.

pip install 'nats-py[nkeys]'
python examples/county_nats.py var/bundles/14.10.02 zhang
"""

import asyncio
import json
import logging
import sys
from pathlib import Path

import nats

logging.getLogger("nats").setLevel(logging.CRITICAL)  # it writes a traceback for every retry
node = (own := json.loads(Path(sys.argv[1], "node.json").read_text()))["node"]
name, me = f"node-{node}".replace(".", "-"), {"person": sys.argv[2], "roles": ["unit_clerk"]}


async def main(handled: dict[str, int], nc: nats.NATS | None = None) -> None:
    while True:
        try:
            if nc is None or nc.is_closed:  # the file is read at each connection: keys are rotated
                nc = await nats.connect(own["servers"], user_credentials=f"{sys.argv[1]}/{own['credentials']}")
                events = await nc.jetstream(prefix="up.API").pull_subscribe_bind(name, "EVENTS")
            [message] = await events.fetch(1, timeout=3)
            event = json.loads(message.data)
            if event.get("version", 0) > handled.get(event.get("aggregate"), 0):  # else it came again
                print(event["aggregate"], event["version"], message.subject, flush=True)
                if ".assignment.issued." in message.subject and (it := event["assignment"]):
                    body = {"id": event["id"], "actor": me | {"unit": it["unit"]}, "assignment_id": it["assignment_id"]}
                    await nc.jetstream().publish(f"duban.cmd.v1.acknowledge.{node}", json.dumps(body).encode())
                handled[event["aggregate"]] = event["version"]
            await message.ack()  # only now the next one comes
        except (ValueError, AttributeError, LookupError, TypeError):  # it cannot be read: passed over
            await message.ack()
        except nats.errors.Error as error:
            if not isinstance(error, TimeoutError):  # nothing came
                print("waiting:", error, file=sys.stderr, flush=True)
                await asyncio.sleep(1)


asyncio.run(main({}))
