"""Opaque cursors: the place of the last row shown."""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from asyncpg import Record

from services.portal.web.i18n import gettext as _

INFINITY = "9999-12-31T23:59:59.999999"
"""How the driver reads and writes an infinite moment: it has no zone. Rows without a due date have it as their key."""


@dataclass(frozen=True)
class Page:
    """Some rows of a list; `next` is the cursor of what follows, empty at the end."""

    rows: list[Record]
    next: str = ""


def cut(rows: list[Record], limit: int, when: str, id: str) -> Page:
    """A page of at most `limit` rows, of which one more was asked for; its place: that moment and that id."""
    if len(rows) <= limit:
        return Page(rows)
    last = rows[limit - 1]
    return Page(rows[:limit], sealed(last[when].isoformat(), last[id]))


class CursorInvalid(ValueError):
    """A cursor that this portal did not make."""


def sealed(*place: object) -> str:
    """A cursor for the last row shown."""
    return base64.urlsafe_b64encode(json.dumps(place, default=str).encode()).decode().rstrip("=")


def opened(cursor: str, *kinds: Callable[[Any], Any]) -> list[Any]:
    """The place a cursor stands for, each value read as its kind. Raises CursorInvalid."""
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return [kind(value) for kind, value in zip(kinds, place, strict=True)]
    except (binascii.Error, ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        raise CursorInvalid(_("游标无效：请从第一页重新开始")) from None


def moment(text: str) -> datetime:
    """A moment with its zone, or infinity. Raises ValueError."""
    read = datetime.fromisoformat(text)
    if text == INFINITY:
        return read
    if read.tzinfo is None:
        raise ValueError("a moment without a zone")
    return read.astimezone(UTC)


def ordinal(number: int) -> int:
    """A number that a row can have. Raises ValueError."""
    if type(number) is not int or not 0 <= number < 2**62:
        raise ValueError("no row has this number")
    return number
