"""A toy service: owns things, answers `toy.add`, says `thing.added`."""

from contracts.envelope import Command, Done, Event
from contracts.refusals import Refused
from services.chassis import applies, on_command


class ThingAdded(Event):
    """A thing grew."""

    type = "thing.added"
    thing: str
    total: int


class Add(Command):
    """Let a thing grow."""

    type = "toy.add"
    thing: str
    by: int = 1


@on_command(Add, durable=True, batch=True)
async def add(commands, db, now):
    """Things grow; by nothing is refused."""
    known, answers = {}, []
    for thing in sorted({command.thing for command in commands}):
        row = await db.fetchrow("select total, version from thing where name = $1 for update", thing)
        known[thing] = (row["total"], row["version"]) if row else (0, 0)
    for command in commands:
        answers.append(grown(command, *known[command.thing], now))
        for event in answers[-1][1]:
            known[event.thing] = event.total, event.version
    return answers


def grown(command, total, version, now):
    """One thing grown by one command."""
    if command.by == 13:
        raise RuntimeError("thirteen")
    if command.by <= 0:
        return Refused(code="nothing", message="by must be positive", pointer="/by"), ()
    event = ThingAdded(
        time=now,
        aggregate=f"thing/{command.thing}",
        version=version + 1,
        owner="14.00.00",
        address=command.actor.unit,
        thing=command.thing,
        total=total + command.by,
    )
    return Done(aggregate=event.aggregate, version=event.version), [event]


@applies(ThingAdded)
async def added(event, db):
    """The state follows."""
    await db.execute(
        "insert into thing values ($1, $2, $3) on conflict (name) do update set total = $2, version = $3",
        event.thing,
        event.total,
        event.version,
    )
