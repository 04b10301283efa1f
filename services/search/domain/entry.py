"""What is known of one searchable thing, field by field with versions, so that changes converge in any order."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypedDict, Unpack


@dataclass(frozen=True, slots=True)
class Entry:
    """One searchable thing. `id` is its aggregate (`task/…`), `units` are names, `url` a path of the portal,
    `audience` unit addresses or region prefixes, `gone` that it was deleted."""

    id: str
    kind: str = ""
    title: str = ""
    text: str = ""
    number: str = ""
    units: tuple[str, ...] = ()
    board: str = ""
    status: str = ""
    light: str = ""
    time: datetime | None = None
    url: str = ""
    audience: tuple[str, ...] = ()
    gone: bool = False


class Fields(TypedDict, total=False):
    """The fields one event sets."""

    kind: str
    title: str
    text: str
    number: str
    units: tuple[str, ...]
    board: str
    status: str
    light: str
    time: datetime
    url: str
    audience: tuple[str, ...]
    gone: bool


@dataclass(frozen=True, slots=True)
class Change:
    """Fields of one entry as an event of `version` says them. Each field is said by one aggregate only (the light of
    a task by its `light/…`, all else by `task/…`), so that versions of one field can be compared."""

    id: str
    version: int
    fields: Fields


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far the stream was read: the creation of the stream (its epoch) and the sequence in it."""

    epoch: str
    seq: int


@dataclass(frozen=True, slots=True)
class Known:
    """An entry and the version that last set each of its fields."""

    entry: Entry
    versions: Mapping[str, int] = field(default_factory=dict)


def put(id: str, version: int, **fields: Unpack[Fields]) -> Change:
    """These fields are so since `version`."""
    return Change(id, version, fields)


def delete(id: str, version: int) -> Change:
    """Not to be found any more, until a later version gives it a title again."""
    return Change(id, version, {"gone": True})


def settle(known: Known, change: Change) -> Known:
    """What is known after a change: of each field the latest version stays. Nothing newer → the same object."""
    newer: dict[str, Any] = {
        name: value for name, value in change.fields.items() if change.version > known.versions.get(name, 0)
    }
    if not newer:
        return known
    return Known(replace(known.entry, **newer), {**known.versions, **dict.fromkeys(newer, change.version)})


def live(known: Known) -> bool:
    """Whether it can be found: it has a title, and was not deleted after it."""
    return known.versions.get("title", 0) > known.versions.get("gone", 0)
