"""Full-text search."""

from pydantic import AwareDatetime, Field

from ..offices import Reader
from ..values import Frozen
from .query import Limit, Query, QueryText


class SearchFor(Query):
    """One box over tasks, notices and reports (搜索). R11: filtered by audience before anything is counted."""

    type = "search.search"
    text: QueryText = Field(default="", max_length=400)
    reader: Reader
    kinds: tuple[str, ...] = Field(default=(), description="`task`, `notice`, `report`; empty: all (类别).")
    board: str = Field(default="", description="Empty: all (板块).")
    light: str = Field(default="", description="Empty: all (四色预警).")
    limit: Limit = 20
    offset: int = Field(default=0, ge=0, le=10_000, description="How many to pass over (起始).")


class Segment(Frozen):
    """A piece of text (片段)."""

    text: str = Field(description="As it stands there (文字).")
    hit: bool = Field(default=False, description="It matched a word (命中).")


class Hit(Frozen):
    """One result (结果)."""

    id: str = Field(description="Of the task, notice or report (编号).")
    kind: str = Field(description="`task`, `notice`, `report` (类别).")
    url: str = Field(description="Path of its page (页面).")
    number: str = Field(default="", description="Of the task or document (序号或文号).")
    title: tuple[Segment, ...] = Field(description="In pieces (标题).")
    snippet: tuple[Segment, ...] = Field(default=(), description="Where it matched, in pieces (摘录).")
    units: tuple[str, ...] = Field(default=(), description="Names of the units concerned (单位).")
    light: str = Field(default="", description="Empty: none (四色预警).")
    board: str = Field(default="", description="Empty: none (板块).")
    status: str = Field(default="", description="Where it stands (状态).")
    time: AwareDatetime | None = Field(default=None, description="Of its last change, UTC (时间).")


class SearchResult(Frozen):
    """What matched, out of what the reader may see (搜索结果)."""

    total: int = Field(description="How many match (总数).")
    hits: tuple[Hit, ...] = Field(description="This page, best first (结果).")
    facets: dict[str, dict[str, int]] = Field(default={}, description="Counts by field and value (分类计数).")
    relaxed: bool = Field(default=False, description="Nothing matched all words, so some were let go (放宽).")
    took_ms: float = Field(default=0, description="Milliseconds (耗时).")
