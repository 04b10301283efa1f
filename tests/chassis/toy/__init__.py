"""A toy service: owns things, handles `toy.add`, emits `thing.added`."""

import os
import time
from pathlib import Path

from pydantic import BaseModel

from contracts.envelope import Command, Done, Event
from contracts.queries.query import Query
from contracts.refusals import Kind, Refused
from services.chassis import applies, on_command, on_query


class ThingAdded(Event):
    type = "thing.added"
    thing: str
    total: int


class Add(Command):
    type = "toy.add"
    thing: str
    by: int = 1


class Load(Command):
    type = "toy.load"
    things: tuple[str, ...]


class Count(Command):
    type = "toy.count"
    thing: str
    by: int = 1


class Ponder(Command):
    """Goes on once the file `go` is in `place`, where it leaves its process id."""

    type = "toy.ponder"
    thing: str
    place: str


class Total(Query):
    type = "toy.total"
    thing: str


class TotalIs(BaseModel):
    total: int


@on_command(Count, durable=True)
async def count(command, db, now):
    return Done(aggregate=f"thing/{command.thing}", version=await total_of(command.thing, db)), ()


@on_command(Ponder, own_process=True)
async def ponder(command, db, now):
    hold_up(Path(command.place))
    return decide(Add(actor=command.actor, thing=command.thing, by=7), 0, 0, now)


def hold_up(place: Path) -> None:
    """Nothing else runs on this loop meanwhile."""
    (place / "new").write_text(str(os.getpid()))
    (place / "new").rename(place / "pid")
    while not (place / "go").exists():
        time.sleep(0.01)


@on_query(Total)
async def total(query, db):
    return TotalIs(total=await total_of(query.thing, db))


async def total_of(thing, db):
    """A thing called lost takes the connection with it."""
    if thing == "lost":
        await db.execute("select pg_terminate_backend(pg_backend_pid())")
    if thing == "torn":
        raise FileNotFoundError("torn")
    return await db.fetchval("select coalesce((select total from thing where name = $1), 0)", thing)


@on_command(Load, bulk=True)
async def load(command, db, now):
    """Adds one to each of many things, which may be the same."""
    things, events = await locked(db, command.things), []
    for thing in command.things:
        events += decide(Add(actor=command.actor, thing=thing), *things[thing], now)[1]
        things[thing] = events[-1].total, events[-1].version
    return Done(aggregate=events[-1].aggregate, version=events[-1].version), events


async def locked(db, names):
    """Total and version of each."""
    things = {}
    for thing in sorted(set(names)):
        row = await db.fetchrow("select total, version from thing where name = $1 for update", thing)
        things[thing] = (row["total"], row["version"]) if row else (0, 0)
    return things


@on_command(Add, durable=True, batch=True)
async def add(commands, db, now):
    things, results = await locked(db, [command.thing for command in commands]), []
    for command in commands:
        results.append(decide(command, *things[command.thing], now))
        for event in results[-1][1]:
            things[event.thing] = event.total, event.version
    return results


def decide(command, total, version, now):
    """To add nothing is refused; to add 13 fails."""
    if command.by == 13:
        raise RuntimeError("thirteen")
    if command.by <= 0:
        return Refused(kind=Kind.INVALID, code="nothing", message="by must be positive", pointer="/by"), ()
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
async def on_thing_added(event, db):
    await db.execute(
        "insert into thing values ($1, $2, $3) on conflict (name) do update set total = $2, version = $3",
        event.thing,
        event.total,
        event.version,
    )
