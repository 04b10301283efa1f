"""A toy reader: handles `thing.added`, keeps every version it handled, emits `echo.made`."""

from contracts.envelope import Event
from services.chassis import applies, on_event
from tests.chassis.toy import ThingAdded


class EchoMade(Event):
    type = "echo.made"
    thing: str
    total: int


@on_event(ThingAdded)
async def on_thing_added(event, db):
    """The second version of a thing called poison cannot be handled."""
    if event.thing == "poison" and event.version == 2:
        raise ValueError("poison")
    await db.execute("insert into handled (thing, version) values ($1, $2)", event.thing, event.version)
    return [
        EchoMade(
            time=event.time,
            aggregate=f"echo/{event.thing}",
            version=event.version,
            owner=event.owner,
            address=event.address,
            thing=event.thing,
            total=event.total,
        )
    ]


@applies(EchoMade)
async def on_echo_made(event, db):
    await db.execute(
        "insert into echo values ($1, $2) on conflict (thing) do update set total = $2", event.thing, event.total
    )
