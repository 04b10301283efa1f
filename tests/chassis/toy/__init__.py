"""A toy service: owns things, answers `toy.add`, says `thing.added`."""

from contracts.envelope import Command, Done, Event, Refused
from services.chassis import answers, applies


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


@answers(Add, durable=True)
async def add(command, db, now):
    """The thing grows; by nothing is refused."""
    if command.by == 13:
        raise RuntimeError("thirteen")
    if command.by <= 0:
        return Refused(code="nothing", message="by must be positive", pointer="/by"), ()
    row = await db.fetchrow("select total, version from thing where name = $1 for update", command.thing)
    total, version = (row["total"] + command.by, row["version"] + 1) if row else (command.by, 1)
    event = ThingAdded(
        time=now,
        aggregate=f"thing/{command.thing}",
        version=version,
        owner="14.00.00",
        address=command.actor.unit,
        thing=command.thing,
        total=total,
    )
    return Done(aggregate=event.aggregate, version=version), [event]


@applies(ThingAdded)
async def added(event, db):
    """The state follows."""
    await db.execute(
        "insert into thing values ($1, $2, $3) on conflict (name) do update set total = $2, version = $3",
        event.thing,
        event.total,
        event.version,
    )
