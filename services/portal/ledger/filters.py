"""What a reader asked of the ledger, read from the address bar: nothing it says can fail, it can only mean less."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from contracts.terms import Board, Light, Role, TaskState
from contracts.workdays import ZONE
from services.portal.web.i18n import gettext as _

DUE = ("overdue", "today", "week", "month", "none")
VIEWS = ("mine", "lead", "responsible", "unacknowledged", "due_soon")
SORTS = ("urgent", "due", "new")
ALLOWED = {
    "board": tuple(Board),
    "light": tuple(Light),
    "state": tuple(TaskState),
    "role": tuple(Role),
    "due": DUE,
    "view": VIEWS,
    "sort": SORTS,
}


@dataclass(frozen=True)
class Filters:
    """One view of the ledger; an empty field is no wish. `unit`: an address, a region prefix, or part of a name."""

    q: str = ""
    board: str = ""
    light: str = ""
    state: str = ""
    unit: str = ""
    role: str = ""
    due: str = ""
    view: str = ""
    sort: str = "urgent"

    def query(self, **changes: str) -> str:
        """The same view as a query string, with `changes`; the page starts over."""
        wanted = replace(self, **changes)
        given = {f.name: getattr(wanted, f.name) for f in fields(wanted) if getattr(wanted, f.name) != f.default}
        return urlencode(given)

    @property
    def wishes(self) -> int:
        """How many fields say something."""
        return sum(bool(getattr(self, f.name)) for f in fields(self) if f.name != "sort")


def read(given: Mapping[str, str]) -> Filters:
    """From a query string; a value outside its closed set is dropped, free text is trimmed and cut at 200."""
    found = {}
    for field in fields(Filters):
        value = given.get(field.name, "").replace("\0", "").strip()[:200]
        if value and value in ALLOWED.get(field.name, (value,)):
            found[field.name] = value
    return Filters(**found)


@dataclass(frozen=True)
class Span:
    """Due dates from `start` (included) to `end` (not included); `undated` asks for those without one."""

    start: datetime
    end: datetime
    undated: bool = False


def span(due: str, now: datetime) -> Span | None:
    """The due dates a wish means, in whole days of Asia/Shanghai; None for no wish."""
    day = now.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    ages = datetime(1900, 1, 1, tzinfo=ZONE)
    match due:
        case "overdue":
            return Span(ages, now)
        case "today":
            return Span(day, day + timedelta(days=1))
        case "week":
            return Span(day, day + timedelta(days=7))
        case "month":
            return Span(day, day + timedelta(days=31))
        case "none":
            return Span(ages, ages, undated=True)
    return None


class CursorInvalid(ValueError):
    """A cursor that this portal did not make."""


def sealed(*place: object) -> str:
    """An opaque cursor for the last row shown."""
    return base64.urlsafe_b64encode(json.dumps(place, default=str).encode()).decode().rstrip("=")


def opened(cursor: str, *kinds: Callable[[Any], Any]) -> list[Any]:
    """The place a cursor stands for, each value read as its kind. Raises CursorInvalid."""
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return [kind(value) for kind, value in zip(kinds, place, strict=True)]
    except (binascii.Error, ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        raise CursorInvalid(_("游标无效：请从第一页重新开始")) from None


def moment(text: str) -> datetime:
    """A moment with its zone. Raises ValueError."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("a moment without a zone")
    return found.astimezone(UTC)


def ordinal(number: int) -> int:
    """A number that a row can have. Raises ValueError."""
    if type(number) is not int or not 0 <= number < 2**62:
        raise ValueError("no row has this number")
    return number
