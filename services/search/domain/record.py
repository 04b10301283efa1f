"""One searchable thing, kept by source with versions, so that changes in any order end in the same record."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, NamedTuple


class UnitName(NamedTuple):
    """A unit as a record names it; the register's other forms of it are looked up when the record is indexed."""

    address: str
    name: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What one source tells of a thing, or all of them together.

    text: what a person wrote. notes: short facts beside it. url: a path of the portal. forms: of a unit, every way of
    writing it. audience: the addresses that may see it; None where the source does not decide that.
    """

    kind: str = ""
    title: str = ""
    text: str = ""
    notes: str = ""
    number: str = ""
    units: tuple[UnitName, ...] = ()
    forms: tuple[str, ...] = ()
    board: str = ""
    status: str = ""
    light: str = ""
    time: datetime | None = None
    url: str = ""
    audience: tuple[str, ...] | None = None


NAMES = tuple(name.name for name in fields(Facts))


@dataclass(frozen=True, slots=True)
class Change:
    """What a source tells of the thing `id` at `version`.

    A source is one aggregate, or one part of it that changes by itself; two sources never tell the same fact, save
    units and audience, which are joined.
    """

    id: str
    source: str
    version: int
    facts: Facts


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far the stream was read: its creation (the epoch), the place of the last event, when the stream took it.

    In a stream brought back from an older copy something else stands there, or the same event, taken later.
    """

    epoch: str
    seq: int
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A thing (its id is an aggregate such as `task/…`): the last version and facts of each source."""

    id: str
    sources: Mapping[str, tuple[int, Facts]] = field(default_factory=dict)


def evolve(record: Record, change: Change) -> Record:
    """The record after a change: of each source the latest version stays. Nothing newer → the same object."""
    version, _ = record.sources.get(change.source, (0, None))
    if change.version <= version:
        return record
    return Record(record.id, {**record.sources, change.source: (change.version, change.facts)})


def merged(record: Record) -> Facts:
    """The facts of all sources, that with the title first; seen by those whom every source's audience holds."""
    ordered = sorted(record.sources.items(), key=lambda item: (not item[1][1].title, item[0]))
    sources = [facts for _, (_, facts) in ordered]
    whole: dict[str, Any] = {}
    for facts in sources:
        for name in NAMES:
            if value := getattr(facts, name):
                whole.setdefault(name, value)
    audiences = [facts.audience for facts in sources if facts.audience is not None]
    seen = (place for place in audiences[0] if all(place in other for other in audiences)) if audiences else ()
    units = dict.fromkeys(unit for facts in sources for unit in facts.units)
    return Facts(**whole | {"units": tuple(units), "audience": tuple(seen)})
