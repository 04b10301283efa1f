"""Full-text search."""

from pydantic import AwareDatetime, Field

from ..offices import Reader
from ..values import Frozen
from .query import Query


class SearchFor(Query):
    """One box over tasks, notices and reports. R11: filtered by audience before anything is counted."""

    type = "search.search"
    text: str = Field(default="", max_length=400)
    reader: Reader
    kinds: tuple[str, ...] = ()
    board: str = ""
    light: str = ""
    limit: int = Field(default=20, ge=1, le=100)
    offset: int = Field(default=0, ge=0, le=10_000)


class Segment(Frozen):
    """A piece of text; `hit` where it matched."""

    text: str
    hit: bool = False


class Hit(Frozen):
    """One thing found."""

    id: str
    kind: str
    url: str
    number: str = ""
    title: tuple[Segment, ...]
    snippet: tuple[Segment, ...] = ()
    units: tuple[str, ...] = ()
    light: str = ""
    board: str = ""
    status: str = ""
    time: AwareDatetime | None = None


class SearchResult(Frozen):
    """What was found, out of what the reader may see."""

    total: int
    hits: tuple[Hit, ...]
    facets: dict[str, dict[str, int]] = {}
    relaxed: bool = Field(default=False, description="Nothing matched all words, so some were let go.")
    took_ms: float = 0
