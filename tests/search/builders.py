"""Changes with only what a test cares about, and the units of a story as a reader's places."""

from typing import Any

from contracts.envelope import Event
from contracts.events.register import UnitRegistered
from contracts.offices import Reader
from services.search.domain.changes import changes_of
from services.search.domain.record import Change, Facts, UnitName
from tests.story import Story
from tests.story.province import OFFICE, register


def put(id: str, version: int, source: str = "", **facts: Any) -> Change:
    """A change by the thing's own source; `units` are names."""
    units = tuple(UnitName(name, name) for name in facts.pop("units", ()))
    return Change(id, source or id.partition("/")[0], version, Facts(**facts, units=units))


def titled(id: str, version: int, title: str) -> Change:
    """A change of a thing of which only the title matters, for `OFFICE`."""
    return put(id, version, title=title, audience=(OFFICE,))


def changes(*events: Event) -> list[Change]:
    """What these events change."""
    return [change for event in events for change in changes_of(event)]


def unit(address: str, *more: str, version: int = 1) -> UnitRegistered:
    """A unit as the register has it, with more aliases."""
    entry = register().units[address]
    entry = entry.model_copy(update={"aliases": (*entry.aliases, *more)})
    now = Story().now
    return UnitRegistered(
        time=now, aggregate=f"unit/{address}", version=version, owner="14.00.00", address=address, unit=entry
    )


def at(*places: str) -> Reader:
    """One who reads for these units."""
    return Reader(places=frozenset(places))
