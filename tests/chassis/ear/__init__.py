"""A toy reader: hears `thing.added`, keeps every version it was told, says `echo.made`."""

from contracts.envelope import Event
from services.chassis import applies, on_event
from tests.chassis.toy import ThingAdded


class EchoMade(Event):
    """An echo."""

    type = "echo.made"
    thing: str
    heard: int


@on_event(ThingAdded)
async def listen(event, db):
    """Keep the version, and echo; a thing called poison cannot be heard."""
    if event.thing == "poison" and event.version == 2:
        raise ValueError("poison")
    await db.execute("insert into heard (thing, version) values ($1, $2)", event.thing, event.version)
    return [
        EchoMade(
            time=event.time,
            aggregate=f"echo/{event.thing}",
            version=event.version,
            owner=event.owner,
            address=event.address,
            thing=event.thing,
            heard=event.total,
        )
    ]


@applies(EchoMade)
async def echoed(event, db):
    """The last echo of each thing."""
    await db.execute(
        "insert into echo values ($1, $2) on conflict (thing) do update set heard = $2", event.thing, event.heard
    )
