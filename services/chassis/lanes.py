"""The lane of an event: what people do now overtakes what an import says."""

from collections.abc import Mapping
from contextvars import ContextVar
from enum import IntEnum


class Lane(IntEnum):
    """`BULK` gives way: an import, and what any service emits because of it."""

    URGENT = 0
    BULK = 1

    @property
    def label(self) -> str:
        """As it stands in a header, in metrics and in health."""
        return self.name.lower()


LANE: ContextVar[Lane] = ContextVar("lane", default=Lane.URGENT)
"""The lane of the event in hand, and so of what is emitted because of it."""
HEADER = "duban-lane"


def lane_header(lane: int) -> dict[str, str]:
    """The header of an event in the bulk lane; without one it is urgent."""
    return {HEADER: Lane.BULK.label} if lane == Lane.BULK else {}


def lane_in(headers: Mapping[str, str]) -> Lane:
    """The lane that the headers of an event say."""
    return Lane.BULK if headers.get(HEADER) == Lane.BULK.label else Lane.URGENT
