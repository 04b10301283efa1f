"""A whole county system with the package: it acknowledges what it is assigned, and prints every event and answer.

pip install './contracts[county]'
python examples/county_python.py var/bundles/14.10.02 zhang 张某
"""

import asyncio
import sys

from duban_contracts.county import County


async def main(bundle: str, clerk: str, responsible: str) -> None:
    async with County(bundle, handled="handled.db") as county:
        async for event in county.events():  # from where it last stopped, each once; what it cannot read is counted
            print(event.aggregate, event.version, event.type, flush=True)
            if event.type == "assignment.issued" and event.assignment.unit == county.unit:
                part = event.assignment  # every event carries the assignment as it now stands
                print(part.number, part.title, part.due, flush=True)
                await county.acknowledge(part.assignment_id, clerk, responsible_person=responsible)
            elif event.type == "command.answered":  # done, or refused with the field and the remedy
                print(event.answer, flush=True)


asyncio.run(main(*sys.argv[1:]))
