"""The few questions one may ask over request/reply; they change nothing."""

from datetime import date
from typing import ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from contracts.envelope import RPC, Frozen


class Query(BaseModel):
    """A read-only question."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    type: ClassVar[str]

    @classmethod
    def subject(cls) -> str:
        """Request/reply: `duban.rpc.v1.<service>.<verb>`."""
        return f"{RPC}.{cls.type}"


class Scope(Frozen):
    """What the asker may see: all, or what concerns these units and regions."""

    all: bool = False
    units: tuple[str, ...] = ()
    regions: tuple[str, ...] = Field(default=(), description="Region prefixes such as `14.10`, with all below.")


class SearchFor(Query):
    """One box over tasks, notices and reports. R11: filtered by audience before anything is counted."""

    type = "search.search"
    text: str = Field(default="", max_length=400)
    scope: Scope
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


class Found(Frozen):
    """What was found, out of what the asker may see."""

    total: int
    hits: tuple[Hit, ...]
    facets: dict[str, dict[str, int]] = {}
    relaxed: bool = Field(default=False, description="Nothing matched all words, so some were let go.")
    took_ms: float = 0


class FindUnits(Query):
    """Units by any of their names, best first."""

    type = "tasks.find_units"
    text: str = Field(max_length=200)
    limit: int = Field(default=20, ge=1, le=100)


class FoundUnit(Frozen):
    """A unit on the register."""

    address: str
    name: str
    short: str
    level: str


class FoundUnits(Frozen):
    """Units, best first."""

    units: tuple[FoundUnit, ...]


class FindPosts(Query):
    """Posts by unit, title, holder or deputy."""

    type = "tasks.find_posts"
    text: str = Field(max_length=200)
    limit: int = Field(default=20, ge=1, le=100)


class FoundPost(Frozen):
    """A post on the register and who holds it."""

    unit: str
    title: str
    name: str
    deputy_name: str
    valid_from: date
    valid_to: date | None


class FoundPosts(Frozen):
    """Posts, by unit and title."""

    posts: tuple[FoundPost, ...]
