"""A county system that acknowledges each new assignment once, whatever happens, and passes `duban conform`.

pip install './contracts[county]'
duban conform -- python examples/county_conform.py
"""

import asyncio
import sqlite3
import sys
from pathlib import Path
from uuid import UUID, uuid4

from duban_contracts.commands.assignment import Acknowledge
from duban_contracts.county import County
from duban_contracts.envelope import Actor, ActorRole


async def main(bundle: Path) -> None:
    memory = sqlite3.connect(bundle / "decisions.db", isolation_level=None)  # each statement is on disk when it is done
    memory.execute(
        "create table if not exists decision (assignment text primary key, command text, sent int default 0)"
    )
    async with County(bundle) as county:
        async for event in county.events():
            if event.type == "assignment.issued":
                await acknowledge(county, memory, event.assignment.assignment_id, event.assignment.unit)


async def acknowledge(county: County, memory: sqlite3.Connection, assignment: UUID, unit: str) -> None:
    """In the unit's name. The id of the command is on disk before it is sent: after a crash it goes out again."""
    memory.execute(
        "insert or ignore into decision (assignment, command) values (?, ?)", (str(assignment), str(uuid4()))
    )
    query = "select command, sent from decision where assignment = ?"
    command, sent = memory.execute(query, (str(assignment),)).fetchone()
    if not sent:
        actor = Actor(person="zhang", unit=unit, roles=(ActorRole.UNIT_CLERK,))
        await county.send(Acknowledge(id=command, actor=actor, assignment_id=assignment, responsible_person="张某"))
        memory.execute("update decision set sent = 1 where assignment = ?", (str(assignment),))


asyncio.run(main(Path(sys.argv[1])))
